//! What the engine takes from tokio, fact by fact and straight against tokio: where an upgrade changes one, this is what
//! says which.

mod budget;
mod clock;
mod host;

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::task::coop::poll_proceed;
use tokio::time::sleep;

/// As the engine builds its own.
fn paused() -> Runtime {
    Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .event_interval(1)
        .global_queue_interval(1)
        .build()
        .expect("a runtime")
}

/// Lets that much time pass.
fn pass(runtime: &Runtime, time: Duration) {
    runtime.block_on(async { sleep(time).await });
}

/// One poll of a hosted future, as a step of the engine is.
fn in_step<R>(runtime: &Runtime, step: impl FnOnce() -> R) -> R {
    let mut step = Some(step);
    runtime.handle().block_on(poll_fn(|_| Poll::Ready(step.take().expect("polled once")())))
}

/// Takes one unit of the budget, if there is one.
fn take_unit() -> bool {
    match poll_proceed(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(unit) => {
            unit.made_progress();
            true
        }
        Poll::Pending => false,
    }
}

/// Counts what is left of the budget, by taking it; `None` where there is no end to it.
fn count_budget() -> Option<usize> {
    (0..10_000).position(|_| !take_unit())
}

/// tokio's number; the engine counts it, and a test here says when it changes.
const WHOLE: usize = 128;

/// Leaves that much of a whole budget.
fn leave(units: usize) {
    for _ in units..WHOLE {
        assert!(take_unit());
    }
}

/// Counts and lists wake-ups.
#[derive(Default)]
struct Wakes {
    count: AtomicUsize,
    order: Arc<Mutex<Vec<usize>>>,
    id: usize,
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.count.fetch_add(1, Ordering::SeqCst);
        self.order.lock().unwrap().push(self.id);
    }
}

impl Wakes {
    fn seen(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }
}

/// Polls with a waker of its own.
fn poll<F: Future + ?Sized>(future: Pin<&mut F>, wakes: &Arc<Wakes>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(&Waker::from(Arc::clone(wakes))))
}
