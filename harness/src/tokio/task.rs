//! tokio's [`task`](::tokio::task), with tasks that a run controls.

pub use ::tokio::task::*;

use std::future::Future;
use std::panic::Location as Caller;
use std::sync::Arc;

use super::hosted;
pub use super::join_handle::JoinHandle;
pub use super::join_set::JoinSet;

/// Starts a task of its own. Inside a run it belongs to the run: its polls come in every order with everything else, and
/// can be cut. The run does not wait for it; outside a run this is [`tokio::spawn`].
///
/// ```
/// use nevernone::{Scenario, Verdict, campaign, sometimes, tokio};
///
/// let scenario = Scenario::new("who comes first", || async {
///     let slow = tokio::spawn(async { tokio::task::yield_now().await });
///     let quick = tokio::spawn(async {});
///     quick.await.unwrap();
///     sometimes("the one that was spawned first ended first", slow.is_finished());
///     sometimes("the one that was spawned last ended first", !slow.is_finished());
/// });
/// let report = campaign::check(&scenario, &campaign::Options::default());
/// assert_eq!(report.verdict, Verdict::Verified);
/// ```
///
/// # Panics
/// Outside a run and outside a tokio runtime.
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let joiner = Arc::default();
    let started = hosted::start(future, &joiner, Caller::caller(), |shell, local| {
        let handle = local.spawn_local(shell);
        let id = handle.id();
        (handle, id)
    });
    match started {
        Ok((handle, name)) => JoinHandle::in_run(handle, joiner, name),
        Err(future) => JoinHandle::plain(::tokio::spawn(future)),
    }
}

/// The number of the task that is being polled.
///
/// # Panics
/// Outside a task.
#[track_caller]
pub fn id() -> Id {
    hosted::current().unwrap_or_else(::tokio::task::id)
}

/// Like [`id`]; `None` outside a task.
pub fn try_id() -> Option<Id> {
    hosted::current().or_else(::tokio::task::try_id)
}
