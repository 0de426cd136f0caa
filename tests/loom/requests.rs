//! Requests: beside a stop, beside each other, and what a health check beside a stop may leave behind.

use loom::thread;
use nevernone::loom::{Model, Sometimes};
use nevernone_reference::backend::SubmitError;
use nevernone_reference::bridge::BridgeState;
use nevernone_reference::event::RunId;

use crate::bench::{Bench, submit};
use crate::support::{block_on, follow, waiting};

pub(crate) const MODELS: &[Model] = &[
    Model::new("stop_against_submit", stop_against_submit)
        .claims("a request beside a stop is refused, or accepted and told to its end; afterwards none is accepted")
        .sometimes(&ACCEPTED)
        .sometimes(&REFUSED),
    Model::new("two_requests", two_requests)
        .claims("two requests at one time are two runs under numbers of their own, each told to its end, in order")
        .preemptions(3)
        .sometimes(&MINGLED),
    Model::new("check_against_stop", check_against_stop)
        .claims("a health check beside a stop leaves the platform idle, and the next start as good as the first")
        .preemptions(3)
        .sometimes(&CHECKED_BEFORE)
        .sometimes(&CHECKED_AFTER),
];

/// What one run tells, in this order.
const STORY: [&str; 3] = ["agent_started", "agent_thinking", "agent_completed"];

static ACCEPTED: Sometimes = Sometimes::new("the request was accepted");
static REFUSED: Sometimes = Sometimes::new("the request was refused");

/// Shows: the look at the phase and the count of runs are one step, so a drain waits for whoever was accepted; and what a run
/// did happened before the stop returns, also what no lock of ours guards. Not: runs that give way in their middle.
fn stop_against_submit() {
    let (bench, work) = Bench::started_with_work();
    let mut follower = follow(&bench.platform.manager().unwrap());
    let client = {
        let platform = bench.platform.clone();
        thread::spawn(move || submit(&platform))
    };
    block_on(bench.platform.stop());
    // This is what the model is about: loom reports a read that is not ordered after the run.
    let done = work.done();
    assert_eq!(submit(&bench.platform), Err(SubmitError::NotReady));
    let submitted = client.join().unwrap();
    ACCEPTED.saw(submitted.is_ok());
    REFUSED.saw(submitted.is_err());
    let told: Vec<_> = waiting(&mut follower).iter().map(|event| event.kind.name()).collect();
    match submitted {
        Ok(_) => assert_eq!((told.as_slice(), done), (&STORY[..], 1)),
        Err(error) => assert_eq!((error, told.len(), done), (SubmitError::NotReady, 0, 0)),
    }
    bench.assert_idle();
}

static MINGLED: Sometimes = Sometimes::new("the two stories were told at one time");

/// Shows: whatever two runs share, their number, the manager and the count of runs, keeps them apart. Not: two threads of
/// events, which share less.
fn two_requests() {
    let bench = Bench::started();
    let mut follower = follow(&bench.platform.manager().unwrap());
    let other = {
        let platform = bench.platform.clone();
        thread::spawn(move || submit(&platform).unwrap())
    };
    let runs = [submit(&bench.platform).unwrap(), other.join().unwrap()];
    assert_ne!(runs[0], runs[1], "two runs under one number");
    let events = waiting(&mut follower);
    let told = |run: &RunId| {
        let own = events.iter().filter(|event| event.run_id == run.as_str());
        own.map(|event| event.kind.name()).collect::<Vec<_>>()
    };
    let [first, second] = runs.each_ref().map(told);
    assert_eq!((first.as_slice(), second.as_slice()), (&STORY[..], &STORY[..]));
    MINGLED.saw(events[..3].iter().any(|event| event.run_id != events[0].run_id));
}

static CHECKED_BEFORE: Sometimes = Sometimes::new("the check found the platform well");
static CHECKED_AFTER: Sometimes = Sometimes::new("the check found nothing to check");

/// Shows: a check of a manager that is closed under it neither brings its bridge back nor says anything of the next one.
/// Not: the loop that checks again and again, which sleeps.
fn check_against_stop() {
    let bench = Bench::started();
    let checker = {
        let platform = bench.platform.clone();
        thread::spawn(move || platform.health_check())
    };
    block_on(bench.platform.stop());
    bench.assert_idle();
    block_on(bench.platform.start()).unwrap();
    let checked = checker.join().unwrap();
    CHECKED_BEFORE.saw(checked == BridgeState::Active);
    CHECKED_AFTER.saw(checked == BridgeState::Uninitialized);
    assert!(!matches!(checked, BridgeState::Degraded | BridgeState::Failed), "{checked:?}");
    bench.assert_ready();
}
