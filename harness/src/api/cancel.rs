//! Futures that the explorer may drop before they finish.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
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
    let slot = Rc::new(Slot {
        future: RefCell::new(Some(Box::pin(future))),
        waker: RefCell::default(),
        cancelled: Cell::new(false),
    });
    let mut name = Some(name.into());
    std::future::poll_fn(move |cx| {
        if let Some(name) = name.take() {
            let target: Rc<dyn Cancel> = slot.clone();
            with(|state| state.add_cancellable(name, Rc::downgrade(&target)));
        }
        slot.poll(cx)
    })
}

struct Slot<F: Future> {
    /// `None` while it is being polled, after it finished and after it was dropped.
    future: RefCell<Option<Pin<Box<F>>>>,
    waker: RefCell<Option<Waker>>,
    cancelled: Cell<bool>,
}

impl<F: Future> Slot<F> {
    fn poll(&self, cx: &mut Context<'_>) -> Poll<Result<F::Output, Cancelled>> {
        if self.cancelled.get() {
            return Poll::Ready(Err(Cancelled));
        }
        let taken = self.future.borrow_mut().take();
        let mut future = taken.expect("a cancellable future was polled after it finished");
        // Taken out meanwhile: the future may list the run's cancellables, this one among them.
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Ok(output)),
            Poll::Pending => {
                *self.future.borrow_mut() = Some(future);
                *self.waker.borrow_mut() = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl<F: Future> Cancel for Slot<F> {
    fn is_pending(&self) -> bool {
        self.future.borrow().is_some() && self.waker.borrow().is_some()
    }

    fn cancel(&self) {
        self.cancelled.set(true);
        let future = self.future.borrow_mut().take();
        let waker = self.waker.borrow_mut().take();
        drop(future);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}
