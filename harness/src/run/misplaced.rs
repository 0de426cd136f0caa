//! What is said to whoever calls the API where no run can answer.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use tokio::runtime::{Handle, RuntimeFlavor};

use super::host::ESCAPED;

/// Runners that there are in this process. Relaxed: a message is the better for it, and nothing else depends on it.
static RUNNERS: AtomicUsize = AtomicUsize::new(0);

/// Counts as a runner of this process while it lives.
pub(super) struct Counted;

impl Counted {
    pub(super) fn new() -> Self {
        RUNNERS.fetch_add(1, Ordering::Relaxed);
        Counted
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        RUNNERS.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Where somebody stands who is in no run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// On a thread of the pool that `spawn_blocking` gives work to.
    BlockingPool,
    /// On a worker of a multi-thread runtime, or in its `block_on`.
    ManyThreads,
    /// In a current-thread runtime that no run hosts.
    OneThread,
    /// On a thread without a runtime.
    NoRuntime,
}

impl Place {
    fn here() -> Self {
        if thread::current().name() == Some(ESCAPED) {
            return Place::BlockingPool;
        }
        match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
            Err(_) => Place::NoRuntime,
            Ok(RuntimeFlavor::CurrentThread) => Place::OneThread,
            Ok(_) => Place::ManyThreads,
        }
    }
}

/// There is no run on this thread.
#[track_caller]
pub(super) fn outside() -> ! {
    let runs_elsewhere = RUNNERS.load(Ordering::Relaxed) > 0;
    panic!("nevernone's API was called outside a run: {}", advice(Place::here(), runs_elsewhere))
}

/// The same, of a socket that somebody wants.
#[cfg(feature = "net")]
#[track_caller]
pub(crate) fn no_network() -> ! {
    let runs_elsewhere = RUNNERS.load(Ordering::Relaxed) > 0;
    panic!(
        "a socket of `nevernone::net` was asked for outside a run, and the network is a run's own. Code that is to work in \
         both takes its stream, or what makes one, as an argument: `nevernone::net` in a run, `tokio::net` elsewhere. Here, {}",
        advice(Place::here(), runs_elsewhere)
    )
}

/// A property was being asked.
#[track_caller]
pub(super) fn in_a_property() -> ! {
    panic!(
        "a property must not call nevernone's API: it is asked between two steps, as often as there are steps, and may only \
         look. Draw, count or tell in the code that the property looks at, leave it where the property sees it, and call \
         `sometimes` from the body"
    )
}

/// The engine itself was at work on the run.
#[track_caller]
pub(super) fn amid_the_engine() -> ! {
    panic!(
        "nevernone's API was called while nevernone was at work on the run, as from the destructor of a waker; call it \
         from a task"
    )
}

/// Why there is no run, and what to do.
fn advice(place: Place, runs_elsewhere: bool) -> &'static str {
    match (place, runs_elsewhere) {
        (Place::BlockingPool, _) => {
            "this is a thread of `spawn_blocking`, and a run has one thread. Do that work inline under test, or pass it \
             in, and call the API from the task that awaits it"
        }
        (Place::ManyThreads, true) => {
            "this is a thread of a multi-thread tokio runtime, and a run has one thread and hosts its own runtime. \
             Inside a run start no runtime: give tasks to `nevernone::spawn`, or to `tokio::spawn` from within the run. \
             In a test with `#[tokio::test(flavor = \"multi_thread\")]`, replace that by `#[nevernone::test]`"
        }
        (Place::ManyThreads, false) => {
            "this is a multi-thread tokio runtime, as under `#[tokio::test(flavor = \"multi_thread\")]` or \
             `#[tokio::main]`. Replace that by `#[nevernone::test]`, which hosts a runtime of its own for each run"
        }
        (Place::OneThread, _) => {
            "this is a tokio runtime that no run hosts, as under `#[tokio::test]`. Replace that by `#[nevernone::test]`, \
             which hosts a runtime of its own for each run"
        }
        (Place::NoRuntime, true) => {
            "this thread executes none, although others do. A thread that a run's code starts does not belong to the \
             run: start a task with `nevernone::spawn` instead, or let the thread hand over what it has, and call the \
             API from the task that takes it. A test that is no run yet becomes `#[nevernone::test] async fn`"
        }
        (Place::NoRuntime, false) => {
            "nothing in this process executes one. Make the test `#[nevernone::test] async fn`, or put what calls the \
             API into the body of a `Scenario` and give that to `campaign::check`"
        }
    }
}
