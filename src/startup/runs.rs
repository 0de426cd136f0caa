//! The runs under way: counted, limited, waited for, and given up where that takes too long.

use std::{
    collections::BTreeMap,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use crate::{contain::wake_each, sync::Mutex};

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
        wake_each(runs.into_values());
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

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut counter = self.runs.0.lock();
        counter.count -= 1;
        let unused = counter.abortable.remove(&self.number);
        let ended = if counter.count == 0 { std::mem::take(&mut counter.waiting) } else { Vec::new() };
        drop(counter);
        // A waker's drop is foreign code too.
        drop(unused);
        wake_each(ended);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contain::wakers::{Count, bomb};

    #[test]
    fn everybody_is_woken_although_one_waker_panics() {
        let runs = Arc::new(Runs::default());
        let count = Arc::new(Count::default());
        let wakers = [bomb(), Waker::from(Arc::clone(&count))];
        let tickets = wakers.each_ref().map(|waker| {
            let ticket = runs.enter(2).expect("room for two");
            assert!(ticket.poll_aborted(&mut Context::from_waker(waker)).is_pending());
            assert!(runs.poll_drained(&mut Context::from_waker(waker)).is_pending());
            ticket
        });
        runs.abort();
        assert_eq!(count.woken(), 1, "by the abort");
        drop(tickets);
        assert_eq!(count.woken(), 2, "by the last ticket");
    }
}
