//! A task of the code under test as a task of the run, with tokio's own handles to it.
//!
//! tokio's `JoinError` and `AbortHandle` can be made by tokio alone. So beside each task stands a *shell*, which is a task
//! of tokio's, in a `LocalSet` of its own: it ends when the task ends, with its output or its panic, and whoever holds a
//! handle holds one to the shell. The task's future itself is polled by the run, like any other: with the run's budget,
//! so that it can be cut, and by the run's waker. The set is polled by hand where something has happened to the shell:
//! when the task has ended, or when it was aborted and has its turn.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::panic::{Location as Caller, resume_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use ::tokio::task::{Id, LocalSet};

use crate::ending::Failure;
use crate::run::context::{Name, Role, try_with};
use crate::run::spawned::{Joiner, UnseenPanic};
use crate::run::{Caught, Payload, catch_whole, watch};

thread_local! {
    static CURRENT: Cell<Option<Id>> = const { Cell::new(None) };
}

/// The task of the code under test that is being polled.
pub(super) fn current() -> Option<Id> {
    CURRENT.get()
}

/// Starts `future` as a task of the run. `place` puts the shell into its set and says what is its number. Gives the future
/// back outside a run.
pub(super) fn start<F, R>(
    future: F,
    joiner: &Arc<Joiner>,
    caller: &'static Caller<'static>,
    place: impl FnOnce(Shell<F::Output>, &LocalSet) -> (R, Id),
) -> Result<(R, Name), F>
where
    F: Future + 'static,
    F::Output: Send + 'static,
{
    let Some(name) = try_with(|state| state.spawned.name(caller)) else { return Err(future) };
    let slot: Rc<RefCell<Slot<F::Output>>> = Rc::default();
    let local = LocalSet::new();
    let (handle, id) = place(Shell(Rc::clone(&slot)), &local);
    let end = End { slot, local, bell: Arc::default(), id, joiner: Arc::clone(joiner), name: name.clone() };
    // The shell takes its place: from now on an abort rings.
    end.tick(|| ());
    let task = Box::pin(Hosted { future: Some(Box::pin(future)), end });
    let _ = try_with(|state| state.spawn(name.clone(), Role::Spawned, task));
    Ok((handle, name))
}

/// What tokio takes for the task.
pub(super) struct Shell<T>(Rc<RefCell<Slot<T>>>);

struct Slot<T> {
    outcome: Option<Outcome<T>>,
    /// The shell's, as long as it runs.
    waker: Option<Waker>,
}

enum Outcome<T> {
    Output(T),
    Panic(Payload),
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Slot { outcome: None, waker: None }
    }
}

impl<T> Future for Shell<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let mut slot = self.0.borrow_mut();
        match slot.outcome.take() {
            Some(Outcome::Output(output)) => Poll::Ready(output),
            Some(Outcome::Panic(payload)) => {
                drop(slot);
                resume_unwind(payload)
            }
            None => {
                slot.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl<T> Drop for Shell<T> {
    fn drop(&mut self) {
        // Cancelled, and the task's future panicked when it was dropped: tokio tells that, as of any task.
        if let Some(Outcome::Panic(payload)) = self.0.borrow_mut().outcome.take() {
            resume_unwind(payload);
        }
    }
}

/// Rings when somebody aborts the shell.
#[derive(Default)]
struct Bell {
    // Relaxed: a run stays on one thread, and a wake-up from another is told as uncontrolled.
    rung: AtomicBool,
    /// From the task's first poll on; before that it is ready anyway.
    task: Mutex<Option<Waker>>,
}

impl Bell {
    fn wakes(&self, task: &Waker) {
        self.task.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| task.clone());
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.rung.store(true, Ordering::Relaxed);
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(task) = task {
            task.wake();
        }
    }
}

/// What a task leaves to whoever joins it.
struct End<T> {
    slot: Rc<RefCell<Slot<T>>>,
    local: LocalSet,
    bell: Arc<Bell>,
    id: Id,
    joiner: Arc<Joiner>,
    name: Name,
}

impl<T: Send + 'static> End<T> {
    fn is_aborted(&self) -> bool {
        self.bell.rung.load(Ordering::Relaxed)
    }

    /// Lets tokio do what there is to do with the shell; `before` may wake it, and nothing rings then.
    fn tick(&self, before: impl FnOnce()) {
        let waker = Waker::from(Arc::clone(&self.bell));
        let mut before = Some(before);
        let first = poll_fn(|_| {
            if let Some(before) = before.take() {
                before();
            }
            Poll::<()>::Pending
        });
        let shell = pin!(self.local.run_until(first));
        let _ = shell.poll(&mut Context::from_waker(&waker));
    }

    fn give(&self, outcome: Outcome<T>) {
        let waker = {
            let mut slot = self.slot.borrow_mut();
            slot.outcome = Some(outcome);
            slot.waker.take()
        };
        // An output that nobody can join is dropped here, and tokio keeps its panic for itself.
        let ((), panic) = watch(|| self.tick(|| waker.into_iter().for_each(Waker::wake)));
        if let Some(caught) = panic {
            self.tell(&caught, true);
        }
    }

    fn output(&self, output: T) {
        if self.is_aborted() {
            // It aborted itself in its last poll, which came to its end: tokio gives the output.
            self.joiner.overrule(self.id, Box::new(output));
            self.cancelled();
        } else {
            self.give(Outcome::Output(output));
        }
    }

    fn panicked(&self, caught: &Caught, payload: Payload) {
        self.tell(caught, self.joiner.is_gone());
        self.give(Outcome::Panic(payload));
    }

    fn cancelled(&self) {
        self.tick(|| ());
    }

    /// Notes a panic. It fails the run where nobody will see it, and unless the explorer injected it.
    fn tell(&self, caught: &Caught, at_once: bool) {
        let _ = try_with(|state| {
            state.history().mix_name("panic");
            state.note(|| format!("panics: {}", caught.message));
            if caught.injected {
                return;
            }
            let failure = Failure {
                property: "panic".to_owned(),
                message: format!("`{}` panicked, and nobody saw it: {}", self.name, caught.message),
                location: caught.location.clone(),
            };
            if at_once {
                state.fail(failure);
            } else {
                let joiner = Arc::clone(&self.joiner);
                state.spawned.unseen.push(UnseenPanic { task: self.id, joiner, failure });
            }
        });
    }
}

/// The task as the run polls it.
struct Hosted<F: Future> {
    /// `None` once it ended.
    future: Option<Pin<Box<F>>>,
    /// Dropped after the future: who joins a task that was dropped is told when its destructors have run.
    end: End<F::Output>,
}

impl<F> Future for Hosted<F>
where
    F: Future + 'static,
    F::Output: Send + 'static,
{
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.end.bell.wakes(cx.waker());
        if self.end.is_aborted() {
            self.abort();
            return Poll::Ready(());
        }
        let polled = self.poll_future(cx);
        match polled {
            Ok(Poll::Pending) if !self.end.is_aborted() => return Poll::Pending,
            Ok(Poll::Pending) => self.abort(),
            Ok(Poll::Ready(output)) => match self.drop_future() {
                Ok(()) => self.end.output(output),
                Err((caught, payload)) => self.end.panicked(&caught, payload),
            },
            Err((caught, payload)) => {
                if let Err((second, _)) = self.drop_future() {
                    fail_by_abort(&second);
                }
                self.end.panicked(&caught, payload);
            }
        }
        Poll::Ready(())
    }
}

impl<F> Hosted<F>
where
    F: Future + 'static,
    F::Output: Send + 'static,
{
    fn poll_future(&mut self, cx: &mut Context<'_>) -> Result<Poll<F::Output>, (Caught, Payload)> {
        let Some(future) = &mut self.future else { return Ok(Poll::Pending) };
        let outer = CURRENT.replace(Some(self.end.id));
        let polled = catch_whole(|| future.as_mut().poll(cx));
        CURRENT.set(outer);
        polled
    }

    fn drop_future(&mut self) -> Result<(), (Caught, Payload)> {
        let future = self.future.take();
        let outer = CURRENT.replace(Some(self.end.id));
        let dropped = catch_whole(|| drop(future));
        CURRENT.set(outer);
        dropped
    }

    /// Drops the future, as the abort asked for, and then says so.
    fn abort(&mut self) {
        let _ = try_with(|state| state.note(|| "was aborted, and is dropped".to_owned()));
        match self.drop_future() {
            Ok(()) => self.end.cancelled(),
            Err((caught, payload)) => {
                self.end.tell(&caught, self.end.joiner.is_gone());
                self.end.slot.borrow_mut().outcome = Some(Outcome::Panic(payload));
                self.end.cancelled();
            }
        }
    }
}

/// A second panic while the first unwinds ends the process in production.
fn fail_by_abort(caught: &Caught) {
    let message = format!("a destructor panicked while a panic unwound, which aborts the process: {}", caught.message);
    let failure = Failure { property: "panic".to_owned(), message, location: caught.location.clone() };
    let _ = try_with(|state| state.fail(failure));
}
