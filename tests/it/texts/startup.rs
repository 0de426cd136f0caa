//! Why a platform or its bridge does not start.

use std::{sync::Arc, time::Duration};

use nevernone_reference::{
    agents::AgentName,
    bridge::{Bridge, BridgeError},
    env::TokioEnv,
    manager::{Part, ProbeError},
    registry::{RegistryError, WiringError},
    startup::{Parts, Platform, Settings, StartupError, Step, obtain_manager},
};

use crate::support::{Outcome, Script, cell};

/// Three attempts, each with a cause of its own.
fn hopeless() -> Arc<Script> {
    Script::new([Outcome::Nothing, Outcome::Without(Part::Connections), Outcome::Error])
}

async fn exhausted() -> BridgeError {
    Bridge::new(TokioEnv::new(), cell(), hopeless()).initialize().await.unwrap_err()
}

fn refused(settings: Settings) -> StartupError {
    Platform::new(TokioEnv::new(), Parts { settings, ..Parts::standard(hopeless()) }).err().expect("refused")
}

#[tokio::test(start_paused = true)]
async fn of_a_bridge() {
    let exhausted = exhausted().await;
    insta::assert_snapshot!(texts_of!(BridgeError {
        BridgeError::Exhausted { .. } => exhausted,
        BridgeError::Degraded { .. } => BridgeError::Degraded { reason: ProbeError::Unreceived.to_string() },
    }), @r"
    BridgeError::Exhausted { .. }: no WebSocketManager after 3 attempts (attempt 1: the factory returned None in place of a WebSocket manager; check that it is wired to real parts; attempt 2: the WebSocket manager is incomplete: missing connections; its factory must supply every part, with limits above zero; attempt 3: the WebSocket manager could not be created: planned): agent events and real-time chat are unavailable; fix the last cause, then initialize the bridge again
    BridgeError::Degraded { .. }: the bridge is degraded (the self-test's receiver did not get the event that was sent: the manager confuses its connections or its numbers; start the platform again, and report it if that does not help): real-time events are unavailable; restart the platform if it stays so
    ");
}

#[tokio::test(start_paused = true)]
async fn of_a_startup() {
    let zero = Settings { start_deadline: Some(Duration::ZERO), ..Settings::default() };
    let exhausted = exhausted().await;
    let unavailable = obtain_manager(&TokioEnv::new(), &cell(), &*hopeless()).await.unwrap_err();
    insta::assert_snapshot!(texts_of!(StartupError {
        StartupError::Settings { .. } => refused(zero),
        StartupError::Parts(_) => RegistryError::Duplicate { agent: AgentName::Data }.into(),
        StartupError::SupervisorMissing => StartupError::SupervisorMissing,
        StartupError::ManagerUnavailable { .. } => unavailable,
        StartupError::Bridge(_) => exhausted.into(),
        StartupError::Wiring(_) => WiringError::NoManager { agents: 8 }.into(),
        StartupError::SelfTest { .. } =>
            StartupError::SelfTest { consumer: "tool dispatcher", source: ProbeError::Undetached },
        StartupError::DeadlineExceeded { .. } =>
            StartupError::DeadlineExceeded { after: Duration::from_secs(60), step: Step::Wiring },
        StartupError::Panicked { .. } =>
            StartupError::Panicked { step: Step::Wiring, message: "index out of bounds".to_owned() },
        StartupError::Stopped => StartupError::Stopped,
        StartupError::AlreadyStarting => StartupError::AlreadyStarting,
        StartupError::Stopping => StartupError::Stopping,
    }), @r"
    StartupError::Settings { .. }: the setting start_deadline makes no sense: zero leaves no time at all; give more, or None
    StartupError::Parts(_): the agents and tools do not fit together: agent data is registered twice: remove one of the two from the platform's parts
    StartupError::SupervisorMissing: the supervisor is missing: requests could not be run; create it before the platform starts
    StartupError::ManagerUnavailable { .. }: no WebSocketManager after 3 attempts (attempt 1: the factory returned None in place of a WebSocket manager; check that it is wired to real parts; attempt 2: the WebSocket manager is incomplete: missing connections; its factory must supply every part, with limits above zero; attempt 3: the WebSocket manager could not be created: planned): agent events and real-time chat would be lost; fix the last cause, then start again
    StartupError::Bridge(_): the bridge did not become active: no WebSocketManager after 3 attempts (attempt 1: the factory returned None in place of a WebSocket manager; check that it is wired to real parts; attempt 2: the WebSocket manager is incomplete: missing connections; its factory must supply every part, with limits above zero; attempt 3: the WebSocket manager could not be created: planned): agent events and real-time chat are unavailable; fix the last cause, then initialize the bridge again
    StartupError::Wiring(_): the agents were not wired: the WebSocketManager is None: without it agent events and real-time chat are lost for 8/8 agents; see the startup order, the manager must be created and validated before agents are wired
    StartupError::SelfTest { .. }: the self-test failed, tool dispatcher is wired to a manager that does not deliver: the self-test's receiver left and is still attached: connections that end are not given back, so that every limit fills up; start the platform again, and report it if that does not help
    StartupError::DeadlineExceeded { .. }: the start took longer than 60000 ms and was given up while at the agents' wiring: see what that step waits for
    StartupError::Panicked { .. }: the agents' wiring panicked: index out of bounds; this is a defect of what the platform was given, everything begun was undone
    StartupError::Stopped: the platform was stopped while it started: start it again if that was not meant
    StartupError::AlreadyStarting: the platform is starting already: wait for that start instead of a second one
    StartupError::Stopping: the platform is stopping: start it again once the stop has ended
    ");
}

#[test]
fn of_each_setting() {
    let zero = Some(Duration::ZERO);
    let nonsense = [
        Settings { attempt_deadline: zero, ..Settings::default() },
        Settings { start_deadline: zero, ..Settings::default() },
        Settings { health_every: zero, ..Settings::default() },
    ];
    let texts = nonsense.map(|settings| refused(settings).to_string());
    insta::assert_snapshot!(texts.join("\n"), @r"
    the setting attempt_deadline makes no sense: zero leaves no time at all; give more, or None
    the setting start_deadline makes no sense: zero leaves no time at all; give more, or None
    the setting health_every makes no sense: zero leaves no time at all; give more, or None
    ");
}
