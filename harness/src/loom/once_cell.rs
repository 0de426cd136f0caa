//! `tokio::sync::OnceCell` over loom's primitives.

use std::convert::Infallible;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::task::Poll;

use ::tokio::sync::SetError;
use loom::sync::atomic::{AtomicBool, Ordering};

use super::line::{Line, Place, Tried};

/// [`tokio::sync::OnceCell`](::tokio::sync::OnceCell), with its methods and its outcomes, for code that is built on loom's
/// primitives. Poll it with `loom::future::block_on`.
///
/// What differs: it lives inside a model only, there is no `const_new`, and it consumes nothing of tokio's cooperative
/// budget.
///
/// ```
/// # fn main() {
/// use loom::{future::block_on, sync::Arc};
/// use nevernone::loom::OnceCell;
///
/// loom::model(|| {
///     let pool = Arc::new(OnceCell::new());
///     let other = Arc::clone(&pool);
///     let caller = loom::thread::spawn(move || *block_on(other.get_or_init(|| async { 1 })));
///     let mine = *block_on(pool.get_or_init(|| async { 2 }));
///     assert_eq!((caller.join().unwrap(), pool.get()), (mine, Some(&mine)), "both have the same one");
/// });
/// # }
/// ```
pub struct OnceCell<T> {
    /// What loom sees of the publication: set after `value` is.
    filled: AtomicBool,
    /// Gives the value its place. Filled by the holder of the line's place alone; read by those who saw `filled` or that
    /// the line is over.
    value: std::sync::OnceLock<T>,
    line: Line,
}

impl<T> OnceCell<T> {
    /// An empty cell.
    pub fn new() -> Self {
        Self::new_with(None)
    }

    /// A cell that holds this value, if it is one.
    pub fn new_with(value: Option<T>) -> Self {
        let filled = value.is_some();
        let value = value.map_or_else(std::sync::OnceLock::new, std::sync::OnceLock::from);
        Self { filled: AtomicBool::new(filled), value, line: Line::new(filled) }
    }

    /// Whether there is a value.
    pub fn initialized(&self) -> bool {
        // Acquire pairs with the Release in `fill`: whoever sees the flag sees all of the value.
        self.filled.load(Ordering::Acquire)
    }

    /// The value, unless there is none yet.
    pub fn get(&self) -> Option<&T> {
        if self.initialized() { self.value.get() } else { None }
    }

    /// The value, to change it.
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.value.get_mut()
    }

    /// Puts a value in, unless there is one or somebody makes one now.
    ///
    /// # Errors
    /// The value, given back, with which of the two it was.
    pub fn set(&self, value: T) -> Result<(), SetError<T>> {
        match self.line.attempt() {
            Tried::Over => Err(SetError::AlreadyInitializedError(value)),
            Tried::Taken => Err(SetError::InitializingError(value)),
            Tried::Place(place) => {
                self.fill(place, value);
                Ok(())
            }
        }
    }

    /// The value, made by `init` if there is none. Of callers at one time the first makes it and the others wait.
    ///
    /// # Panics
    /// With the panic of `init`, after which the next caller in line tries with its own.
    ///
    /// # Cancel safety
    /// Dropped while it waits, it leaves the line; dropped while it makes the value, the next one in line tries anew.
    pub async fn get_or_init<F, Fut>(&self, init: F) -> &T
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = T>,
    {
        match self.get_or_try_init(|| async { Ok::<T, Infallible>(init().await) }).await {
            Ok(value) => value,
            Err(never) => match never {},
        }
    }

    /// The value, made by `init` if there is none, which may fail.
    ///
    /// # Errors
    /// That of `init`, told to this caller alone: the next one in line tries with its own.
    ///
    /// # Panics
    /// As [`get_or_init`](Self::get_or_init).
    ///
    /// # Cancel safety
    /// As [`get_or_init`](Self::get_or_init).
    pub async fn get_or_try_init<E, F, Fut>(&self, init: F) -> Result<&T, E>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        if let Some(value) = self.get() {
            return Ok(value);
        }
        if let Some(place) = self.line.queue().await {
            match contained(async { init().await }).await {
                Ok(made) => self.fill(place, made?),
                Err(panic) => {
                    // Before anything unwinds: loom would switch threads while unwinding.
                    drop(place);
                    resume_unwind(panic);
                }
            }
        }
        Ok(self.value.get().expect("whoever had the place has filled the cell"))
    }

    /// The value, taken out of the cell, which ends.
    pub fn into_inner(self) -> Option<T> {
        self.value.into_inner()
    }

    /// The value, taken out; the cell is empty again.
    pub fn take(&mut self) -> Option<T> {
        std::mem::take(self).into_inner()
    }

    fn fill(&self, place: Place<'_>, value: T) {
        assert!(self.value.set(value).is_ok(), "only the holder of the place fills");
        // Release: publishes the value to every `get` that sees the flag. It comes after the value, although no model
        // shows it: the value's place is not loom's, so that threads switch before both or after both.
        self.filled.store(true, Ordering::Release);
        // Last: whoever is told here that the value is there finds the flag set.
        place.close();
    }
}

/// A panic of the future as a value. What it borrowed is not looked at after that, only dropped.
async fn contained<T>(future: impl Future<Output = T>) -> std::thread::Result<T> {
    let mut future = pin!(future);
    std::future::poll_fn(move |context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

impl<T> Default for OnceCell<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> From<T> for OnceCell<T> {
    fn from(value: T) -> Self {
        Self::new_with(Some(value))
    }
}

impl<T: Clone> Clone for OnceCell<T> {
    fn clone(&self) -> Self {
        Self::new_with(self.get().cloned())
    }
}

impl<T: PartialEq> PartialEq for OnceCell<T> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq> Eq for OnceCell<T> {}

impl<T: fmt::Debug> fmt::Debug for OnceCell<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("OnceCell").field("value", &self.get()).finish()
    }
}
