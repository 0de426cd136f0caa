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
#[track_caller]
pub fn spawn<F>(name: impl Into<Cow<'static, str>>, future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    start(name.into(), Role::Foreground, future)
}

/// Starts a background task, such as an accept loop: it is dropped when the foreground has ended.
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
#[must_use = "a task runs without its handle; `drop` the handle to say that nobody waits for it"]
pub struct JoinHandle<T> {
    /// What whoever awaits it waits for.
    wait: Wait,
    shared: Arc<Mutex<Shared<T>>>,
}

#[derive(Debug)]
enum Shared<T> {
    Running(Option<Waker>),
    Done(T),
    /// Taken by the handle, or the task was dropped before it finished.
    Gone,
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
        if let Shared::Done(output) = std::mem::replace(&mut *shared, Shared::Gone) {
            return Poll::Ready(output);
        }
        drop(shared);
        resume_unwind(Box::new(Injected))
    }
}

/// Settles the handle when the task's future ends or is dropped.
struct Settle<T>(Arc<Mutex<Shared<T>>>);

impl<T> Settle<T> {
    fn settle(&self, with: Shared<T>) {
        let previous = {
            let mut shared = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match &*shared {
                Shared::Running(_) => std::mem::replace(&mut *shared, with),
                Shared::Done(_) | Shared::Gone => return,
            }
        };
        if let Shared::Running(Some(waker)) = previous {
            waker.wake();
        }
    }
}

impl<T> Drop for Settle<T> {
    fn drop(&mut self) {
        self.settle(Shared::Gone);
    }
}

#[track_caller]
fn start<F>(name: Cow<'static, str>, role: Role, future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let shared = Arc::new(Mutex::new(Shared::Running(None)));
    let settle = Settle(Arc::clone(&shared));
    let task = async move {
        let output = future.await;
        settle.settle(Shared::Done(output));
    };
    let wait = Wait::Join(name.clone(), role);
    with(|state| state.spawn(name, role, Box::pin(task)));
    JoinHandle { wait, shared }
}
