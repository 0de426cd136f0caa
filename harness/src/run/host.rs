//! The tokio runtime that hosts a run.
//!
//! Steps are taken inside `Runtime::handle().block_on`: there a budget is set, timers register, and `yield_now` wakes
//! at once instead of going through the scheduler. Each step is one poll of the hosted future, so each begins with a
//! full budget. Time passes only inside `Runtime::block_on`, which moves a paused clock to the next timer when nothing
//! is left to do. A fresh runtime per run costs about a microsecond; a used one is not a function of the sequence.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime, RuntimeMetrics};
use tokio::time::{Instant, sleep_until};

use super::tasks::Wakes;
use crate::ending::Ending;

/// Two virtual years: beyond every timer that a startup sets, and below the longest that tokio's wheel holds. When
/// this one fires, nothing else ever will.
const SENTINEL: Duration = Duration::from_secs(2 * 365 * 24 * 60 * 60);

/// Makes a host for each run.
pub(super) struct Factory {
    builder: Builder,
    /// Set when tokio starts a thread of its own: that is `spawn_blocking`.
    blocking_started: Arc<AtomicBool>,
}

impl Default for Factory {
    fn default() -> Self {
        let blocking_started = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&blocking_started);
        let mut builder = Builder::new_current_thread();
        builder.enable_time().start_paused(true).event_interval(1).global_queue_interval(1).thread_name_fn(move || {
            // Relaxed: tokio calls this on the thread that calls `spawn_blocking`, which is the one that reads it.
            seen.store(true, Ordering::Relaxed);
            "nevernone-escaped".to_owned()
        });
        Factory { builder, blocking_started }
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
            metrics: runtime.metrics(),
            runtime,
            start,
            wakes,
            spawned: Cell::new(false),
            blocking_started: Arc::clone(&self.blocking_started),
        }
    }
}

/// What the host does after a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Flow {
    /// Take another one.
    Continue,
    /// Let time pass.
    MoveClock,
    /// The run is over.
    End(Ending),
}

/// One run's runtime.
pub(super) struct Host {
    runtime: Runtime,
    metrics: RuntimeMetrics,
    start: Instant,
    wakes: Arc<Wakes>,
    /// The code under test gave a task to tokio itself.
    spawned: Cell<bool>,
    blocking_started: Arc<AtomicBool>,
}

/// What a movement of the clock led to.
pub(super) enum Advance {
    /// A task was woken, or the clock came to where it had to stop.
    Woken,
    /// No timer will ever wake anything.
    Nothing,
}

impl Host {
    /// Virtual time since the run began.
    pub(super) fn now(&self) -> Duration {
        let _guard = self.runtime.enter();
        Instant::now() - self.start
    }

    /// Takes steps until one of them says that the run ended or that only time can help.
    pub(super) fn drive(&self, mut step: impl FnMut() -> Flow) -> Flow {
        self.runtime.handle().block_on(poll_fn(|cx| {
            let flow = step();
            if self.metrics.num_alive_tasks() > 0 {
                self.spawned.set(true);
            }
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

    /// Ends the runtime, and tells what escaped the run's control.
    pub(super) fn stop(self) -> Option<String> {
        let spawned = self.spawned.get().then(|| {
            "`tokio::spawn` started a task whose polls were not chosen by the explorer; start it with \
             `nevernone::spawn` in the scenario, or pass a spawner in"
                .to_owned()
        });
        let blocking = self.blocking_started.load(Ordering::Relaxed).then(|| {
            "`spawn_blocking` started a thread that no choice controls; pass its work in, or run it inline under test"
                .to_owned()
        });
        let foreign = self.wakes.foreign_wake().then(|| {
            "a thread that does not belong to the run woke one of its tasks; no choice controls that thread".to_owned()
        });
        // Not a plain drop: that would wait for blocking work, which may never end.
        self.runtime.shutdown_background();
        blocking.or(spawned).or(foreign)
    }
}
