//! What the cell's lock guards: the flight in the air, and failures that somebody has yet to collect.
//!
//! Pure book-keeping. Nothing here calls foreign code: futures, wakers and errors are handed out, to be polled, woken
//! and dropped when the lock is free.

use std::sync::Arc;
use std::task::Waker;

use super::failure::{Cause, Failure};
use super::flight::{Flight, Initialiser, Ticket, Turn};
use super::signal::Roused;
use crate::sync::thread::ThreadId;

pub(super) struct Control<T, E> {
    /// Flights started so far, so the number of the latest one; that is the one in `flight`, if there is one.
    pub(super) generation: u64,
    /// Flights that failed.
    failures: u32,
    flight: Option<Flight<T, E>>,
    settled: Vec<Settled<E>>,
}

/// A failure that is owed to callers who have not polled since.
struct Settled<E> {
    generation: u64,
    failure: Arc<Failure<E>>,
    /// How many; never 0.
    owed: usize,
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

/// A flight that failed, and what to tell about it.
pub(super) struct Crash<T, E> {
    pub(super) flight: Flight<T, E>,
    pub(super) failure: Arc<Failure<E>>,
}

/// What a caller leaves; to be dropped outside the lock.
pub(super) enum Left<T, E> {
    Behind(Roused),
    /// It was the last one.
    Abandoned(Flight<T, E>),
    Uncollected(Option<Arc<Failure<E>>>),
}

impl<T, E> Control<T, E> {
    pub(super) const fn new() -> Self {
        Self { generation: 0, failures: 0, flight: None, settled: Vec::new() }
    }

    pub(super) fn board(&mut self, thread: ThreadId) -> Boarding {
        match &mut self.flight {
            Some(flight) if flight.is_polled_by(thread) => Boarding::Reenter,
            Some(flight) => Boarding::Join(flight.register()),
            None => {
                self.generation += 1;
                let flight = self.flight.insert(Flight::new(self.generation, thread));
                Boarding::Start(flight.register())
            }
        }
    }

    /// The first caller has made the initialiser. Gives it back if the flight was ended meanwhile.
    pub(super) fn seat(&mut self, ticket: Ticket, initialiser: Initialiser<T, E>) -> Result<(), Initialiser<T, E>> {
        match self.airborne(ticket) {
            Some(flight) => {
                flight.seat(initialiser);
                Ok(())
            }
            None => Err(initialiser),
        }
    }

    pub(super) fn step(&mut self, ticket: Ticket, thread: ThreadId, waker: Waker) -> Step<T, E> {
        match self.airborne(ticket) {
            Some(flight) => flight.step(ticket, thread, waker),
            None => self.collect(ticket).map_or(Step::Over, Step::Failed),
        }
    }

    /// Ends a turn that was not the last. Gives the initialiser back if the flight was ended meanwhile.
    pub(super) fn put_back(
        &mut self,
        ticket: Ticket,
        initialiser: Initialiser<T, E>,
        waker: Waker,
    ) -> Result<Roused, Initialiser<T, E>> {
        match self.airborne(ticket) {
            Some(flight) => {
                flight.seat(initialiser);
                Ok(flight.rest(waker))
            }
            None => Err(initialiser),
        }
    }

    /// Ends the flight, if there is one, because the cell is filled or retired.
    pub(super) fn end(&mut self) -> Option<Flight<T, E>> {
        self.flight.take()
    }

    /// Ends the ticket's flight by a failure, owed to everybody registered but the one who found it. Gives the cause
    /// back if the flight was ended meanwhile.
    pub(super) fn fail(&mut self, ticket: Ticket, cause: Cause<E>) -> Result<Crash<T, E>, Cause<E>> {
        let Some(flight) = self.flight.take_if(|flight| flight.is_of(ticket)) else {
            return Err(cause);
        };
        self.failures = self.failures.saturating_add(1);
        let failure = Arc::new(self.failure(cause));
        let owed = flight.callers().saturating_sub(1);
        if owed > 0 {
            self.settled.push(Settled { generation: ticket.generation, failure: Arc::clone(&failure), owed });
        }
        Ok(Crash { flight, failure })
    }

    pub(super) fn leave(&mut self, ticket: Ticket) -> Left<T, E> {
        let Some(flight) = self.airborne(ticket) else {
            return Left::Uncollected(self.collect(ticket));
        };
        match flight.leave(ticket) {
            Some(roused) => Left::Behind(roused),
            None => self.flight.take().map_or(Left::Uncollected(None), Left::Abandoned),
        }
    }

    /// A failure as of now.
    pub(super) fn failure(&self, cause: Cause<E>) -> Failure<E> {
        Failure { generation: self.generation, attempt: self.failures, cause }
    }

    /// The ticket's flight, unless that is over.
    fn airborne(&mut self, ticket: Ticket) -> Option<&mut Flight<T, E>> {
        self.flight.as_mut().filter(|flight| flight.is_of(ticket))
    }

    /// The failure that the ticket's holder is owed, once.
    fn collect(&mut self, ticket: Ticket) -> Option<Arc<Failure<E>>> {
        let of_ticket = |settled: &Settled<E>| settled.generation == ticket.generation;
        let index = self.settled.iter().position(of_ticket)?;
        let settled = self.settled.get_mut(index)?;
        settled.owed -= 1;
        if settled.owed > 0 {
            return Some(Arc::clone(&settled.failure));
        }
        Some(self.settled.swap_remove(index).failure)
    }
}
