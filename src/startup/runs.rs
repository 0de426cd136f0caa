//! The runs under way: counted, limited, waited for.

use std::{
    sync::Arc,
    task::{Context, Poll, Waker},
};

use crate::sync::Mutex;

/// Counts the runs of one generation of the platform.
#[derive(Default)]
pub(super) struct Runs(Mutex<Counter>);

#[derive(Default)]
struct Counter {
    /// Always the number of live [`Ticket`]s.
    count: usize,
    /// Who waits for the count to fall to zero.
    waiting: Vec<Waker>,
}

/// One run under way; its drop ends it, however the run ended.
#[must_use]
pub(super) struct Ticket(Arc<Runs>);

impl Runs {
    /// Begins a run, unless `limit` are under way.
    pub(super) fn enter(self: &Arc<Self>, limit: usize) -> Option<Ticket> {
        let mut counter = self.0.lock();
        if counter.count >= limit {
            return None;
        }
        counter.count += 1;
        Some(Ticket(Arc::clone(self)))
    }

    /// Ready when none is under way.
    pub(super) fn poll_drained(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut counter = self.0.lock();
        if counter.count == 0 {
            return Poll::Ready(());
        }
        if !counter.waiting.iter().any(|waker| waker.will_wake(context.waker())) {
            counter.waiting.push(context.waker().clone());
        }
        Poll::Pending
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut counter = self.0.0.lock();
        counter.count -= 1;
        let ended = if counter.count == 0 { std::mem::take(&mut counter.waiting) } else { Vec::new() };
        drop(counter);
        // Outside the lock: a waker is foreign code.
        for waker in ended {
            waker.wake();
        }
    }
}
