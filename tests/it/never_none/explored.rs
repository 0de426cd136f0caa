//! The same six under every creation outcome at every attempt, and every moment at which somebody else may look, close
//! or cancel. Each search ends within its bounds, has made every fault that it plans, and says how many runs that took.

use std::{rc::Rc, sync::Arc, time::Duration};

use nevernone::{Scenario, Verdict, any_moment, campaign, cancellable, fault, never, report, sometimes, spawn, watch};
use nevernone_reference::{
    bridge::{Bridge, BridgeError, BridgeState},
    env::TokioEnv,
    manager::{Candidate, Limits, ManagerError, ManagerHandle, Part, obtain},
    registry::WiringError,
    retry::Attempts,
    scenarios::named,
    startup::{Parts, Platform, Settings, StartupError},
};
use tokio::time::Instant;

use super::registry;
use crate::{
    chosen::Chosen,
    creation_outcomes::{ATTEMPTS, OUTCOMES, tells},
    support::{Outcome, cell},
};

/// One run for each distinct sequence of outcomes: *n* failures followed by a success, or three failures. The formula is
/// explained in [`crate::creation_outcomes`].
const SEQUENCES: u64 = 1 + 7 + 7 * 7 + 7 * 7 * 7;

/// Without preemptions, so that the runs can be counted by hand: nobody overtakes, and no poll is cut in the middle.
fn explore<Fut: Future<Output = ()> + 'static>(name: &'static str, body: fn() -> Fut) -> Scenario {
    Scenario::new(name, body).preemptions(0)
}

/// The number of runs of a search that is complete within its bounds and fired every fault.
fn verified(scenario: &Scenario) -> u64 {
    let report = campaign::check(scenario, &campaign::Options::default());
    assert_eq!(report.verdict, Verdict::Verified, "{}", report::terminal::story(&report, "by hand"));
    assert!(report.runs > 1, "one run explores nothing");
    assert!(!report.faults.is_empty(), "nothing went wrong in any run");
    assert!(report.faults.iter().all(|fault| fault.fired > 0), "{:?}", report.faults);
    println!("{}: verified in {} runs", report.name, report.runs);
    report.runs
}

/// Three failed attempts, each told by its own right cause.
fn assert_tell_all(attempts: &Attempts<ManagerError>, outcomes: &[Outcome]) {
    assert_eq!((attempts.count(), outcomes.len()), (ATTEMPTS, ATTEMPTS));
    for (attempt, outcome) in attempts.iter().zip(outcomes) {
        assert!(tells(&attempt.cause, *outcome), "{outcome:?} is told as {attempt}");
    }
}

#[test]
fn never_none() {
    // Three callers, one of which may be cancelled anywhere, and every kind of failure in any number.
    assert!(verified(&named("singleton/concurrent-callers").unwrap()) > 10_000);
}

#[test]
fn registry_rejects_none() {
    let runs = verified(&explore("never-none/registry-rejects-none", none_is_offered).faults(1));
    // The agent comes before the creation or in the middle of it, and looks at once or lets the other one go first; or it
    // comes after the wiring.
    assert_eq!(runs, (2 + 2 + 1) * OUTCOMES.len() as u64);
}

/// The incident's caller: whatever goes wrong becomes `None`, and is wired.
async fn none_is_offered() {
    let (registry, factory) = (Rc::new(registry()), Chosen::at_once());
    never("some agents are wired", watch(&registry, |registry| !matches!(registry.wired(), 0 | 8)));
    let wiring = spawn("the incident's caller", {
        let (registry, factory, cell) = (Rc::clone(&registry), factory.clone(), cell());
        async move { registry.wire(obtain(&cell, &factory).await.ok()).map(drop) }
    });
    any_moment("an agent looks for its manager").await;
    sometimes("an agent looked before there was one", registry.current().is_none());
    let wired = wiring.await;
    match factory.outcomes()[..] {
        [Outcome::Fine] => {
            assert_eq!((wired, registry.wired()), (Ok(()), 8));
            registry.current().unwrap().agents().iter().for_each(|agent| agent.manager.probe().unwrap());
        }
        _ => assert_eq!((wired, registry.wired()), (Err(WiringError::NoManager { agents: 8 }), 0)),
    }
}

#[test]
fn registry_rejects_incomplete() {
    let runs = verified(&explore("never-none/registry-rejects-incomplete", parts_are_missing).faults(4));
    // All subsets of four parts. The complete one is closed before it is wired or after, and where the moment came before,
    // the wiring may still go first.
    assert_eq!(runs, (16 - 1) + (2 + 1));
}

/// Any of the parts may be missing, and a manager that was complete may be closed before anybody is wired to it.
async fn parts_are_missing() {
    const PLACES: [&str; 4] = ["connections", "user_connections", "room_memberships", "send_to_thread"];
    let lost = PLACES.map(|place| fault(place, &["missing"]).is_some());
    let missing: Vec<Part> = Part::ALL.into_iter().zip(lost).filter_map(|(part, lost)| lost.then_some(part)).collect();
    let candidate = missing.iter().fold(Candidate::complete(Limits::default()), |rest, part| rest.without(*part));
    let manager = match candidate.validate() {
        Ok(manager) => manager,
        Err(refused) => return assert_eq!(refused.missing, missing),
    };
    assert_eq!(missing, [], "validated, and parts are missing");
    let registry = Rc::new(registry());
    let wiring = spawn("wiring", {
        let (registry, manager) = (Rc::clone(&registry), manager.clone());
        async move { registry.wire(Some(manager)).map(drop) }
    });
    any_moment("the manager is closed").await;
    manager.close_all(1001, "gone");
    let wired_before = registry.wired() == 8;
    sometimes("it was closed before it was wired", !wired_before);
    sometimes("it was closed after it was wired", wired_before);
    let refused = Err(WiringError::Incomplete { missing: vec![Part::SendToThread] });
    assert_eq!(wiring.await, if wired_before { Ok(()) } else { refused });
    assert_eq!(registry.wired(), if wired_before { 8 } else { 0 });
}

#[test]
fn bridge_retries() {
    let bridge = explore("never-none/bridge-retries", a_bridge_that_may_be_dropped).faults(6);
    assert_eq!(verified(&bridge.clone().cancellations(0)), SEQUENCES);
    // Dropped before, in the middle of or between its creations: the next effort has three attempts of its own.
    assert!(verified(&bridge.cancellations(1)) > 10_000);
}

async fn a_bridge_that_may_be_dropped() {
    let factory = Chosen::at_once();
    let bridge = Bridge::new(TokioEnv::new(), cell(), Arc::new(factory.clone()));
    let effort = {
        let bridge = bridge.clone();
        async move { bridge.initialize().await }
    };
    let (mut begun, mut before) = (Instant::now(), 0);
    let bridged = match cancellable("the first effort", effort).await {
        Ok(ended) => ended,
        Err(_cancelled) => {
            assert_eq!(bridge.state(), BridgeState::Uninitialized, "a cancelled effort leaves no trace");
            (begun, before) = (Instant::now(), factory.outcomes().len());
            bridge.initialize().await
        }
    };
    let outcomes = &factory.outcomes()[before..];
    assert_eq!(begun.elapsed(), waits(50, outcomes.len()));
    match bridged {
        Ok(manager) => {
            assert_eq!((outcomes.last(), bridge.state()), (Some(&Outcome::Fine), BridgeState::Active));
            manager.probe().unwrap();
        }
        Err(BridgeError::Exhausted { attempts, .. }) => {
            assert_tell_all(&attempts, outcomes);
            assert_eq!(bridge.health_check(), BridgeState::Failed, "no check promotes it");
        }
        Err(degraded) => panic!("nobody took its manager away: {degraded}"),
    }
}

/// All waits of an effort with that many attempts, none after the last one: `step`, twice `step`.
fn waits(step: u64, attempts: usize) -> Duration {
    Duration::from_millis(step * [0, 1, 1 + 2][attempts - 1])
}

#[test]
fn startup_retries() {
    let startup = explore("never-none/startup-retries", a_start_and_a_restart).faults(3);
    // A request at each moment of each sequence of outcomes.
    assert!(verified(&startup) > 2 * SEQUENCES);
}

/// No more than three faults: a start that gives up has had them all, and the next one is fine.
async fn a_start_and_a_restart() {
    let factory = Chosen::at_once();
    let parts = Parts { settings: Settings::lean(), ..Parts::standard(Arc::new(factory.clone())) };
    let platform = Platform::new(TokioEnv::new(), parts).unwrap();
    let starting = spawn("startup", {
        let platform = platform.clone();
        async move {
            let begun = Instant::now();
            let started = platform.start().await;
            (started, begun.elapsed())
        }
    });
    any_moment("somebody asks whether it is ready").await;
    let readiness = platform.readiness();
    let wired = if readiness.ready { 8 } else { 0 };
    assert_eq!((readiness.agents.wired, platform.manager().is_some()), (wired, readiness.ready));
    let (started, took) = starting.await;
    let outcomes = factory.outcomes();
    assert_eq!(took, waits(100, outcomes.len()));
    if let Err(error) = started {
        let StartupError::ManagerUnavailable { attempts, .. } = error else { panic!("{error}") };
        assert_tell_all(&attempts, &outcomes);
        assert_eq!((platform.is_ready(), platform.readiness().agents.wired), (false, 0));
        platform.start().await.unwrap();
    }
    assert_eq!((platform.is_ready(), platform.readiness().agents.wired), (true, 8));
}

#[test]
fn creation_failure_raises() {
    // One preemption: the first caller is done before the second one begins.
    let callers = explore("never-none/creation-failure-raises", two_ask_and_one_asks_again).preemptions(1);
    assert!(verified(&callers.faults(3)) > SEQUENCES);
}

/// Two callers at once: they meet in one creation, or come one after the other. Then one more.
async fn two_ask_and_one_asks_again() {
    let (cell, factory) = (cell(), Chosen::at_once());
    let ask = || {
        let (cell, factory) = (Arc::clone(&cell), factory.clone());
        async move { obtain(&cell, &factory).await }
    };
    let (one, two) = (spawn("one caller", ask()), spawn("another caller", ask()));
    let answers = [one.await, two.await];
    sometimes("one failure was raised to both", factory.outcomes().len() == 1 && answers[0].is_err());
    sometimes("each had a creation of its own", factory.outcomes().len() == 2);
    for answer in &answers {
        assert_right(answer, &factory.outcomes());
    }
    assert_eq!(cell.get().is_some(), answers.iter().any(Result::is_ok), "a failure leaves nothing, a success stays");
    let after = ask().await;
    assert_right(&after, &factory.outcomes());
    assert!(after.is_ok() || answers.iter().all(Result::is_err), "what was there once is there");
}

/// A manager that delivers and was created, or the error of a creation that failed.
fn assert_right(answer: &Result<ManagerHandle, ManagerError>, outcomes: &[Outcome]) {
    match answer {
        Ok(manager) => {
            assert!(outcomes.contains(&Outcome::Fine), "a manager that nobody created");
            manager.probe().unwrap();
        }
        Err(error) => assert!(outcomes.iter().any(|outcome| tells(error, *outcome)), "{error} after {outcomes:?}"),
    }
}
