//! The runs under way: counted, limited, waited for, and given up where that takes too long.

use std::{
    collections::BTreeMap,
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
    /// Runs are to end now. Never taken back: a later start has runs of its own.
    aborted: bool,
    /// Who is to be woken then, by the run's number. Only live runs: each takes its own away when it ends.
    abortable: BTreeMap<u64, Waker>,
    /// The number of the next run.
    next: u64,
}

/// One run under way; its drop ends it, however the run ended.
#[must_use]
pub(super) struct Ticket {
    runs: Arc<Runs>,
    number: u64,
}

impl Runs {
    /// Begins a run, unless `limit` are under way.
    pub(super) fn enter(self: &Arc<Self>, limit: usize) -> Option<Ticket> {
        let mut counter = self.0.lock();
        if counter.count >= limit {
            return None;
        }
        counter.count += 1;
        counter.next += 1;
        Some(Ticket { runs: Arc::clone(self), number: counter.next })
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

    /// Tells every run that it is to end now.
    pub(super) fn abort(&self) {
        let mut counter = self.0.lock();
        counter.aborted = true;
        let runs = std::mem::take(&mut counter.abortable);
        drop(counter);
        wake(runs.into_values());
    }
}

impl Ticket {
    /// Ready once the run is to end.
    pub(super) fn poll_aborted(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut counter = self.runs.0.lock();
        if counter.aborted {
            return Poll::Ready(());
        }
        let known = counter.abortable.get(&self.number);
        let is_known = known.is_some_and(|known| known.will_wake(context.waker()));
        let replaced = (!is_known).then(|| counter.abortable.insert(self.number, context.waker().clone()));
        drop(counter);
        drop(replaced);
        Poll::Pending
    }
}

/// Never under the lock: a waker is foreign code.
fn wake(wakers: impl IntoIterator<Item = Waker>) {
    for waker in wakers {
        waker.wake();
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut counter = self.runs.0.lock();
        counter.count -= 1;
        let unused = counter.abortable.remove(&self.number);
        let ended = if counter.count == 0 { std::mem::take(&mut counter.waiting) } else { Vec::new() };
        drop(counter);
        // A waker's drop is foreign code too.
        drop(unused);
        wake(ended);
    }
}
