//! Futures that may panic where they wait.

use std::borrow::Cow;
use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::ending::Failure;
use crate::run::context::{try_with, with};
use crate::run::{Injected, catch};

/// Lets the explorer make `future` panic at every scheduling point where it was polled and has not finished, whether
/// it was woken or not; that costs one panic, of which the default bounds admit one in a run. The panic comes out of
/// the `await` at which the future waits: what the future holds is dropped while the panic unwinds, so that a
/// `std::sync::Mutex` that it had locked is poisoned, and then the panic goes on through whatever encloses it. Its own
/// task is polled in that very step; a task that was given to tokio itself is woken, and panics when it runs.
///
/// A task that ends by it does not fail the run: who awaits its [`JoinHandle`](crate::JoinHandle) meets the panic there.
/// A destructor that panics on the way does fail it, since such a process aborts.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use nevernone::{Scenario, campaign, daemon, may_panic, sometimes};
///
/// let scenario = Scenario::new("a-poisoned-lock", || async {
///     let connections = Arc::new(Mutex::new(0));
///     let held = Arc::clone(&connections);
///     drop(daemon("worker", may_panic("worker", async move {
///         let _held = held.lock();
///         tokio::task::yield_now().await; // with the lock held: a bug of its own, for another day
///     })));
///     tokio::time::sleep(nevernone::millis(1)).await;
///     sometimes("poisoned", connections.is_poisoned());
/// });
/// let report = campaign::check(&scenario, &campaign::Options::default());
/// assert!(report.ok && report.sometimes[0].hits > 0);
/// ```
///
/// # Panics
/// When the explorer chooses so. When awaited outside a run, or polled again after it finished.
pub fn may_panic<F: Future>(name: impl Into<Cow<'static, str>>, future: F) -> impl Future<Output = F::Output> {
    MayPanic { name: Some(name.into()), id: None, future: Some(Box::pin(future)) }
}

struct MayPanic<F> {
    name: Option<Cow<'static, str>>,
    /// Its place among those that wait, from the first poll on.
    id: Option<u64>,
    /// `None` once it finished or panicked.
    future: Option<Pin<Box<F>>>,
}

impl<F: Future> Future for MayPanic<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let id = match self.id {
            Some(id) => id,
            None => with(|state| state.add_panic_point(self.name.take().unwrap_or_default())),
        };
        self.id = Some(id);
        let future = self.future.as_mut().expect("a future that may panic was polled after it finished");
        if with(|state| state.upsets().begin_poll(id)) {
            let _dropped_while_unwinding = Unwinding(self.future.take());
            resume_unwind(Box::new(Injected));
        }
        let polled = future.as_mut().poll(cx);
        if polled.is_ready() {
            self.leave();
            self.future = None;
        } else {
            with(|state| state.upsets().wait(id, cx.waker().clone()));
        }
        polled
    }
}

impl<F> MayPanic<F> {
    fn leave(&self) {
        if let Some(id) = self.id {
            // The removed waker is dropped outside the state's borrow.
            let _removed = try_with(|state| state.upsets().remove_panic_point(id));
        }
    }
}

impl<F> Drop for MayPanic<F> {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Drops its future while a panic unwinds. A second panic that got out of a destructor would end the process here and
/// now, as it does in production; caught, it is a failure with a story.
struct Unwinding<F>(Option<Pin<Box<F>>>);

impl<F> Drop for Unwinding<F> {
    fn drop(&mut self) {
        let future = self.0.take();
        if let Err(caught) = catch(|| drop(future)) {
            let failure = Failure {
                property: "panic".to_owned(),
                message: format!(
                    "a destructor panicked while a panic unwound, which aborts the process: {}",
                    caught.message
                ),
                location: caught.location,
            };
            let _ = try_with(|state| state.fail(failure));
        }
    }
}
