//! The cell that is never observed half-made: created once, by whoever asks first, for everybody.
//!
//! A **flight** is a generation: one initialiser and the callers who wait for it. Whoever of them is polled drives it.
//! A caller that is dropped hands the unfinished initialiser over, so a cancelled caller restarts nothing; when the last
//! one is dropped, so is the initialiser, and the cell is empty again. A flight that fails or panics tells everybody who
//! was registered the same [`Failure`]; the next call starts the next flight. Retirement is for good.
//!
//! Three limits, which come with driving from the callers:
//! - The initialiser is polled on the callers' threads. One that needs a runtime's context needs callers that have it.
//! - Exactly one caller is woken when the initialiser is. A caller that is kept, woken, and never polled again holds the
//!   others up until one of them is polled for another reason. The same goes for blocking, with one caller, the thread
//!   that another one needs in order to be polled.
//! - Re-entry is found on the thread that polls the initialiser. An initialiser that waits for another *task* which asks
//!   for the value is a circle nobody here can see.
//!
//! `caller.rs` what one caller does · `control.rs` and `flight.rs` the book-keeping under the lock · `signal.rs` the initialiser's waker ·
//! `slot.rs` the value, and all `unsafe` · `failure.rs` what callers are told.
//! Invariant: futures, wakers, values and errors are polled, woken and dropped with no lock held.

mod caller;
mod control;
mod failure;
mod flight;
mod signal;
mod slot;
#[cfg(all(test, not(nevernone_loom)))]
mod tests;

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;

use crate::contain::discard;
use crate::sync::{block_on_poll, const_outside_loom};
use caller::Caller;
use control::Control;
pub use failure::{Cause, Failure};
use flight::Flight;
use slot::Slot;

type Answer<'a, T, E> = Result<&'a T, Arc<Failure<E>>>;

/// A value that is made once, by an initialiser that may fail, be cancelled, panic, and be tried again.
///
/// ```
/// use nevernone_reference::singleton::Singleton;
///
/// static PORT: Singleton<u16, std::num::ParseIntError> = Singleton::new();
///
/// let refused = PORT.get_or_try_init_blocking(|| async { "eighty".parse() });
/// assert_eq!(refused.unwrap_err().attempt, 1);
/// assert_eq!(PORT.get(), None);
/// assert_eq!(PORT.get_or_try_init_blocking(|| async { "80".parse() }).unwrap(), &80);
/// assert_eq!(PORT.get(), Some(&80));
/// ```
pub struct Singleton<T, E> {
    slot: Slot<T, Control<T, E>>,
}

impl<T, E> Singleton<T, E> {
    const_outside_loom! {
        /// An empty cell.
        pub fn new() -> Self {
            Self { slot: Slot::new(Control::new()) }
        }
    }

    /// The value, unless it was never made or the cell is retired. Never waits: one atomic load.
    #[inline]
    pub fn get(&self) -> Option<&T> {
        self.slot.get()
    }

    /// The value; joins the flight in the air to get it, or starts one with `init`.
    ///
    /// `init` is called at most once, on the first poll, and not at all by a caller that joins. A flight that fails
    /// answers everybody who was registered with it, and none of them tries again by itself.
    ///
    /// # Errors
    /// The flight's [`Failure`], shared with everybody who was registered; or [`Cause::Reentered`] or
    /// [`Cause::Retired`], which are this caller's alone.
    ///
    /// # Panics
    /// Never by a panic of `init` or its future: that is [`Cause::Panicked`].
    ///
    /// # Cancel safety
    /// Dropping the future hands the unfinished initialiser to the next caller. With no other caller the initialiser is
    /// dropped, and the cell is as if nobody had called.
    pub async fn get_or_try_init<F, Fut>(&self, init: F) -> Result<&T, Arc<Failure<E>>>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
    {
        match self.call(init) {
            Ok(mut caller) => poll_fn(|context| caller.poll(context)).await,
            Err(answer) => answer,
        }
    }

    /// [`get_or_try_init`](Self::get_or_try_init) for a thread that may sleep: same cell, same flights.
    ///
    /// A synchronous initialiser is `|| std::future::ready(make())`. Do not call it on a thread that an executor needs
    /// in order to poll another caller: that one may be driving.
    pub fn get_or_try_init_blocking<F, Fut>(&self, init: F) -> Result<&T, Arc<Failure<E>>>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
    {
        match self.call(init) {
            Ok(mut caller) => block_on_poll(|context| caller.poll(context)),
            Err(answer) => answer,
        }
    }

    /// Ends the cell, for good: `get` is None from now on, every call is refused, a flight in the air is dropped and its
    /// callers are told [`Cause::Retired`].
    ///
    /// What was borrowed before stays valid; the value is dropped with the cell. An initialiser that another thread is
    /// polling now is dropped by that thread, when the poll returns.
    pub fn retire(&self) {
        let flight = {
            let mut control = self.slot.lock();
            control.retire();
            control.end()
        };
        discard(flight.map(Flight::disband));
    }

    /// True once [`retire`](Self::retire) was called.
    pub fn is_retired(&self) -> bool {
        self.slot.lock().is_retired()
    }

    /// How many flights were started so far; 0 for a cell that nobody asked.
    pub fn generation(&self) -> u64 {
        self.slot.lock().generation
    }

    /// A caller that has yet to be polled; or its answer, where that is there at once.
    fn call<F, Fut>(&self, init: F) -> Result<Caller<'_, T, E>, Answer<'_, T, E>>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
    {
        match self.get() {
            Some(value) => Err(Ok(value)),
            None => Caller::join(self, || Box::pin(init()) as _),
        }
    }

    /// An answer that belongs to one caller alone.
    fn refuse(&self, cause: Cause<E>) -> Answer<'_, T, E> {
        let failure = self.slot.lock().failure(cause);
        Err(Arc::new(failure))
    }
}

impl<T, E> Default for Singleton<T, E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: fmt::Debug, E> fmt::Debug for Singleton<T, E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Singleton").field("value", &self.get()).finish_non_exhaustive()
    }
}
