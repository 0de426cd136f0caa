//! The platform's state machine: starts, stops and requests at one time.
//!
//! It is driven through [`Platform`], over an environment without timers: whoever would have to wait for time waits for
//! ever, and a wake-up that is lost is a deadlock, which loom reports.

use std::future::pending;
use std::panic::Location;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Waker};
use std::time::Duration;

use loom::thread;
use nevernone::loom::{Model, Sometimes};
use nevernone_reference::agents::{Agent, AgentName};
use nevernone_reference::backend::SubmitError;
use nevernone_reference::bridge::BridgeState;
use nevernone_reference::env::Env;
use nevernone_reference::startup::{Parts, Platform, Settings, StartupError};
use nevernone_reference::supervisor::{Pace, Request, Supervisor};
use nevernone_reference::tools::ToolDispatcher;

use crate::support::{Factory, block_on, follow, thread_id, waiting};

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
    Model::new("two_stops", two_stops)
        .claims("two stops of a ready platform undo it exactly once, and neither returns before that"),
    Model::new("stop_against_submit", stop_against_submit)
        .claims("a request beside a stop is refused, or accepted and told to its end; afterwards none is accepted")
        .sometimes(&ACCEPTED)
        .sometimes(&REFUSED),
    Model::new("start_against_stop", start_against_stop)
        .claims(
            "a start beside the stop of a former one is refused by name, or begins afresh with a manager of its own",
        )
        .sometimes(&TOLD_STOPPING)
        .sometimes(&STARTED_AFRESH)
        .sometimes(&STARTED_TOO_EARLY),
];

/// No time passes: a wait never ends. What is spawned is polled at once, which is all that an immediate run needs.
struct Timeless {
    /// How many copies were made for generations, of which each undoing makes a new one, with as many copies as the first.
    /// Std's, since it is no part of what is modelled.
    copies: Arc<AtomicUsize>,
}

impl Clone for Timeless {
    /// Looks at who copies: starts and runs do so as well.
    #[track_caller]
    fn clone(&self) -> Self {
        let for_generation = Location::caller().file().ends_with("generation.rs");
        self.copies.fetch_add(usize::from(for_generation), Ordering::Relaxed);
        Self { copies: Arc::clone(&self.copies) }
    }
}

impl Env for Timeless {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _wait: Duration) -> impl Future<Output = ()> + Send {
        pending()
    }

    fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let poll = pin!(task).poll(&mut Context::from_waker(Waker::noop()));
        assert!(poll.is_ready(), "{name} waits for something");
    }
}

/// A platform with one agent, and what counts its undoings.
struct Bench {
    platform: Platform<Timeless>,
    copies: Arc<AtomicUsize>,
    /// Copies for one generation, at least one.
    each: usize,
    factory: Arc<Factory>,
}

impl Bench {
    fn new(factory: Arc<Factory>) -> Self {
        let copies: Arc<AtomicUsize> = Arc::default();
        let parts = Parts {
            factory: Arc::clone(&factory) as _,
            agents: vec![Agent { name: AgentName::Actions, tool: None }],
            tools: ToolDispatcher::default(),
            supervisor: Some(Supervisor { pace: Pace::Immediate }),
            settings: Settings::lean(),
        };
        let platform = Platform::new(Timeless { copies: Arc::clone(&copies) }, parts).unwrap();
        let each = copies.load(Ordering::Relaxed);
        assert!(each > 0, "nobody could count generations");
        Self { platform, copies, each, factory }
    }

    fn started() -> Self {
        let bench = Self::new(Factory::good());
        block_on(bench.platform.start()).unwrap();
        bench
    }

    /// How often a generation was undone: each time but the first one is made.
    fn undone(&self) -> usize {
        self.copies.load(Ordering::Relaxed) / self.each - 1
    }

    /// As before the first start: nothing is wired, nothing is accepted.
    fn assert_idle(&self) {
        let readiness = self.platform.readiness();
        assert_eq!((readiness.ready, readiness.agents.wired), (false, 0), "{readiness:?}");
        assert_eq!(readiness.bridge, BridgeState::Uninitialized.as_str());
        assert!(self.platform.manager().is_none());
        assert_eq!(submit(&self.platform), Err(SubmitError::NotReady));
    }

    fn assert_ready(&self) {
        let readiness = self.platform.readiness();
        assert_eq!((readiness.ready, readiness.agents.wired), (true, 1), "{readiness:?}");
        self.platform.manager().unwrap().probe().unwrap();
    }
}

fn submit(platform: &Platform<Timeless>) -> Result<(), SubmitError> {
    let request = Request { agent: AgentName::Actions, thread: thread_id(), text: "do".to_owned() };
    platform.submit(request).map(drop)
}

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
    // One that comes before the start is for nothing; the next one is not.
    let mut stops = 0;
    while bench.undone() == 0 {
        block_on(bench.platform.stop());
        stops += 1;
        assert!(stops < 100);
        thread::yield_now();
    }
    WOKEN.saw(stops == 1);
    assert!(matches!(starting.join().unwrap(), Err(StartupError::Stopped)));
    assert_eq!(bench.undone(), 1);
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

static ACCEPTED: Sometimes = Sometimes::new("the request was accepted");
static REFUSED: Sometimes = Sometimes::new("the request was refused");

/// Shows: the look at the phase and the count of runs are one step, so a drain waits for whoever was accepted. Not: runs
/// that give way in their middle.
fn stop_against_submit() {
    let bench = Bench::started();
    let mut follower = follow(&bench.platform.manager().unwrap());
    let client = {
        let platform = bench.platform.clone();
        thread::spawn(move || submit(&platform))
    };
    block_on(bench.platform.stop());
    assert_eq!(submit(&bench.platform), Err(SubmitError::NotReady));
    let submitted = client.join().unwrap();
    ACCEPTED.saw(submitted.is_ok());
    REFUSED.saw(submitted.is_err());
    let told: Vec<_> = waiting(&mut follower).iter().map(|event| event.kind.name()).collect();
    match submitted {
        Ok(()) => assert_eq!(told, ["agent_started", "agent_thinking", "agent_completed"]),
        Err(error) => assert_eq!((error, told.len()), (SubmitError::NotReady, 0)),
    }
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
