//! How far a search has come, for whoever watches it from another thread.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Counters of a search in progress, and the wish that it stop. All orderings are relaxed: each value is read on its own,
/// for people.
#[derive(Debug, Default)]
pub struct Progress {
    /// Everything that was executed so far.
    executions: AtomicU64,
    /// Runs of the pass that counts; 0 while the probes go on.
    runs: AtomicU64,
    stop: AtomicBool,
}

impl Progress {
    /// Everything that was executed so far, probes and doubled runs included.
    pub fn executions(&self) -> u64 {
        self.executions.load(Ordering::Relaxed)
    }

    /// Runs of the pass that counts; 0 while the probes of small costs go on.
    pub fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }

    /// Asks the search to stop after its current run. It is incomplete then, and says that it was interrupted.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    pub(super) fn executed(&self, executions: u64) {
        self.executions.fetch_add(executions, Ordering::Relaxed);
    }

    pub(super) fn counted(&self, runs: u64) {
        self.runs.fetch_add(runs, Ordering::Relaxed);
    }

    /// What was counted so far will be counted again.
    pub(super) fn count_anew(&self) {
        self.runs.store(0, Ordering::Relaxed);
    }
}
