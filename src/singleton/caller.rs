//! One caller on its way to the value: joins a flight, drives it when it is its turn, hands it over when it leaves.

use std::task::{Context, Poll, Waker};

use super::control::{Boarding, Crash, Left, Step};
use super::failure::Cause;
use super::flight::{Flight, Initialiser, Ticket, Turn};
use super::{Answer, Singleton};
use crate::contain::{contain, discard};
use crate::sync::thread;

/// Registered with a flight from [`Caller::join`] until it has its answer or is dropped.
pub(super) struct Caller<'a, T, E> {
    cell: &'a Singleton<T, E>,
    ticket: Ticket,
    /// It has its answer: there is nothing to leave.
    answered: bool,
}

impl<'a, T, E> Caller<'a, T, E> {
    /// Joins the flight in the air, or starts one; or has its answer at once.
    pub(super) fn join<I>(cell: &'a Singleton<T, E>, init: I) -> Result<Self, Answer<'a, T, E>>
    where
        I: FnOnce() -> Initialiser<T, E>,
    {
        let boarding = {
            let mut control = cell.slot.lock();
            if let Some(value) = cell.get() {
                return Err(Ok(value));
            }
            if control.is_retired() { None } else { Some(control.board(thread::current().id())) }
        };
        let caller = |ticket| Self { cell, ticket, answered: false };
        match boarding {
            Some(Boarding::Join(ticket)) => Ok(caller(ticket)),
            Some(Boarding::Start(ticket)) => caller(ticket).start(init),
            Some(Boarding::Reenter) => Err(cell.refuse(Cause::Reentered)),
            None => Err(cell.refuse(Cause::Retired)),
        }
    }

    /// The answer, or Pending with this caller's waker registered.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Answer<'a, T, E>> {
        let waker = context.waker().clone();
        let step = self.cell.slot.lock().step(self.ticket, thread::current().id(), waker);
        match step {
            Step::Wait(roused) => {
                roused.release();
                Poll::Pending
            }
            Step::Drive(turn) => self.drive(turn),
            Step::Failed(failure) => self.answer(Err(failure)),
            Step::Over => self.over(),
        }
    }

    /// Makes the initialiser while everybody else already waits, so that it is made once for each flight.
    fn start<I>(mut self, init: I) -> Result<Self, Answer<'a, T, E>>
    where
        I: FnOnce() -> Initialiser<T, E>,
    {
        match contain(init) {
            Ok(initialiser) => {
                let seated = self.cell.slot.lock().seat(self.ticket, initialiser);
                discard(seated);
                Ok(self)
            }
            Err(message) => match self.fail(Cause::Panicked(message)) {
                Poll::Ready(answer) => Err(answer),
                Poll::Pending => Ok(self),
            },
        }
    }

    fn drive(&mut self, turn: Turn<T, E>) -> Poll<Answer<'a, T, E>> {
        let Turn { mut initialiser, signal, waker, discard: former } = turn;
        drop(former);
        let signal = Waker::from(signal);
        match contain(|| initialiser.as_mut().poll(&mut Context::from_waker(&signal))) {
            Ok(Poll::Pending) => self.put_back(initialiser, waker),
            // The initialiser ends before anybody can see its value: a panic there is its panic.
            Ok(Poll::Ready(outcome)) => match (contain(|| drop(initialiser)), outcome) {
                (Ok(()), Ok(value)) => self.publish(value),
                (Ok(()), Err(error)) => self.fail(Cause::Failed(error)),
                (Err(message), outcome) => {
                    discard(outcome);
                    self.fail(Cause::Panicked(message))
                }
            },
            Err(message) => {
                discard(initialiser);
                self.fail(Cause::Panicked(message))
            }
        }
    }

    fn put_back(&mut self, initialiser: Initialiser<T, E>, waker: Waker) -> Poll<Answer<'a, T, E>> {
        let put_back = self.cell.slot.lock().put_back(self.ticket, initialiser, waker);
        match put_back {
            Ok(roused) => {
                roused.release();
                Poll::Pending
            }
            Err(orphan) => {
                discard(orphan);
                self.over()
            }
        }
    }

    fn publish(&mut self, value: T) -> Poll<Answer<'a, T, E>> {
        let published = {
            let mut control = self.cell.slot.lock();
            control.fill(value).map(|()| control.end())
        };
        match published {
            Ok(flight) => {
                self.answered = true;
                discard(flight.map(Flight::disband));
            }
            Err(unwanted) => discard(unwanted),
        }
        self.over()
    }

    fn fail(&mut self, cause: Cause<E>) -> Poll<Answer<'a, T, E>> {
        let failed = self.cell.slot.lock().fail(self.ticket, cause);
        match failed {
            Ok(Crash { flight, failure }) => {
                discard(flight.disband());
                self.answer(Err(failure))
            }
            Err(unwanted) => {
                discard(unwanted);
                self.over()
            }
        }
    }

    /// The flight is over and did not fail.
    fn over(&mut self) -> Poll<Answer<'a, T, E>> {
        let answer = self.cell.get().map_or_else(|| self.cell.refuse(Cause::Retired), Ok);
        self.answer(answer)
    }

    fn answer(&mut self, answer: Answer<'a, T, E>) -> Poll<Answer<'a, T, E>> {
        self.answered = true;
        Poll::Ready(answer)
    }
}

impl<T, E> Drop for Caller<'_, T, E> {
    /// Leaves the flight to the others; the last one ends it.
    fn drop(&mut self) {
        if self.answered {
            return;
        }
        let left = self.cell.slot.lock().leave(self.ticket);
        match left {
            Left::Behind(roused) => roused.release(),
            Left::Abandoned(flight) => discard(flight.disband()),
            Left::Uncollected(failure) => discard(failure),
        }
    }
}
