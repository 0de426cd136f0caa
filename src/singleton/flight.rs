//! One generation: one initialiser, everybody who waits for it, and who of them drives.
//!
//! **Where a caller's waker is.** In one place only: in its [`Registration`]; or in the [`Signal`], if it drives and the
//! initialiser rests; or nowhere, because it was used, and the caller will poll again. So nobody is woken twice for one
//! poll, and no waker is cloned under the lock.

use std::pin::Pin;
use std::sync::Arc;
use std::task::Waker;

use super::control::Step;
use super::signal::{Roused, Signal};
use crate::contain::wake_each;
use crate::sync::thread::ThreadId;

pub(super) type Initialiser<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

pub(super) struct Flight<T, E> {
    generation: u64,
    seat: Seat<T, E>,
    signal: Arc<Signal>,
    /// Whom a wake-up of the initialiser wakes; while it is being polled, the one who polls it. Always registered.
    driver: u64,
    /// In order of arrival; never empty once the first one has registered.
    callers: Vec<Registration>,
    next_caller: u64,
}

/// Where the initialiser is.
enum Seat<T, E> {
    Home(Initialiser<T, E>),
    /// This thread is making or polling it.
    Out(ThreadId),
}

struct Registration {
    caller: u64,
    waker: Option<Waker>,
}

/// Which flight somebody is registered with, and as whom.
#[derive(Clone, Copy)]
pub(super) struct Ticket {
    pub(super) generation: u64,
    caller: u64,
}

/// One poll of the initialiser, which belongs to the caller until it is put back.
pub(super) struct Turn<T, E> {
    pub(super) initialiser: Initialiser<T, E>,
    pub(super) signal: Arc<Signal>,
    /// The caller's, for when the initialiser rests again.
    pub(super) waker: Waker,
    /// To be dropped outside the lock.
    pub(super) discard: Option<Waker>,
}

impl<T, E> Flight<T, E> {
    /// A flight whose initialiser `thread` is about to make, and whose first caller will drive.
    pub(super) fn new(generation: u64, thread: ThreadId) -> Self {
        Self {
            generation,
            seat: Seat::Out(thread),
            signal: Arc::new(Signal::new()),
            driver: 0,
            callers: Vec::new(),
            next_caller: 0,
        }
    }

    pub(super) fn is_of(&self, ticket: Ticket) -> bool {
        self.generation == ticket.generation
    }

    pub(super) fn is_polled_by(&self, thread: ThreadId) -> bool {
        matches!(self.seat, Seat::Out(poller) if poller == thread)
    }

    pub(super) fn callers(&self) -> usize {
        self.callers.len()
    }

    pub(super) fn register(&mut self) -> Ticket {
        let caller = self.next_caller;
        self.next_caller += 1;
        self.callers.push(Registration { caller, waker: None });
        Ticket { generation: self.generation, caller }
    }

    pub(super) fn seat(&mut self, initialiser: Initialiser<T, E>) {
        self.seat = Seat::Home(initialiser);
    }

    /// The initialiser rests, and its driver with it.
    pub(super) fn rest(&self, driver: Waker) -> Roused {
        self.signal.rest(Some(driver))
    }

    /// Lets a caller drive, if the initialiser is there and wants a poll; else notes its waker.
    pub(super) fn step(&mut self, ticket: Ticket, thread: ThreadId, waker: Waker) -> Step<T, E> {
        match std::mem::replace(&mut self.seat, Seat::Out(thread)) {
            Seat::Home(initialiser) if self.signal.claim() => {
                self.driver = ticket.caller;
                return Step::Drive(Turn {
                    initialiser,
                    signal: Arc::clone(&self.signal),
                    waker,
                    discard: self.note(ticket, None),
                });
            }
            seat => self.seat = seat,
        }
        if matches!(self.seat, Seat::Home(_)) && self.driver == ticket.caller {
            return Step::Wait(self.signal.rest(Some(waker)));
        }
        let discard = self.note(ticket, Some(waker));
        Step::Wait(Roused { wake: None, discard })
    }

    /// Takes a caller off the list, and makes another one drive if it did. None: nobody is left.
    pub(super) fn leave(&mut self, ticket: Ticket) -> Option<Roused> {
        let index = self.callers.iter().position(|registration| registration.caller == ticket.caller);
        let discard = index.and_then(|index| self.callers.remove(index).waker);
        // Rather one who waits than one who was woken already and has yet to answer.
        let waiting = self.callers.iter().position(|heir| heir.waker.is_some());
        let heir = self.callers.get_mut(waiting.unwrap_or(0))?;
        if self.driver != ticket.caller {
            return Some(Roused { wake: None, discard });
        }
        // The one who drove had no waker in its registration, so there is none to discard here.
        self.driver = heir.caller;
        Some(self.signal.rest(heir.waker.take()))
    }

    /// Wakes everybody who still waits, and gives the initialiser back if it is not out. Call it outside the lock.
    pub(super) fn disband(self) -> Option<Initialiser<T, E>> {
        let driver = self.signal.end();
        let waiting = self.callers.into_iter().filter_map(|caller| caller.waker);
        wake_each(driver.into_iter().chain(waiting));
        match self.seat {
            Seat::Home(initialiser) => Some(initialiser),
            Seat::Out(_) => None,
        }
    }

    /// Replaces the waker in a caller's registration, and gives the former one back.
    fn note(&mut self, ticket: Ticket, waker: Option<Waker>) -> Option<Waker> {
        let registration = self.callers.iter_mut().find(|registration| registration.caller == ticket.caller)?;
        std::mem::replace(&mut registration.waker, waker)
    }
}
