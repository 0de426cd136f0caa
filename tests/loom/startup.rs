//! The platform's state machine: starts and stops at one time.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use loom::thread;
use nevernone::loom::{Model, Sometimes};
use nevernone_reference::bridge::BridgeState;
use nevernone_reference::startup::{Platform, StartupError};

use crate::bench::{Bench, Timeless};
use crate::support::{Factory, block_on};

pub(crate) const MODELS: &[Model] = &[
    Model::new("two_starts", two_starts)
        .claims("of two starts one starts, the other is told so or finds it ready, and one manager is made")
        .sometimes(&REFUSED_THE_SECOND)
        .sometimes(&FOUND_IT_READY),
    Model::new("stop_against_start", stop_against_start)
        .claims("a stop wins over a start under way, which is undone exactly once, and leaves nothing half started")
        .preemptions(5)
        .sometimes(&STOPPED_BEFORE)
        .sometimes(&STOPPED_MEANWHILE)
        .sometimes(&STOPPED_AFTER),
    Model::new("two_stops_against_start", two_stops_against_start)
        .claims("of two stops beside a start at most one undoes it, and what is left is ready or idle")
        .preemptions(3)
        .sometimes(&UNDONE_BY_ONE),
    Model::new("stop_wakes_a_start", stop_wakes_a_start)
        .claims("a start that waits before its next attempt is woken by a stop, told so, and undone exactly once")
        .preemptions(4)
        .sometimes(&WOKEN),
    Model::new("stop_wakes_a_start_that_moved", stop_wakes_a_start_that_moved)
        .claims("a start that another task polled before is woken by a stop where it is now")
        .preemptions(4)
        .sometimes(&WOKEN_ELSEWHERE),
    Model::new("two_stops", two_stops)
        .claims("two stops of a ready platform undo it exactly once, and neither returns before that"),
    Model::new("start_against_stop", start_against_stop)
        .claims(
            "a start beside the stop of a former one is refused by name, or begins afresh with a manager of its own",
        )
        .sometimes(&TOLD_STOPPING)
        .sometimes(&STARTED_AFRESH)
        .sometimes(&STARTED_TOO_EARLY),
    Model::new("late_stop_against_the_next_generation", late_stop_against_the_next_generation)
        .claims("a stop that ends late undoes nothing of the next start, and keeps nobody else from undoing it")
        .preemptions(3)
        .sometimes(&STARTED_BESIDE_A_STOP)
        .sometimes(&NOT_STARTED_BESIDE_A_STOP),
];

/// A start on a thread of its own.
fn start(platform: &Platform<Timeless>) -> thread::JoinHandle<Result<(), StartupError>> {
    let platform = platform.clone();
    thread::spawn(move || block_on(platform.start()))
}

static REFUSED_THE_SECOND: Sometimes = Sometimes::new("the second start was refused");
static FOUND_IT_READY: Sometimes = Sometimes::new("the second start found the platform ready");

/// Shows: one start owns the platform. Not: starts that fail, which are undone as stops are.
fn two_starts() {
    let bench = Bench::new(Factory::good());
    let other = start(&bench.platform);
    let ends = [block_on(bench.platform.start()), other.join().unwrap()];
    let refused = ends.iter().filter_map(|end| end.as_ref().err()).collect::<Vec<_>>();
    REFUSED_THE_SECOND.saw(refused.len() == 1);
    FOUND_IT_READY.saw(refused.is_empty());
    assert!(refused.len() < 2 && refused.iter().all(|error| matches!(error, StartupError::AlreadyStarting)));
    assert_eq!((bench.factory.asked(), bench.undone()), (1, 0));
    bench.assert_ready();
}

static STOPPED_BEFORE: Sometimes = Sometimes::new("the stop came before the start");
static STOPPED_MEANWHILE: Sometimes = Sometimes::new("the stop came in the middle of the start");
static STOPPED_AFTER: Sometimes = Sometimes::new("the stop came after the start");

/// Shows: at whatever moment a stop comes, the end is one of two, and what was built is undone once. Not: a factory that
/// waits (see `stop_wakes_a_start`).
fn stop_against_start() {
    let bench = Bench::new(Factory::good());
    let (cell, bridge) = (bench.platform.cell(), bench.platform.bridge());
    let before = bench.undone();
    let starting = start(&bench.platform);
    block_on(bench.platform.stop());
    let started = starting.join().unwrap();
    let undone = bench.undone() - before;
    match (&started, undone) {
        (Ok(()), 0) => bench.assert_ready(),
        (Ok(()) | Err(StartupError::Stopped), 1) => {
            bench.assert_idle();
            assert!(cell.is_retired());
            assert_eq!(bridge.state(), BridgeState::Uninitialized);
        }
        other => panic!("{other:?}"),
    }
    STOPPED_BEFORE.saw(undone == 0);
    STOPPED_MEANWHILE.saw(started.is_err());
    STOPPED_AFTER.saw(started.is_ok() && undone == 1);
}

static UNDONE_BY_ONE: Sometimes = Sometimes::new("one of the stops undid the start");

/// Shows, with three threads: what is undone is undone by one of them. Not: what the start builds meanwhile (see
/// `stop_against_start`).
fn two_stops_against_start() {
    let bench = Bench::new(Factory::good());
    let starting = start(&bench.platform);
    let stopping = {
        let platform = bench.platform.clone();
        thread::spawn(move || block_on(platform.stop()))
    };
    block_on(bench.platform.stop());
    stopping.join().unwrap();
    let started = starting.join().unwrap();
    UNDONE_BY_ONE.saw(bench.undone() == 1);
    match (&started, bench.undone()) {
        (Ok(()), 0) => bench.assert_ready(),
        (Ok(()) | Err(StartupError::Stopped), 1) => bench.assert_idle(),
        other => panic!("{other:?}"),
    }
}

static WOKEN: Sometimes = Sometimes::new("the start was under way when it was stopped");

/// Shows: the wake-up of a start that nothing else would wake is never lost. Not: one that its own deadline would wake, which
/// is the explorer's to check.
fn stop_wakes_a_start() {
    let bench = Bench::new(Factory::failing());
    let starting = start(&bench.platform);
    WOKEN.saw(stop_until_undone(&bench) == 1);
    assert!(matches!(starting.join().unwrap(), Err(StartupError::Stopped)));
    assert_eq!(bench.undone(), 1);
    bench.assert_idle();
}

/// How many stops it took: one that comes before the start is for nothing, the next one is not.
fn stop_until_undone(bench: &Bench) -> usize {
    let mut stops = 0;
    while bench.undone() == 0 {
        block_on(bench.platform.stop());
        stops += 1;
        assert!(stops < 100);
        thread::yield_now();
    }
    stops
}

static WOKEN_ELSEWHERE: Sometimes = Sometimes::new("the start had moved when it was stopped");

/// Shows: whether a start is stale, and by whom it is woken, is one look: a stop between the two would wake the former task.
/// Not: two tasks that poll at one time, which `&mut` rules out.
fn stop_wakes_a_start_that_moved() {
    let bench = Bench::new(Factory::failing());
    let starting = {
        let platform = bench.platform.clone();
        thread::spawn(move || {
            let mut start = pin!(platform.start());
            // By a task that is gone afterwards: its waker wakes nobody.
            match start.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(ended) => (ended, false),
                Poll::Pending => (block_on(start), true),
            }
        })
    };
    stop_until_undone(&bench);
    let (ended, moved) = starting.join().unwrap();
    WOKEN_ELSEWHERE.saw(moved);
    assert!(matches!(ended, Err(StartupError::Stopped)));
    bench.assert_idle();
}

/// Shows: one of two stops undoes, and the other one waits for it, woken. Not: runs that have to be waited for (see
/// `stop_against_submit`).
fn two_stops() {
    let bench = Bench::started();
    let manager = bench.platform.manager().unwrap();
    let before = bench.undone();
    let other = {
        let (platform, manager) = (bench.platform.clone(), manager.clone());
        thread::spawn(move || {
            block_on(platform.stop());
            assert!(manager.probe().is_err(), "it returned before the manager was closed");
        })
    };
    block_on(bench.platform.stop());
    assert!(manager.probe().is_err(), "it returned before the manager was closed");
    other.join().unwrap();
    assert_eq!(bench.undone() - before, 1);
    bench.assert_idle();
}

static TOLD_STOPPING: Sometimes = Sometimes::new("the start was told that a stop is under way");
static STARTED_AFRESH: Sometimes = Sometimes::new("the start began after the stop had ended");
static STARTED_TOO_EARLY: Sometimes = Sometimes::new("the start found the platform ready, and the stop came later");

/// Shows: a stop never reaches into the generation of the start after it. Not: two stops beside it.
fn start_against_stop() {
    let bench = Bench::started();
    let (cell, before) = (bench.platform.cell(), bench.undone());
    let starting = start(&bench.platform);
    block_on(bench.platform.stop());
    let started = starting.join().unwrap();
    assert!(cell.is_retired());
    assert_eq!(bench.undone() - before, 1);
    let made = bench.factory.asked();
    TOLD_STOPPING.saw(matches!(started, Err(StartupError::Stopping)));
    STARTED_AFRESH.saw(started.is_ok() && made == 2);
    STARTED_TOO_EARLY.saw(started.is_ok() && made == 1);
    match (started, made) {
        (Ok(()), 2) => bench.assert_ready(),
        (Ok(()) | Err(StartupError::Stopping), 1) => bench.assert_idle(),
        other => panic!("{other:?}"),
    }
}

static STARTED_BESIDE_A_STOP: Sometimes = Sometimes::new("the next start was ready");
static NOT_STARTED_BESIDE_A_STOP: Sometimes = Sometimes::new("the next start was stopped, or refused");

/// Shows: a stop that waited for the runs of its generation looks which generation there is when it goes on. Not: three
/// stops, of which two would do the same.
fn late_stop_against_the_next_generation() {
    let bench = Bench::started();
    let other = {
        let platform = bench.platform.clone();
        thread::spawn(move || block_on(platform.stop()))
    };
    block_on(bench.platform.stop());
    let started = block_on(bench.platform.start());
    let next = bench.platform.manager();
    STARTED_BESIDE_A_STOP.saw(started.is_ok() && next.is_some());
    NOT_STARTED_BESIDE_A_STOP.saw(started.is_err());
    block_on(bench.platform.stop());
    other.join().unwrap();
    bench.assert_idle();
    assert!(next.is_none_or(|manager| manager.probe().is_err()), "the next manager was left open");
}
