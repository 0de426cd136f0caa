//! What one relies on when the bridge recovers: it tries, it tells, it is never stranded, and it does not lie.

use std::{error::Error, sync::Arc, time::Duration};

use nevernone_reference::{
    bridge::{Bridge, BridgeError, BridgeState},
    env::TokioEnv,
    manager::{ManagerCell, ManagerError, Part},
};
use tokio::time::{Instant, timeout};
use tracing_test::traced_test;

use crate::support::{Delayed, Outcome, Script, cell};

const SHORT: Duration = Duration::from_millis(10);

fn bridge(script: &Arc<Script>, cell: &Arc<ManagerCell>) -> Bridge<TokioEnv> {
    Bridge::new(TokioEnv::new(), Arc::clone(cell), script.clone())
}

fn bridge_with(outcomes: impl IntoIterator<Item = Outcome>) -> (Bridge<TokioEnv>, Arc<Script>) {
    let script = Script::new(outcomes);
    (bridge(&script, &cell()), script)
}

fn exhausted(error: BridgeError) -> Vec<ManagerError> {
    match error {
        BridgeError::Exhausted { attempts, .. } => attempts.iter().map(|attempt| attempt.cause.clone()).collect(),
        degraded @ BridgeError::Degraded { .. } => panic!("not exhausted: {degraded}"),
    }
}

#[tokio::test(start_paused = true)]
async fn an_active_bridge_answers_without_another_creation() {
    let (bridge, script) = bridge_with([]);
    assert_eq!(bridge.state(), BridgeState::Uninitialized);
    bridge.initialize().await.unwrap();
    bridge.initialize().await.unwrap();
    assert_eq!((bridge.state(), script.created()), (BridgeState::Active, 1));
}

#[tokio::test(start_paused = true)]
async fn a_failed_bridge_can_be_initialized_again() {
    let (bridge, _) = bridge_with([Outcome::Nothing, Outcome::Error, Outcome::Panic]);
    let error = bridge.initialize().await.unwrap_err();
    assert_eq!(bridge.state(), BridgeState::Failed);
    assert!(error.source().unwrap().to_string().contains("planned"), "the source is the last cause: {error:?}");
    let text = error.to_string();
    assert!(
        ["3 attempts", "attempt 1", "attempt 2", "attempt 3", "real-time chat"].iter().all(|part| text.contains(part)),
        "{text}"
    );
    bridge.initialize().await.unwrap();
    assert_eq!(bridge.state(), BridgeState::Active);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_initialization_is_not_stranded() {
    let (bridge, script) = bridge_with([Outcome::Hang, Outcome::Fine]);
    let cancelled = timeout(SHORT, bridge.initialize()).await;
    assert!(cancelled.is_err());
    assert_eq!(bridge.state(), BridgeState::Uninitialized);
    bridge.initialize().await.unwrap();
    assert_eq!((bridge.state(), script.created()), (BridgeState::Active, 2));
}

#[tokio::test(start_paused = true)]
async fn cancelled_between_attempts_it_is_what_it_was_before() {
    let (bridge, _) = bridge_with([Outcome::Error; 4]);
    bridge.initialize().await.unwrap_err();
    // The fourth creation fails at once; the cancellation hits the wait that follows.
    let cancelled = timeout(SHORT, bridge.initialize()).await;
    assert!(cancelled.is_err());
    assert_eq!(bridge.state(), BridgeState::Failed, "the failure before it still stands");
}

#[tokio::test(start_paused = true)]
async fn one_cancelled_of_two_leaves_the_other_initializing() {
    let (bridge, script) = bridge_with([Outcome::Late(SHORT * 5)]);
    let other = tokio::spawn({
        let bridge = bridge.clone();
        async move { bridge.initialize().await }
    });
    assert!(timeout(SHORT, bridge.initialize()).await.is_err());
    assert_eq!(bridge.state(), BridgeState::Initializing);
    other.await.unwrap().unwrap();
    assert_eq!(
        (bridge.state(), script.created()),
        (BridgeState::Active, 1),
        "the creation was handed over, not restarted"
    );
}

#[tokio::test(start_paused = true)]
async fn a_health_check_never_promotes_a_failed_bridge() {
    let cell = cell();
    let script = Script::new([Outcome::Error; 3]);
    let failed = bridge(&script, &cell);
    failed.initialize().await.unwrap_err();
    // Somebody else fills the shared cell: now "both references are not None", and still nobody initialized this bridge.
    bridge(&script, &cell).initialize().await.unwrap();
    assert_eq!(failed.health_check(), BridgeState::Failed);
    failed.initialize().await.unwrap();
    assert_eq!(failed.health_check(), BridgeState::Active);
}

#[tokio::test(start_paused = true)]
async fn a_health_check_changes_nothing_before_the_first_initialization() {
    let (bridge, script) = bridge_with([]);
    assert_eq!((bridge.health_check(), script.created()), (BridgeState::Uninitialized, 0));
}

#[tokio::test(start_paused = true)]
#[traced_test]
async fn a_manager_that_stops_delivering_makes_the_bridge_loudly_degraded() {
    let (bridge, _) = bridge_with([]);
    let manager = bridge.initialize().await.unwrap();
    manager.close_all(1001, "gone");
    assert_eq!(bridge.state(), BridgeState::Active, "nobody has looked yet");
    assert_eq!(bridge.health_check(), BridgeState::Degraded);
    assert!(matches!(bridge.initialize().await, Err(BridgeError::Degraded { .. })));
    assert!(logs_contain("bridge.degraded") && logs_contain("realtime_unavailable"));
    bridge.reset();
    assert_eq!(bridge.state(), BridgeState::Uninitialized);
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_was_joined_counts_as_an_attempt_of_the_joiner() {
    let cell = cell();
    // Both bridges ask at the same times, so each of the three failing creations serves both.
    let failing = Arc::new(Delayed::new(SHORT, Outcome::Nothing));
    let make = || Bridge::new(TokioEnv::new(), Arc::clone(&cell), failing.clone());
    let (one, two) = (make(), make());
    let (first, second) = tokio::join!(one.initialize(), two.initialize());
    assert_eq!(exhausted(first.unwrap_err()).len(), 3);
    assert_eq!(exhausted(second.unwrap_err()).len(), 3);
    assert_eq!(failing.created(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_retired_cell_is_given_up_at_once() {
    let (script, cell) = (Script::new([]), cell());
    cell.retire();
    let start = Instant::now();
    let causes = exhausted(bridge(&script, &cell).initialize().await.unwrap_err());
    assert!(matches!(causes.as_slice(), [ManagerError::Retired]), "{causes:?}");
    assert_eq!((start.elapsed(), script.created()), (Duration::ZERO, 0));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_hangs_ends_at_its_deadline_and_the_next_one_succeeds() {
    let (bridge, script) = bridge_with([Outcome::Hang]);
    let start = Instant::now();
    bridge.with_attempt_deadline(SHORT).initialize().await.unwrap();
    assert_eq!(start.elapsed(), SHORT + Duration::from_millis(50));
    assert_eq!(script.created(), 2);
}

#[tokio::test(start_paused = true)]
#[traced_test]
async fn every_attempt_is_logged_in_words_that_operators_know() {
    let (bridge, _) = bridge_with([Outcome::Nothing, Outcome::Without(Part::Connections)]);
    bridge.initialize().await.unwrap();
    assert!(logs_contain("bridge: WebSocketManager is None on attempt 1 of 3, next in 50 ms"));
    assert!(logs_contain("bridge: WebSocketManager lacks connections on attempt 2 of 3, next in 100 ms"));
    assert!(logs_contain("bridge initialized on attempt 3"));
    logs_assert(|lines| {
        let warnings = lines.iter().filter(|line| line.contains(" WARN ")).count();
        if warnings == 2 { Ok(()) } else { Err(format!("{warnings} warnings for two failed attempts")) }
    });
}

#[tokio::test(start_paused = true)]
#[traced_test]
async fn giving_up_is_one_error_that_says_what_breaks() {
    let (bridge, _) = bridge_with([Outcome::Error; 3]);
    bridge.initialize().await.unwrap_err();
    assert!(logs_contain("planned on attempt 3 of 3, none left"));
    logs_assert(|lines| {
        let failed: Vec<_> = lines.iter().filter(|line| line.contains("bridge.failed")).collect();
        match failed.as_slice() {
            [line] if line.contains(" ERROR ") && line.contains("agent events and real-time chat") => Ok(()),
            other => Err(format!("{other:?}")),
        }
    });
}
