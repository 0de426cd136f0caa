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
        StartupError::Stopped => StartupError::Stopped,
        StartupError::AlreadyStarting => StartupError::AlreadyStarting,
        StartupError::Stopping => StartupError::Stopping,
    }), @r"
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
    ");
}
