//! When a search stops early: shared by all workers of one search.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::watchdog::{self, Watch};
use super::{Options, Progress};

/// The real clock is looked at once in so many executions.
const CLOCK_INTERVAL: u64 = 32;

/// How long a search may go on.
#[derive(Debug)]
pub(super) struct Limits {
    started: Instant,
    max_time: Option<Duration>,
    max_executions: Option<u64>,
    progress: Arc<Progress>,
    /// The search's own watch: whoever gave one of its threads up has given up all of them.
    watch: Arc<Watch>,
    /// By all workers together.
    executed: AtomicU64,
    /// One worker met something that makes going on senseless for all.
    given_up: AtomicBool,
}

impl Limits {
    pub(super) fn new(options: &Options, started: Instant) -> Self {
        Limits {
            started,
            max_time: options.max_time,
            max_executions: options.max_executions,
            progress: Arc::clone(&options.progress),
            watch: watchdog::watch_of_this_thread(),
            executed: AtomicU64::new(0),
            given_up: AtomicBool::new(false),
        }
    }

    pub(super) fn count_execution(&self) {
        // Relaxed: a counter. Two workers may each take the last execution; one alone never takes too many.
        self.executed.fetch_add(1, Ordering::Relaxed);
        self.progress.executed();
    }

    /// Counts runs of the pass that counts.
    pub(super) fn count_runs(&self, runs: u64) {
        self.progress.counted(runs);
    }

    /// What was counted so far will be counted again.
    pub(super) fn count_anew(&self) {
        self.progress.count_anew();
    }

    /// What watches over the search's threads.
    pub(super) fn watch(&self) -> &Arc<Watch> {
        &self.watch
    }

    /// Counts an execution that no search counts, and tells why there must be none.
    pub(super) fn reached_after_another(&self) -> Option<String> {
        let reached = self.reached(self.executed.load(Ordering::Relaxed));
        self.count_execution();
        reached
    }

    /// Ends all workers' searches.
    pub(super) fn give_up(&self) {
        // Relaxed: workers only have to see it sooner or later, and nothing else travels with it.
        self.given_up.store(true, Ordering::Relaxed);
    }

    pub(super) fn given_up(&self) -> bool {
        self.given_up.load(Ordering::Relaxed) || self.watch.gave_up()
    }

    /// Whether what comes after the search has to end: at an interrupt; or when the search's time is over, of which it has a
    /// tenth in any case, `begun` being when that began.
    pub(super) fn explained_enough(&self, begun: Instant) -> bool {
        let is_late = |limit| self.started.elapsed() >= limit && begun.elapsed() >= limit / 10;
        self.progress.is_stopped() || self.max_time.is_some_and(is_late)
    }

    /// Why no further execution may begin, if so; `executions` are the caller's own.
    pub(super) fn reached(&self, executions: u64) -> Option<String> {
        if self.progress.is_stopped() {
            return Some("stopped by an interrupt".to_owned());
        }
        match (self.max_executions, self.max_time) {
            (Some(limit), _) if self.executed.load(Ordering::Relaxed) >= limit => {
                Some(format!("stopped after {limit} executions"))
            }
            (_, Some(limit)) if executions.is_multiple_of(CLOCK_INTERVAL) && self.started.elapsed() >= limit => {
                Some(format!("stopped after {limit:?}"))
            }
            _ => None,
        }
    }
}
