//! Tasks of a scenario.

use std::borrow::Cow;
use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::run::Injected;
use crate::run::context::{Role, try_with, with};
use crate::run::waits::Wait;

/// Starts a foreground task: the run ends when all of these ended. Its polls are interleaved with everything else.
///
/// # Panics
/// Outside a run.
#[must_use = "a task runs without its handle; `drop` the handle to say that nobody waits for it"]
#[track_caller]
pub fn spawn<F>(name: impl Into<Cow<'static, str>>, future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    start(name.into(), Role::Foreground, future)
}

/// Starts a background task, such as an accept loop: it is dropped when the foreground has ended. Its handle is for
/// those who wait for it all the same; unlike [`spawn`]'s it need not be used.
///
/// ```
/// #![deny(unused_must_use)]
/// use nevernone::{Scenario, Verdict, campaign, daemon, millis};
/// use tokio::time::sleep;
///
/// let scenario = Scenario::new("a ping loop", || async {
///     daemon("pings", async {
///         loop {
///             sleep(millis(10)).await;
///         }
///     });
///     sleep(millis(25)).await;
/// });
/// assert_eq!(campaign::check(&scenario, &campaign::Options::default()).verdict, Verdict::Verified);
/// ```
///
/// # Panics
/// Outside a run.
#[track_caller]
pub fn daemon<F>(name: impl Into<Cow<'static, str>>, future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    start(name.into(), Role::Daemon, future)
}

/// Waits for a task's output. Dropping it detaches the task; awaiting it is cancel safe.
///
/// # Panics
/// When awaited after the task was ended by a panic that the explorer injected: the panic goes on in the awaiting
/// task, and is no failure there either. (A panic of the task's own fails the run on the spot.)
#[derive(Debug)]
pub struct JoinHandle<T> {
    /// What whoever awaits it waits for.
    wait: Wait,
    shared: Arc<Mutex<Shared<T>>>,
}

#[derive(Debug)]
enum Shared<T> {
    Running(Option<Waker>),
    Done(T),
    /// The handle gave it to whoever awaited it.
    Taken,
    /// The task was dropped before it finished.
    Gone,
}

impl<T> JoinHandle<T> {
    /// Of a task that is about to run.
    pub(super) fn new(name: Cow<'static, str>, role: Role) -> Self {
        JoinHandle { wait: Wait::Join(name, role), shared: Arc::new(Mutex::new(Shared::Running(None))) }
    }

    /// The other end.
    pub(super) fn settle(&self) -> Settle<T> {
        Settle(Arc::clone(&self.shared))
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Shared::Running(waker) = &mut *shared {
            *waker = Some(cx.waker().clone());
            drop(shared);
            let _ = try_with(|state| state.wait_for(self.wait.clone()));
            return Poll::Pending;
        }
        if let Shared::Done(output) = std::mem::replace(&mut *shared, Shared::Taken) {
            return Poll::Ready(output);
        }
        drop(shared);
        resume_unwind(Box::new(Injected))
    }
}

/// Settles the handle when the task's future ends or is dropped.
pub(super) struct Settle<T>(Arc<Mutex<Shared<T>>>);

impl<T> Settle<T> {
    /// The task ended.
    pub(super) fn done(&self, output: T) {
        self.settle(Shared::Done(output));
    }

    /// The task was dropped before it ended.
    pub(super) fn gone(&self) {
        self.settle(Shared::Gone);
    }

    /// There is another task now, whose output counts, unless an earlier one's was given already.
    pub(super) fn begin_again(&self) {
        let mut shared = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Shared::Done(_) | Shared::Gone = &*shared {
            let replaced = std::mem::replace(&mut *shared, Shared::Running(None));
            drop(shared);
            // An output's destructor is the scenario's code: outside the lock.
            drop(replaced);
        }
    }

    fn settle(&self, with: Shared<T>) {
        let previous = {
            let mut shared = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match &*shared {
                Shared::Running(_) => std::mem::replace(&mut *shared, with),
                Shared::Done(_) | Shared::Taken | Shared::Gone => return,
            }
        };
        if let Shared::Running(Some(waker)) = previous {
            waker.wake();
        }
    }
}

impl<T> Drop for Settle<T> {
    fn drop(&mut self) {
        self.gone();
    }
}

#[track_caller]
fn start<F>(name: Cow<'static, str>, role: Role, future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let handle = JoinHandle::new(name.clone(), role);
    let settle = handle.settle();
    // Boxed out here: what a closure takes with it is copied, and futures are large.
    let task = Box::pin(async move {
        let output = future.await;
        settle.done(output);
    });
    with(|state| state.spawn(name, role, task));
    handle
}
