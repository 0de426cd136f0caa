//! The tokio runtime that hosts a run.
//!
//! Steps are taken inside `Runtime::handle().block_on`: there a budget is set, timers register, and `yield_now` wakes
//! at once instead of going through the scheduler. Each step is one poll of the hosted future, so each begins with a
//! full budget. Time passes only inside `Runtime::block_on`, which moves a paused clock to the next timer when nothing
//! is left to do. A fresh runtime per run costs about a microsecond; a used one is not a function of the sequence.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, sleep_until};

use super::lane::{Lane, Unpark};
use super::panics::{self, Caught};
use super::tasks::Wakes;
use crate::ending::Ending;
use crate::uncontrolled::Uncontrolled;

/// Two virtual years: beyond every timer that a startup sets, and below the longest that tokio's wheel holds. When
/// this one fires, nothing else ever will.
pub(super) const SENTINEL: Duration = Duration::from_secs(2 * 365 * 24 * 60 * 60);

/// Makes a host for each run.
pub(super) struct Factory {
    builder: Builder,
    /// Set when tokio starts a thread of its own: that is `spawn_blocking`.
    blocking_started: Arc<AtomicBool>,
    unpark: Arc<Unpark>,
}

impl Default for Factory {
    fn default() -> Self {
        let blocking_started = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&blocking_started);
        let unpark = Arc::<Unpark>::default();
        let unparked = Arc::clone(&unpark);
        let mut builder = Builder::new_current_thread();
        builder.enable_time().start_paused(true).event_interval(1).global_queue_interval(1).thread_name_fn(move || {
            // Relaxed: tokio calls this on the thread that calls `spawn_blocking`, which is the one that reads it.
            seen.store(true, Ordering::Relaxed);
            "nevernone-escaped".to_owned()
        });
        builder.on_thread_unpark(move || unparked.wake());
        Factory { builder, blocking_started, unpark }
    }
}

impl Factory {
    /// Starts a host whose tasks tell `wakes` when they are woken.
    ///
    /// # Panics
    /// If the operating system refuses what a runtime needs.
    pub(super) fn start(&mut self, wakes: Arc<Wakes>) -> Host {
        self.blocking_started.store(false, Ordering::Relaxed);
        let runtime = self.builder.build().expect("tokio could not build a current-thread runtime for a run");
        let start = {
            let _guard = runtime.enter();
            Instant::now()
        };
        Host {
            lane: Rc::new(Lane::new(runtime.metrics())),
            runtime,
            start,
            wakes,
            blocking_started: Arc::clone(&self.blocking_started),
            unpark: Arc::clone(&self.unpark),
        }
    }
}

/// What the host does after a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Flow {
    /// Take another one.
    Continue,
    /// Let time pass; or, where only spawned tasks may be ready, poll one of those.
    MoveClock,
    /// Poll a spawned task.
    PollLane,
    /// The run is over.
    End(Ending),
}

/// One run's runtime.
pub(super) struct Host {
    pub(super) runtime: Runtime,
    pub(super) lane: Rc<Lane>,
    pub(super) start: Instant,
    pub(super) wakes: Arc<Wakes>,
    pub(super) unpark: Arc<Unpark>,
    blocking_started: Arc<AtomicBool>,
}

/// What became of a runtime.
pub(super) struct Stopped {
    /// How many spawned tasks had not ended.
    pub(super) left: usize,
    /// What no choice controlled.
    pub(super) escaped: Option<Uncontrolled>,
    /// A destructor of a spawned task panicked.
    pub(super) panic: Option<Caught>,
}

/// What a movement of the clock led to.
pub(super) enum Advance {
    /// A task was woken, or the clock came to where it had to stop.
    Woken,
    /// A spawned task was woken, and was polled at once: there is no other way to tell its timer, which is due at a
    /// multiple of 64 ms, from a stop at which nothing is due.
    LanePolled,
    /// No timer will ever wake anything.
    Nothing,
}

impl Host {
    pub(super) fn lane(&self) -> Rc<Lane> {
        Rc::clone(&self.lane)
    }

    /// Virtual time since the run began.
    pub(super) fn now(&self) -> Duration {
        let _guard = self.runtime.enter();
        Instant::now() - self.start
    }

    /// Takes steps until one of them says that the run ended or that only time can help.
    pub(super) fn drive(&self, mut step: impl FnMut() -> Flow) -> Flow {
        self.runtime.handle().block_on(poll_fn(|cx| {
            let flow = step();
            if flow == Flow::Continue {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(flow)
        }))
    }

    /// Runs `f` where a task of the run would.
    pub(super) fn within<R>(&self, f: impl FnOnce() -> R) -> R {
        let mut f = Some(f);
        self.runtime.handle().block_on(poll_fn(|_| match f.take() {
            Some(f) => Poll::Ready(f()),
            None => Poll::Pending,
        }))
    }

    /// Moves the clock to the next timer that wakes a task, or to `stop`, whichever comes first.
    pub(super) fn advance(&self, stop: Option<Duration>) -> Advance {
        self.runtime.block_on(async {
            let mut sentinel = pin!(sleep_until(self.start + stop.unwrap_or(SENTINEL)));
            poll_fn(|cx| {
                if self.wakes.any() {
                    self.wakes.forget_host();
                    return Poll::Ready(Advance::Woken);
                }
                if sentinel.as_mut().poll(cx).is_ready() {
                    self.wakes.forget_host();
                    return Poll::Ready(if stop.is_some() { Advance::Woken } else { Advance::Nothing });
                }
                self.wakes.wake_host_with(cx.waker());
                Poll::Pending
            })
            .await
        })
    }

    /// Ends the runtime, which drops the tasks that it owns, and tells what escaped the run's control.
    pub(super) fn stop(self) -> Stopped {
        let blocking = self.blocking_started.load(Ordering::Relaxed).then_some(Uncontrolled::BlockingThread);
        let foreign = self.wakes.foreign_wake().then_some(Uncontrolled::ForeignThread);
        let left = self.lane.alive();
        // Not a plain drop: that would wait for blocking work, which may never end.
        let ((), panic) = panics::watch(|| self.runtime.shutdown_background());
        Stopped { left, escaped: blocking.or(foreign), panic }
    }
}
