//! What the cell's lock guards: the flight in the air, and failures that somebody has yet to collect.
//!
//! Pure bookkeeping. Nothing here calls foreign code: futures, wakers and errors are handed out, to be polled, woken and
//! dropped when the lock is free.
//!
//! **Where a caller's waker is.** In one place only: in its [`Registration`]; or in the [`Signal`], if it drives and the
//! initialiser rests; or nowhere, because it was used, and the caller will poll again. So nobody is woken twice for one
//! poll, and no waker is cloned under the lock.

use std::pin::Pin;
use std::sync::Arc;
use std::task::Waker;

use super::contain::contain;
use super::failure::{Cause, Failure};
use super::signal::{Roused, Signal};
use crate::sync::thread::ThreadId;

pub(super) type Initialiser<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

/// Which flight somebody is registered with, and as whom.
#[derive(Clone, Copy)]
pub(super) struct Ticket {
    pub(super) generation: u64,
    caller: u64,
}

/// One generation: one initialiser and everybody who waits for it.
pub(super) struct Flight<T, E> {
    seat: Seat<T, E>,
    signal: Arc<Signal>,
    /// Whom a wake-up of the initialiser wakes; while it is being polled, the one who polls it. Always registered.
    driver: u64,
    /// In order of arrival; never empty.
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

/// A failure that is owed to callers who have not polled since.
struct Settled<E> {
    generation: u64,
    failure: Arc<Failure<E>>,
    /// How many; never 0.
    owed: usize,
}

pub(super) struct Control<T, E> {
    /// Flights started so far, so the number of the latest one; that is the one in `flight`, if there is one.
    pub(super) generation: u64,
    /// Flights that failed.
    failures: u32,
    flight: Option<Flight<T, E>>,
    settled: Vec<Settled<E>>,
}

/// What a new caller does.
pub(super) enum Boarding {
    /// Make the initialiser: it is the first.
    Start(Ticket),
    Join(Ticket),
    /// The flight is being polled on the caller's own thread, further up its stack.
    Reenter,
}

/// What a registered caller does when polled.
pub(super) enum Step<T, E> {
    Wait(Roused),
    Drive(Turn<T, E>),
    Failed(Arc<Failure<E>>),
    /// The flight is over and did not fail: the value is there, or the cell was retired.
    Over,
}

/// One poll of the initialiser, which now belongs to the caller until it is put back.
pub(super) struct Turn<T, E> {
    pub(super) initialiser: Initialiser<T, E>,
    pub(super) signal: Arc<Signal>,
    /// Of the caller; for [`Control::put_back`].
    pub(super) waker: Waker,
    /// To be dropped outside the lock.
    pub(super) discard: Option<Waker>,
}

/// What a caller leaves behind; to be dropped outside the lock.
pub(super) enum Left<T, E> {
    Behind(Roused, Option<Waker>),
    /// It was the last one.
    Abandoned(Flight<T, E>),
    Uncollected(Option<Arc<Failure<E>>>),
}

impl<T, E> Control<T, E> {
    pub(super) const fn new() -> Self {
        Self {
            generation: 0,
            failures: 0,
            flight: None,
            settled: Vec::new(),
        }
    }

    pub(super) fn board(&mut self, thread: ThreadId) -> Boarding {
        match &mut self.flight {
            Some(Flight {
                seat: Seat::Out(poller),
                ..
            }) if *poller == thread => Boarding::Reenter,
            Some(flight) => Boarding::Join(flight.register(self.generation)),
            None => {
                self.generation += 1;
                let flight = self.flight.insert(Flight {
                    seat: Seat::Out(thread),
                    signal: Arc::new(Signal::new()),
                    driver: 0,
                    callers: Vec::new(),
                    next_caller: 0,
                });
                Boarding::Start(flight.register(self.generation))
            }
        }
    }

    /// The first caller has made the initialiser. Gives it back if the flight was ended meanwhile.
    pub(super) fn seat(
        &mut self,
        ticket: Ticket,
        initialiser: Initialiser<T, E>,
    ) -> Option<Initialiser<T, E>> {
        let Some(flight) = self.airborne(ticket) else {
            return Some(initialiser);
        };
        flight.seat = Seat::Home(initialiser);
        None
    }

    pub(super) fn step(&mut self, ticket: Ticket, thread: ThreadId, waker: Waker) -> Step<T, E> {
        match self.airborne(ticket) {
            Some(flight) => flight.step(ticket.caller, thread, waker),
            None => self
                .collect(ticket.generation)
                .map_or(Step::Over, Step::Failed),
        }
    }

    /// Ends a turn that was not the last. Gives the initialiser back if the flight was ended meanwhile.
    pub(super) fn put_back(
        &mut self,
        ticket: Ticket,
        initialiser: Initialiser<T, E>,
        waker: Waker,
    ) -> Result<Roused, Initialiser<T, E>> {
        let Some(flight) = self.airborne(ticket) else {
            return Err(initialiser);
        };
        flight.seat = Seat::Home(initialiser);
        Ok(flight.signal.rest(Some(waker)))
    }

    /// Ends the flight for a reason of its own (it was retired, or it succeeded): the caller wakes whoever is in it.
    pub(super) fn end(&mut self) -> Option<Flight<T, E>> {
        self.flight.take()
    }

    /// Ends the ticket's flight by a failure, owed to everybody registered but the one who found it. Gives the cause
    /// back if the flight was ended meanwhile.
    pub(super) fn fail(
        &mut self,
        ticket: Ticket,
        cause: Cause<E>,
    ) -> Result<(Flight<T, E>, Arc<Failure<E>>), Cause<E>> {
        if self.airborne(ticket).is_none() {
            return Err(cause);
        }
        let Some(flight) = self.flight.take() else {
            return Err(cause);
        };
        self.failures = self.failures.saturating_add(1);
        let failure = Arc::new(self.failure(cause));
        let owed = flight.callers.len().saturating_sub(1);
        if owed > 0 {
            self.settled.push(Settled {
                generation: ticket.generation,
                failure: Arc::clone(&failure),
                owed,
            });
        }
        Ok((flight, failure))
    }

    pub(super) fn leave(&mut self, ticket: Ticket) -> Left<T, E> {
        let Some(flight) = self.airborne(ticket) else {
            return Left::Uncollected(self.collect(ticket.generation));
        };
        match flight.leave(ticket.caller) {
            Some((roused, waker)) => Left::Behind(roused, waker),
            None => self
                .flight
                .take()
                .map_or(Left::Uncollected(None), Left::Abandoned),
        }
    }

    /// A failure as of now.
    pub(super) fn failure(&self, cause: Cause<E>) -> Failure<E> {
        Failure {
            generation: self.generation,
            attempt: self.failures,
            cause,
        }
    }

    /// The ticket's flight, unless that is over.
    pub(super) fn airborne(&mut self, ticket: Ticket) -> Option<&mut Flight<T, E>> {
        self.flight
            .as_mut()
            .filter(|_| self.generation == ticket.generation)
    }

    fn collect(&mut self, generation: u64) -> Option<Arc<Failure<E>>> {
        let index = self
            .settled
            .iter()
            .position(|settled| settled.generation == generation)?;
        let settled = &mut self.settled[index];
        settled.owed -= 1;
        if settled.owed > 0 {
            return Some(Arc::clone(&settled.failure));
        }
        Some(self.settled.swap_remove(index).failure)
    }
}

impl<T, E> Flight<T, E> {
    /// Wakes everybody who still waits and gives the initialiser back, if it is not out. Call it outside the lock.
    pub(super) fn disband(self) -> Option<Initialiser<T, E>> {
        let driver = self.signal.end();
        let waiting = self
            .callers
            .into_iter()
            .filter_map(|registration| registration.waker);
        for waker in driver.into_iter().chain(waiting) {
            // One waker that panics must not keep the others asleep; the panic hook has told about it.
            let _ = contain(|| waker.wake());
        }
        match self.seat {
            Seat::Home(initialiser) => Some(initialiser),
            Seat::Out(_) => None,
        }
    }

    fn register(&mut self, generation: u64) -> Ticket {
        let caller = self.next_caller;
        self.next_caller += 1;
        self.callers.push(Registration {
            caller,
            waker: None,
        });
        Ticket { generation, caller }
    }

    fn step(&mut self, caller: u64, thread: ThreadId, waker: Waker) -> Step<T, E> {
        if let Seat::Home(_) = self.seat {
            if self.signal.claim() {
                return self.turn(caller, thread, waker);
            }
            if self.driver == caller {
                return Step::Wait(self.signal.rest(Some(waker)));
            }
        }
        let former = self
            .registration(caller)
            .and_then(|registration| registration.waker.replace(waker));
        Step::Wait(Roused {
            wake: None,
            discard: former,
        })
    }

    /// The initialiser was claimed for this caller, who drives from now on.
    fn turn(&mut self, caller: u64, thread: ThreadId, waker: Waker) -> Step<T, E> {
        let discard = self
            .registration(caller)
            .and_then(|registration| registration.waker.take());
        match std::mem::replace(&mut self.seat, Seat::Out(thread)) {
            Seat::Home(initialiser) => {
                self.driver = caller;
                Step::Drive(Turn {
                    initialiser,
                    signal: Arc::clone(&self.signal),
                    waker,
                    discard,
                })
            }
            Seat::Out(poller) => {
                self.seat = Seat::Out(poller);
                Step::Wait(Roused {
                    wake: None,
                    discard,
                })
            }
        }
    }

    /// Takes a caller off the list, and makes another one drive if it did. None: nobody is left.
    fn leave(&mut self, caller: u64) -> Option<(Roused, Option<Waker>)> {
        let index = self
            .callers
            .iter()
            .position(|registration| registration.caller == caller);
        let waker = index.and_then(|index| self.callers.remove(index).waker);
        // Rather one who is waiting than one who was woken already: that one is sure to answer.
        let heir = self
            .callers
            .iter()
            .position(|registration| registration.waker.is_some())
            .unwrap_or(0);
        let heir = self.callers.get_mut(heir)?;
        if self.driver != caller {
            return Some((Roused::default(), waker));
        }
        self.driver = heir.caller;
        Some((self.signal.rest(heir.waker.take()), waker))
    }

    fn registration(&mut self, caller: u64) -> Option<&mut Registration> {
        self.callers
            .iter_mut()
            .find(|registration| registration.caller == caller)
    }
}
