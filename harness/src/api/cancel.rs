//! Futures that the explorer may drop before they finish.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};

use crate::run::context::{Cancel, with};

/// The future was dropped by the explorer, as a caller with a timeout would have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("dropped by the explorer before it finished")]
pub struct Cancelled;

/// Lets the explorer drop `future` at every scheduling point where it was polled and has not finished, whether it
/// was woken or not; that costs one cancellation. Tasks are not cancellable otherwise.
///
/// # Errors
/// [`Cancelled`] when the explorer dropped it.
///
/// # Panics
/// When awaited outside a run, or polled again after it finished.
pub fn cancellable<F: Future + 'static>(
    name: impl Into<Cow<'static, str>>,
    future: F,
) -> impl Future<Output = Result<F::Output, Cancelled>> {
    let slot = Arc::new(Slot {
        future: Mutex::new(Some(Box::pin(future))),
        waker: Mutex::default(),
        cancelled: AtomicBool::new(false),
    });
    let mut name = Some(name.into());
    std::future::poll_fn(move |cx| {
        if let Some(name) = name.take() {
            // Downgraded before it is unsized, since the run may hold what cannot be sent.
            let target: Weak<Slot<F>> = Arc::downgrade(&slot);
            with(|state| state.add_cancellable(name, target));
        }
        slot.poll(cx)
    })
}

/// Used by one thread at a time, the run's; with locks that nobody ever waits for, so that it can be sent where the
/// future can.
struct Slot<F: Future> {
    /// `None` while it is being polled, after it finished and after it was dropped.
    future: Mutex<Option<Pin<Box<F>>>>,
    waker: Mutex<Option<Waker>>,
    /// Relaxed: the run's thread writes it and reads it.
    cancelled: AtomicBool,
}

fn lock<T>(slot: &Mutex<T>) -> MutexGuard<'_, T> {
    // An option that is only taken and set is whole at every moment.
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<F: Future> Slot<F> {
    fn poll(&self, cx: &mut Context<'_>) -> Poll<Result<F::Output, Cancelled>> {
        if self.cancelled.load(Ordering::Relaxed) {
            return Poll::Ready(Err(Cancelled));
        }
        let taken = lock(&self.future).take();
        let mut future = taken.expect("a cancellable future was polled after it finished");
        // Taken out meanwhile: the future may list the run's cancellables, this one among them.
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Ok(output)),
            Poll::Pending => {
                *lock(&self.future) = Some(future);
                // The former one is dropped outside the lock: a waker's destructor may be anybody's code.
                let _former = lock(&self.waker).replace(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl<F: Future> Cancel for Slot<F> {
    fn is_pending(&self) -> bool {
        lock(&self.future).is_some() && lock(&self.waker).is_some()
    }

    fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
        let future = lock(&self.future).take();
        let waker = lock(&self.waker).take();
        drop(future);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}
