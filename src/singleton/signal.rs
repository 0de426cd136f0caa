//! The initialiser's own waker: it wakes the one caller who drives, and nobody else.

use std::sync::Arc;
use std::task::{Wake, Waker};

use crate::sync::Mutex;

/// Between the initialiser, who is woken, and the driver, who is to poll it. One per flight.
///
/// It outlives the cell if somebody keeps the waker, so it knows neither the cell nor its types. Its lock is taken under
/// the cell's, never the other way round.
pub(super) struct Signal(Mutex<State>);

enum State {
    /// The initialiser waits. On a wake-up this caller is to be woken; None if it was woken already and has yet to poll.
    Resting(Option<Waker>),
    /// The initialiser wants a poll, and somebody was told. Further wake-ups change nothing.
    Woken,
    /// It is being polled, and nobody has woken it since. A wake-up now is only noted; [`Signal::rest`] passes it on.
    Polling,
}

impl Signal {
    /// The signal of an initialiser that wants its first poll.
    pub(super) fn new() -> Self {
        Self(Mutex::new(State::Woken))
    }

    /// If the initialiser wants a poll, the caller must now give it one; false otherwise.
    pub(super) fn claim(&self) -> bool {
        let mut state = self.0.lock();
        let wanted = matches!(*state, State::Woken);
        if wanted {
            *state = State::Polling;
        }
        wanted
    }

    /// The initialiser rests, and `driver` is whom to wake next: after a poll, and when the driver changes.
    pub(super) fn rest(&self, driver: Option<Waker>) -> Roused {
        let mut state = self.0.lock();
        if matches!(*state, State::Woken) {
            return Roused { wake: driver, discard: None };
        }
        let discard = match std::mem::replace(&mut *state, State::Resting(driver)) {
            State::Resting(former) => former,
            State::Polling | State::Woken => None,
        };
        Roused { wake: None, discard }
    }

    /// The flight is over: wake-ups mean nothing any more. Gives the driver's waker back if it was not used.
    #[must_use = "wakers are woken and dropped outside locks"]
    pub(super) fn end(&self) -> Option<Waker> {
        match std::mem::replace(&mut *self.0.lock(), State::Woken) {
            State::Resting(driver) => driver,
            State::Polling | State::Woken => None,
        }
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // `end` does exactly what is needed here: from now on it is woken, and whoever was to be told is taken.
        if let Some(driver) = self.end() {
            driver.wake();
        }
    }
}

/// What is left to do with wakers once the locks are free: foreign code may do anything when woken or dropped.
#[derive(Default)]
#[must_use = "somebody may be waiting"]
pub(super) struct Roused {
    pub(super) wake: Option<Waker>,
    pub(super) discard: Option<Waker>,
}

impl Roused {
    /// Call it outside every lock.
    pub(super) fn release(self) {
        drop(self.discard);
        if let Some(waker) = self.wake {
            waker.wake();
        }
    }
}
