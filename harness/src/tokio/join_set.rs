//! Tasks that are joined as they end.

use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::{Location as Caller, resume_unwind};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use ::tokio::runtime::Handle;
use ::tokio::task::{AbortHandle, Id, JoinError, LocalSet};

use super::hosted;
use super::join_handle::{go, seen};
use crate::run::spawned::Joiner;

/// tokio's [`JoinSet`](::tokio::task::JoinSet), with the same methods, around tokio's own: tasks that are spawned inside a
/// run belong to the run, and are joined in the order in which they end, as tokio joins them.
///
/// A set that is dropped aborts its tasks; in a run each of them is dropped in a step of its own. A panic of a task that
/// nobody joins fails the run. [`shutdown`](JoinSet::shutdown) looks at no result, so it is no joining.
pub struct JoinSet<T> {
    real: ::tokio::task::JoinSet<T>,
    /// For the tasks that were spawned inside a run.
    joiner: Option<Arc<Joiner>>,
}

impl<T> JoinSet<T> {
    /// An empty set.
    pub fn new() -> Self {
        JoinSet { real: ::tokio::task::JoinSet::new(), joiner: None }
    }

    /// How many tasks nobody has joined yet, ended or not.
    pub fn len(&self) -> usize {
        self.real.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.real.is_empty()
    }
}

impl<T: 'static> JoinSet<T> {
    /// Spawns a task into the set: in a run as [`spawn`](super::spawn) does.
    ///
    /// # Panics
    /// Outside a run and outside a tokio runtime.
    #[track_caller]
    pub fn spawn<F>(&mut self, task: F) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        match self.host(task, Caller::caller()) {
            Ok(handle) => handle,
            Err(task) => self.real.spawn(task),
        }
    }

    /// Spawns a task on another runtime. A run has one runtime, so there this is [`spawn`](JoinSet::spawn).
    #[track_caller]
    pub fn spawn_on<F>(&mut self, task: F, handle: &Handle) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        match self.host(task, Caller::caller()) {
            Ok(handle) => handle,
            Err(task) => self.real.spawn_on(task, handle),
        }
    }

    fn host<F>(&mut self, task: F, caller: &'static Caller<'static>) -> Result<AbortHandle, F>
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        let joiner = self.joiner.get_or_insert_default();
        let real = &mut self.real;
        let (handle, _) = hosted::start(task, joiner, caller, |shell, local| {
            let handle = real.spawn_local_on(shell, local);
            let id = handle.id();
            (handle, id)
        })?;
        Ok(handle)
    }

    /// tokio's own: the tasks of a `LocalSet` are polled by that, in tokio's order, wherever it is polled.
    ///
    /// # Panics
    /// Outside a `LocalSet`.
    #[track_caller]
    pub fn spawn_local<F>(&mut self, task: F) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        self.real.spawn_local(task)
    }

    /// tokio's own, as [`spawn_local`](JoinSet::spawn_local).
    #[track_caller]
    pub fn spawn_local_on<F>(&mut self, task: F, local_set: &LocalSet) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        self.real.spawn_local_on(task, local_set)
    }

    /// tokio's own: a thread that no choice controls, so that a search with it is `incomplete`.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    #[track_caller]
    pub fn spawn_blocking<F>(&mut self, f: F) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        self.real.spawn_blocking(f)
    }

    /// tokio's own, as [`spawn_blocking`](JoinSet::spawn_blocking).
    #[track_caller]
    pub fn spawn_blocking_on<F>(&mut self, f: F, handle: &Handle) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        self.real.spawn_blocking_on(f, handle)
    }

    /// Waits for the next task to end, and takes it out; `None` where the set is empty. Cancel safe.
    pub async fn join_next(&mut self) -> Option<Result<T, JoinError>> {
        poll_fn(|cx| self.poll_join_next(cx)).await
    }

    /// Like [`join_next`](JoinSet::join_next), with the task's number.
    pub async fn join_next_with_id(&mut self) -> Option<Result<(Id, T), JoinError>> {
        poll_fn(|cx| self.poll_join_next_with_id(cx)).await
    }

    /// Takes out a task that has ended, if there is one.
    pub fn try_join_next(&mut self) -> Option<Result<T, JoinError>> {
        let joined = self.real.try_join_next()?;
        Some(joined.or_else(|error| self.seen(error)))
    }

    /// Like [`try_join_next`](JoinSet::try_join_next), with the task's number.
    pub fn try_join_next_with_id(&mut self) -> Option<Result<(Id, T), JoinError>> {
        let joined = self.real.try_join_next_with_id()?;
        Some(joined.or_else(|error| self.seen_with_id(error)))
    }

    /// Aborts all tasks and waits until they have ended, whichever way.
    pub async fn shutdown(&mut self) {
        self.real.shutdown().await;
    }

    /// Waits for all tasks; their outputs come in the order in which they ended.
    ///
    /// # Panics
    /// With the panic of a task that panicked, or if one was aborted.
    pub async fn join_all(mut self) -> Vec<T> {
        let mut outputs = Vec::with_capacity(self.len());
        while let Some(joined) = self.join_next().await {
            match joined {
                Ok(output) => outputs.push(output),
                Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
                Err(error) => panic!("{error}"),
            }
        }
        outputs
    }

    /// Aborts all tasks; they stay in the set until they are joined.
    pub fn abort_all(&mut self) {
        self.real.abort_all();
    }

    /// Takes all tasks out and lets them run.
    pub fn detach_all(&mut self) {
        self.real.detach_all();
        self.go();
    }

    /// The poll of [`join_next`](JoinSet::join_next).
    pub fn poll_join_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, JoinError>>> {
        let polled = self.real.poll_join_next(cx);
        self.note_wait(polled.is_pending());
        let Some(joined) = ready!(polled) else { return Poll::Ready(None) };
        Poll::Ready(Some(joined.or_else(|error| self.seen(error))))
    }

    /// The poll of [`join_next_with_id`](JoinSet::join_next_with_id).
    pub fn poll_join_next_with_id(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<(Id, T), JoinError>>> {
        let polled = self.real.poll_join_next_with_id(cx);
        self.note_wait(polled.is_pending());
        let Some(joined) = ready!(polled) else { return Poll::Ready(None) };
        Poll::Ready(Some(joined.or_else(|error| self.seen_with_id(error))))
    }

    fn seen(&self, error: JoinError) -> Result<T, JoinError> {
        match &self.joiner {
            Some(joiner) => seen(joiner, Joiner::reclaim, error),
            None => Err(error),
        }
    }

    fn seen_with_id(&self, error: JoinError) -> Result<(Id, T), JoinError> {
        let id = error.id();
        self.seen(error).map(|output| (id, output))
    }

    fn note_wait(&self, waits: bool) {
        if let Some(joiner) = self.joiner.as_ref().filter(|_| waits) {
            joiner.wait();
        }
    }
}

impl<T> JoinSet<T> {
    /// The tasks that are in the set now are joined by nobody.
    fn go(&mut self) {
        if let Some(joiner) = self.joiner.take() {
            go(&joiner);
        }
    }
}

impl<T> Drop for JoinSet<T> {
    fn drop(&mut self) {
        self.go();
    }
}

impl<T> fmt::Debug for JoinSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.real.fmt(f)
    }
}

impl<T> Default for JoinSet<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, F> FromIterator<F> for JoinSet<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    fn from_iter<I: IntoIterator<Item = F>>(tasks: I) -> Self {
        let mut set = Self::new();
        set.extend(tasks);
        set
    }
}

impl<T, F> Extend<F> for JoinSet<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    #[track_caller]
    fn extend<I: IntoIterator<Item = F>>(&mut self, tasks: I) {
        for task in tasks {
            self.spawn(task);
        }
    }
}
