//! The runs under way: counted, limited, waited for, and given up where that takes too long.

use std::{
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use crate::{
    contain::{discard, wake_each},
    sync::Mutex,
};

/// The runs of one generation of the platform.
#[derive(Default)]
pub(super) struct Runs(Mutex<State>);

#[derive(Default)]
struct State {
    /// Always the number of live [`Ticket`]s.
    count: usize,
    /// Who waits for the count to fall to zero.
    waiting: Vec<Waker>,
    /// Runs are to end now. Never taken back: a later start has runs of its own.
    aborted: bool,
    /// Runs that nobody polls at the moment, by number. Empty from the abort on.
    idle: BTreeMap<u64, Idle>,
    /// The number of the latest run.
    latest: u64,
}

/// A run between two of its polls. Its work is dropped before its ticket: whoever waits for the tickets waits until the end
/// was told.
struct Idle {
    work: Work,
    ticket: Ticket,
    /// The task's that polls the run, as soon as it has.
    waker: Option<Waker>,
}

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The right to one run; its drop ends it.
#[must_use]
pub(super) struct Ticket {
    runs: Arc<Runs>,
    number: u64,
}

/// A run as a task has it. An abort ends the run whether or not this is ever polled again.
pub(super) struct Run {
    runs: Arc<Runs>,
    number: u64,
}

impl Runs {
    /// Gives a ticket, unless `limit` are out.
    pub(super) fn enter(self: &Arc<Self>, limit: usize) -> Option<Ticket> {
        let mut state = self.0.lock();
        if state.count >= limit {
            return None;
        }
        state.count += 1;
        state.latest += 1;
        Some(Ticket { runs: Arc::clone(self), number: state.latest })
    }

    /// Ready when none is under way.
    pub(super) fn poll_drained(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.0.lock();
        if state.count == 0 {
            return Poll::Ready(());
        }
        if !state.waiting.iter().any(|waker| waker.will_wake(context.waker())) {
            state.waiting.push(context.waker().clone());
        }
        Poll::Pending
    }

    /// Ends every run, here and now; one that is being polled on another thread ends with that poll.
    pub(super) fn abort(&self) {
        let mut state = self.0.lock();
        state.aborted = true;
        let idle = std::mem::take(&mut state.idle);
        drop(state);
        let end = |Idle { work, ticket, waker }| {
            discard(work);
            drop(ticket);
            waker
        };
        // Only so that their tasks end as well.
        let wakers: Vec<Waker> = idle.into_values().filter_map(end).collect();
        wake_each(wakers);
    }

    /// Keeps a run until its next poll; one that is to end is dropped, and `false`.
    fn keep(&self, idle: Idle) -> bool {
        let mut state = self.0.lock();
        if state.aborted {
            drop(state);
            drop(idle);
            return false;
        }
        state.idle.insert(idle.ticket.number, idle);
        true
    }

    /// Takes a run out to be polled or dropped. `None` if an abort has ended it.
    fn take(&self, number: u64) -> Option<Idle> {
        self.0.lock().idle.remove(&number)
    }
}

impl Ticket {
    /// `work` as a task that an abort ends.
    pub(super) fn run(self, work: impl Future<Output = ()> + Send + 'static) -> Run {
        let (runs, number) = (Arc::clone(&self.runs), self.number);
        runs.keep(Idle { work: Box::pin(work), ticket: self, waker: None });
        Run { runs, number }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut state = self.runs.0.lock();
        state.count -= 1;
        let ended = if state.count == 0 { std::mem::take(&mut state.waiting) } else { Vec::new() };
        drop(state);
        wake_each(ended);
    }
}

impl Future for Run {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Some(mut idle) = self.runs.take(self.number) else {
            return Poll::Ready(());
        };
        if idle.work.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        idle.waker = Some(context.waker().clone());
        if self.runs.keep(idle) { Poll::Pending } else { Poll::Ready(()) }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // Not in the lock: the work tells its end.
        let idle = self.runs.take(self.number);
        drop(idle);
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, poll_fn};

    use super::*;
    use crate::contain::wakers::{Count, bomb};

    /// Work that never ends by itself, and of which the drop can be seen.
    fn endless(token: &Arc<()>) -> impl Future<Output = ()> + Send + 'static {
        let token = Arc::clone(token);
        async move {
            pending::<()>().await;
            drop(token);
        }
    }

    fn is_drained(runs: &Runs) -> bool {
        runs.poll_drained(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    fn poll(run: &mut Run, waker: &Waker) -> Poll<()> {
        Pin::new(run).poll(&mut Context::from_waker(waker))
    }

    #[test]
    fn an_abort_ends_runs_that_nobody_polls_and_wakes_every_task_although_one_waker_panics() {
        let (runs, token) = (Arc::new(Runs::default()), Arc::new(()));
        let count = Arc::new(Count::default());
        let wakers = [bomb(), Waker::from(Arc::clone(&count))];
        let mut tasks = wakers.each_ref().map(|waker| {
            let mut run = runs.enter(2).expect("room for two").run(endless(&token));
            assert!(poll(&mut run, waker).is_pending());
            assert!(runs.poll_drained(&mut Context::from_waker(waker)).is_pending());
            run
        });
        assert!(runs.enter(2).is_none(), "no room for a third");
        runs.abort();
        assert_eq!(Arc::strong_count(&token), 1, "both are dropped");
        assert!(is_drained(&runs));
        assert_eq!(count.woken(), 2, "as one that waited for the drain, and as a task");
        for task in &mut tasks {
            assert!(poll(task, Waker::noop()).is_ready());
        }
    }

    #[test]
    fn whoever_waits_for_the_drain_is_woken_by_the_last_run_that_ends() {
        let (runs, count) = (Arc::new(Runs::default()), Arc::new(Count::default()));
        let tickets = [runs.enter(2).expect("room"), runs.enter(2).expect("room")];
        let waker = Waker::from(Arc::clone(&count));
        assert!(runs.poll_drained(&mut Context::from_waker(&waker)).is_pending());
        let woken = tickets.map(|ticket| {
            drop(ticket);
            count.woken()
        });
        assert_eq!(woken, [0, 1]);
    }

    #[test]
    fn a_run_that_is_being_polled_ends_with_that_poll() {
        let runs = Arc::new(Runs::default());
        let aborting = Arc::clone(&runs);
        let work = poll_fn(move |_| {
            aborting.abort();
            assert!(!is_drained(&aborting), "it has not ended yet");
            Poll::Pending
        });
        let mut run = runs.enter(1).expect("room for one").run(work);
        assert!(poll(&mut run, Waker::noop()).is_ready());
        assert!(is_drained(&runs));
    }

    #[test]
    fn a_run_that_begins_after_the_abort_is_over_at_once() {
        let (runs, token) = (Arc::new(Runs::default()), Arc::new(()));
        let ticket = runs.enter(1).expect("room for one");
        runs.abort();
        assert!(!is_drained(&runs));
        let mut run = ticket.run(endless(&token));
        assert_eq!((Arc::strong_count(&token), is_drained(&runs)), (1, true));
        assert!(poll(&mut run, Waker::noop()).is_ready());
    }

    #[test]
    fn a_task_that_is_dropped_takes_its_run_along() {
        let (runs, token) = (Arc::new(Runs::default()), Arc::new(()));
        let run = runs.enter(1).expect("room for one").run(endless(&token));
        assert!(!is_drained(&runs));
        drop(run);
        assert_eq!((Arc::strong_count(&token), is_drained(&runs)), (1, true));
    }
}
