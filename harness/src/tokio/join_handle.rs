//! Handles of single tasks, and what they tell.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use ::tokio::task::{AbortHandle, Id, JoinError};

use crate::run::context::{Name, Role, try_with};
use crate::run::spawned::Joiner;
use crate::run::waits::Wait;

/// tokio's [`JoinHandle`](::tokio::task::JoinHandle), with the same methods. Inside a run it also knows whether anybody
/// learns of a panic: one that nobody does fails the run.
///
/// Where somebody else's code wants tokio's own type, `handle.into()` is it. What that tells cannot be seen any more, so a
/// panic of the task fails the run from then on, whoever handles it.
///
/// Cancel safe, as tokio's. Dropping it detaches the task.
pub struct JoinHandle<T> {
    real: ::tokio::task::JoinHandle<T>,
    run: Option<InRun<T>>,
}

/// What a handle knows of its run.
struct InRun<T> {
    joiner: Arc<Joiner>,
    task: Name,
    reclaim: fn(&Joiner, Id) -> Option<T>,
}

impl<T> Drop for InRun<T> {
    fn drop(&mut self) {
        go(&self.joiner);
    }
}

impl<T> JoinHandle<T> {
    /// Of a task outside a run.
    pub(super) fn plain(real: ::tokio::task::JoinHandle<T>) -> Self {
        JoinHandle { real, run: None }
    }

    /// Of a task of the run.
    pub(super) fn in_run(real: ::tokio::task::JoinHandle<T>, joiner: Arc<Joiner>, task: Name) -> Self
    where
        T: 'static,
    {
        JoinHandle { real, run: Some(InRun { joiner, task, reclaim: Joiner::reclaim }) }
    }

    /// Asks for the task's end. It is dropped when it has its next turn, which in a run is a step of its own; a task that
    /// has ended stays as it is.
    pub fn abort(&self) {
        self.real.abort();
    }

    /// A handle that can abort the task and nothing else: tokio's own.
    pub fn abort_handle(&self) -> AbortHandle {
        self.real.abort_handle()
    }

    /// Whether the task has ended, one way or another.
    pub fn is_finished(&self) -> bool {
        self.real.is_finished()
    }

    /// The task's number, as tokio gives it.
    pub fn id(&self) -> Id {
        self.real.id()
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let polled = Pin::new(&mut self.real).poll(cx);
        let Some(run) = &self.run else { return polled };
        if polled.is_pending() {
            run.joiner.wait();
            let _ = try_with(|state| state.wait_for(Wait::Join(run.task.clone(), Role::Spawned)));
        }
        Poll::Ready(ready!(polled).or_else(|error| seen(&run.joiner, run.reclaim, error)))
    }
}

impl<T: fmt::Debug> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.real.fmt(f)
    }
}

impl<T> From<JoinHandle<T>> for ::tokio::task::JoinHandle<T> {
    fn from(handle: JoinHandle<T>) -> Self {
        handle.real
    }
}

/// Somebody was told how a task ended: by a panic, or cancelled; or it gave an output after all.
pub(super) fn seen<T>(
    joiner: &Joiner,
    reclaim: impl Fn(&Joiner, Id) -> Option<T>,
    error: JoinError,
) -> Result<T, JoinError> {
    let task = error.id();
    if error.is_panic() {
        let _ = try_with(|state| state.spawned.panic_was_seen(task));
        return Err(error);
    }
    reclaim(joiner, task).ok_or(error)
}

/// Nobody will join through this any more: a panic that is kept for it is unseen for good.
pub(super) fn go(joiner: &Arc<Joiner>) {
    joiner.go();
    let _ = try_with(|state| {
        if let Some(failure) = state.spawned.gone(joiner) {
            state.fail(failure);
        }
    });
}
