//! What the incident's own platform refuses, in the words of whichever layer does.

use nevernone_reference::{bridge::BridgeError, legacy::Refusal, registry::WiringError, startup::StartupError};

#[test]
fn of_a_platform_with_some_of_the_layers() {
    insta::assert_snapshot!(texts_of!(Refusal {
        Refusal::Startup(_) => StartupError::SupervisorMissing.into(),
        Refusal::Bridge(_) => BridgeError::Degraded { reason: "the self-test failed".to_owned() }.into(),
        Refusal::Wiring(_) => WiringError::NoManager { agents: 8 }.into(),
        Refusal::NotStarted => Refusal::NotStarted,
    }), @r"
    Refusal::Startup(_): the supervisor is missing: requests could not be run; create it before the platform starts
    Refusal::Bridge(_): the bridge is degraded (the self-test failed): real-time events are unavailable; restart the platform if it stays so
    Refusal::Wiring(_): the WebSocketManager is None: without it agent events and real-time chat are lost for 8/8 agents; see the startup order, the manager must be created and validated before agents are wired
    Refusal::NotStarted: the platform has not started: start it, and send the request again
    ");
}
