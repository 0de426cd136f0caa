//! Which run a handle belongs to.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, ThreadId};

use super::current::{try_with, with};

/// One execution of a scenario; the same where it is the same allocation.
#[derive(Debug)]
pub(crate) struct Identity {
    thread: ThreadId,
    /// Relaxed: who reads it on another thread is about to panic, and only the message depends on it.
    ended: AtomicBool,
}

impl Identity {
    /// Of the run that is being executed.
    ///
    /// # Panics
    /// Outside a run.
    #[track_caller]
    pub(crate) fn current() -> Arc<Identity> {
        with(|state| {
            let identity = state.identity.get_or_insert_with(|| {
                Arc::new(Identity { thread: thread::current().id(), ended: AtomicBool::new(false) })
            });
            Arc::clone(identity)
        })
    }

    pub(super) fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }

    /// # Panics
    /// If this thread does not execute this very run.
    #[track_caller]
    pub(crate) fn demand(self: &Arc<Self>) {
        self.demand_by("nevernone's `Run`");
    }

    /// Whether this thread executes this very run.
    pub(crate) fn is_here(self: &Arc<Self>) -> bool {
        let here = try_with(|state| state.identity.as_ref().is_some_and(|current| Arc::ptr_eq(current, self)));
        here == Some(true)
    }

    /// The same as [`demand`](Identity::demand), of something else that belongs to a run.
    #[track_caller]
    pub(crate) fn demand_by(self: &Arc<Self>, what_was_used: &str) {
        if self.is_here() {
            return;
        }
        let what = if self.ended.load(Ordering::Relaxed) {
            "was used after its run had ended. Each run executes the body again: take `nevernone::run()` in the body, \
             make in the body whatever holds it, and let nothing that outlives a run keep one, such as a static or a \
             thread"
        } else if self.thread != thread::current().id() {
            "was used from another thread than its run's, and a run has one thread. Start a task with `Run::spawn` instead of a \
             thread, or let the thread hand over what it has, and use the handle in the task that takes it"
        } else {
            // The run goes on on this thread, and its state is in use.
            "was used while nevernone was at work on the run, as from the destructor of a waker; use it in a task"
        };
        panic!("{what_was_used} {what}")
    }
}
