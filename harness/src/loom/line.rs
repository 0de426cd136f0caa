//! Who may make an async cell's value now, and who waits for it: first come, first served, as tokio's semaphore does.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::PoisonError;
use std::task::{Context, Poll, Waker};

use loom::sync::{Mutex, MutexGuard};

/// One place at the front, and those who queue for it.
pub(super) struct Line(Mutex<State>);

/// No waker is cloned, woken or dropped under the lock: that is foreign code.
struct State {
    /// Somebody has the place: works, or was given it and has yet to be polled.
    taken: bool,
    /// The value is there: nobody need queue any more, and whether the place is `taken` means nothing.
    over: bool,
    waiting: VecDeque<(u64, Waker)>,
    /// Of the next one who queues.
    next: u64,
}

/// What a caller finds who only tries.
pub(super) enum Tried<'a> {
    Place(Place<'a>),
    Taken,
    Over,
}

impl Line {
    pub(super) fn new(over: bool) -> Self {
        Self(Mutex::new(State { taken: false, over, waiting: VecDeque::new(), next: 0 }))
    }

    /// Queues; ends with the place, or None once the value is there.
    pub(super) fn queue(&self) -> Queue<'_> {
        Queue { line: self, number: None }
    }

    pub(super) fn attempt(&self) -> Tried<'_> {
        let mut state = self.state();
        if state.over {
            Tried::Over
        } else if state.taken {
            Tried::Taken
        } else {
            state.taken = true;
            Tried::Place(Place { line: self })
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The place goes to whoever has waited longest.
    fn pass_on(&self) {
        let next = {
            let mut state = self.state();
            let next = state.waiting.pop_front();
            state.taken = next.is_some();
            next
        };
        if let Some((_, waker)) = next {
            waker.wake();
        }
    }
}

/// The right to make the value. Dropped, it goes to the next one.
pub(super) struct Place<'a> {
    line: &'a Line,
}

impl Place<'_> {
    /// The value is published: nobody waits any more.
    pub(super) fn close(self) {
        let waiting = {
            let mut state = self.line.state();
            state.over = true;
            std::mem::take(&mut state.waiting)
        };
        std::mem::forget(self);
        for (_, waker) in waiting {
            waker.wake();
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.line.pass_on();
    }
}

/// A caller on its way to the place.
pub(super) struct Queue<'a> {
    line: &'a Line,
    /// Its number while it queues: not before the first poll, nor after the last.
    number: Option<u64>,
}

impl<'a> Future for Queue<'a> {
    type Output = Option<Place<'a>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut waker = Some(context.waker().clone());
        let step = self.line.state().step(self.number, &mut waker);
        // What is left of it: the one before, or one that nobody needs.
        drop(waker);
        self.number = if let Step::Queued(number) = step { Some(number) } else { None };
        match step {
            Step::Queued(_) => Poll::Pending,
            Step::Place => Poll::Ready(Some(Place { line: self.line })),
            Step::Over => Poll::Ready(None),
        }
    }
}

impl Drop for Queue<'_> {
    /// Leaves the line; a place that was given to it while it was not looking goes on to the next one.
    fn drop(&mut self) {
        let Some(number) = self.number else { return };
        let (waker, given) = {
            let mut state = self.line.state();
            let waiting = state.waiting.iter().position(|(other, _)| *other == number);
            let waker = waiting.and_then(|index| state.waiting.remove(index));
            let given = waker.is_none() && !state.over;
            (waker, given)
        };
        drop(waker);
        if given {
            self.line.pass_on();
        }
    }
}

enum Step {
    Place,
    Over,
    Queued(u64),
}

impl State {
    /// Takes the waker where it queues, and leaves the former one in its stead.
    fn step(&mut self, number: Option<u64>, waker: &mut Option<Waker>) -> Step {
        if self.over {
            return Step::Over;
        }
        match number {
            Some(number) => match self.waiting.iter_mut().find(|(other, _)| *other == number) {
                Some((_, former)) => {
                    *waker = waker.take().map(|waker| std::mem::replace(former, waker));
                    Step::Queued(number)
                }
                // Not among those who wait any more: the place was given to it.
                None => Step::Place,
            },
            None if !self.taken => {
                self.taken = true;
                Step::Place
            }
            None => {
                let number = self.next;
                self.next += 1;
                self.waiting.extend(waker.take().map(|waker| (number, waker)));
                Step::Queued(number)
            }
        }
    }
}
