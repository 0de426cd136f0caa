//! Polling a task, whole or cut.

use std::task::{Context, Poll};

use super::{Polled, Steps};
use crate::choice::{Alternatives, Cost, Kind, Label};
use crate::ending::Failure;
use crate::run::budget;
use crate::run::panics::{Caught, catch};
use crate::run::suspension::Suspension;
use crate::run::tasks::{Role, TaskFuture};

const CUT: Label = Label { kind: Kind::Cut, name: "" };

/// Operations that end without progress hold a unit while they last, one inside the other as they nest.
const SPARE: u32 = 8;

impl Steps {
    /// Polls the task at `place` of the ready list.
    pub(super) fn poll(&mut self, place: usize) {
        let entry = self.ready.remove(place);
        self.lift_bars();
        let index = entry.task as usize;
        self.tasks[index].ready = false;
        let (Some(position), cut) = self.draw_cut(index) else { return };
        let given = budget::leave(cut.or_else(|| self.enough_for(index, position)).unwrap_or(u32::MAX));
        let Some((operations, ended)) = self.poll_future(index, given) else { return };
        let denied = self.record_poll(index, cut, Some(position), operations, ended);
        self.polled = Some(Polled { task: entry.task, denied });
    }

    /// Polls a task whole, whether it is ready or not.
    pub(super) fn poll_at_once(&mut self, task: u32) {
        let index = task as usize;
        self.ready.retain(|entry| entry.task != task);
        self.tasks[index].ready = false;
        self.begin_poll(index);
        let Some((operations, ended)) = self.poll_future(index, budget::full()) else { return };
        self.record_poll(index, None, None, operations, ended);
        self.polled = Some(Polled { task, denied: false });
    }

    /// Who is polled, for what happens inside.
    fn begin_poll(&mut self, index: usize) {
        self.polls(index);
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        let task = &self.tasks[index];
        if state.timeline.wanted {
            state.current_task.clone_from(&task.name);
        }
        state.timeline.acts(&task.name);
        state.waits.clear();
        state.upsets.polling = u32::try_from(index).ok();
        state.upsets.current = task.incarnation;
    }

    /// Polls a task's future, which may use `given` units; tells how many operations it used and whether it ended. `None`
    /// if it had ended before.
    fn poll_future(&mut self, index: usize, given: u32) -> Option<(u32, bool)> {
        let mut future = self.tasks[index].future.take()?;
        let polled = self.poll_with_waker(index, &mut future);
        let operations = budget::used_of(given);
        let ended = !matches!(polled, Ok(Poll::Pending));
        if ended {
            if let Err(caught) = catch(|| drop(future)).and(polled) {
                self.report_panic(index, &caught);
            }
            self.foreground -= usize::from(self.tasks[index].role == Role::Foreground);
        } else {
            self.tasks[index].future = Some(future);
        }
        Some((operations, ended))
    }

    /// The poll itself. In a replay the task's waker tells who takes it.
    fn poll_with_waker(&mut self, index: usize, future: &mut TaskFuture) -> Result<Poll<()>, Caught> {
        let task = &mut self.tasks[index];
        let watched = {
            let state = self.state.borrow();
            state.timeline.wanted.then(|| Suspension::begin(state.timeline.now, &task.waker))
        };
        let Some((suspension, waker)) = watched else {
            return catch(|| future.as_mut().poll(&mut Context::from_waker(&task.waker)));
        };
        let polled = catch(|| future.as_mut().poll(&mut Context::from_waker(&waker)));
        suspension.end();
        // A poll that took no waker, as of a future that kept an earlier one, leaves the task where it waited.
        let waits_elsewhere = !suspension.was_seen() && task.suspension.as_ref().is_some_and(Suspension::was_seen);
        if !waits_elsewhere {
            task.suspension = Some(suspension);
        }
        polled
    }

    /// Asks whether the poll that follows is cut, and after how many operations: any number from 0, but after a cut
    /// at least one, or two tasks could deny themselves the same operation for ever. Without a position the explorer
    /// refused, and the run is over.
    fn draw_cut(&mut self, index: usize) -> (Option<usize>, Option<u32>) {
        self.begin_poll(index);
        let mut state = self.state.borrow_mut();
        let position = state.tape.entries().len();
        let value = state.draw(CUT, Alternatives::Open { rest: Cost::Preemption });
        let answered = state.heal.begun || state.tape.entries().len() > position;
        let cut = value.checked_sub(1).map(|value| value + self.tasks[index].least_cut());
        (answered.then_some(position), cut)
    }

    /// A whole poll that the explorer has seen before is given little more than it used then, because what is left of
    /// little is counted faster. It must not come to the end of that: then it would not be whole.
    fn enough_for(&self, index: usize, position: usize) -> Option<u32> {
        let state = self.state.borrow();
        let explorer = state.explorer.as_ref().filter(|_| !state.heal.begun)?;
        let arity = explorer.borrow().known_arity(position)?;
        Some(arity - 1 + self.tasks[index].least_cut() + SPARE)
    }

    /// Writes down what a poll did, and tells whether a cut denied it something. Without a position nobody was asked
    /// whether to cut it.
    fn record_poll(
        &mut self,
        index: usize,
        cut: Option<u32>,
        position: Option<usize>,
        operations: u32,
        ended: bool,
    ) -> bool {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        state.upsets.polling = None;
        if let Some(place) = state.upsets.current.take() {
            state.upsets.incarnations[place].polled = true;
        }
        // A poll that did not use up what the cut left it was whole, and the cut was none; so was one that did and was
        // not woken, since tokio wakes whom it denies an operation.
        let denied = cut.is_some_and(|left| operations >= left) && self.wakes.contains(index);
        let arity = 1 + operations.saturating_sub(self.tasks[index].least_cut());
        match (cut, position) {
            (None, Some(position)) => state.close_open(position, arity),
            (Some(_), Some(position)) if !denied => state.cut_was_void(position, arity),
            _ => {}
        }
        self.tasks[index].denied = denied;
        std::mem::swap(&mut self.tasks[index].waits, &mut state.waits);
        let flags = u64::from(ended) << 31 | u64::from(denied) << 30;
        state.history.mix(u64::from(operations) << 32 | flags | index as u64);
        let step = state.steps;
        let name = &self.tasks[index].name;
        state.timeline.note(step, name, || describe_poll(denied.then_some(operations), operations, ended));
        denied
    }

    pub(super) fn report_panic(&self, index: usize, caught: &Caught) {
        self.report_panic_of(&self.tasks[index].name, caught);
    }

    /// `name` is what the panic came out of: a task, or a future that was dropped.
    pub(super) fn report_panic_of(&self, name: &str, caught: &Caught) {
        let mut state = self.state.borrow_mut();
        state.history.mix_name("panic");
        let step = state.steps;
        state.timeline.note(step, name, || format!("panics: {}", caught.message));
        if !caught.injected {
            state.fail(Failure {
                property: "panic".to_owned(),
                message: format!("`{name}` panicked: {}", caught.message),
                location: caught.location.clone(),
            });
        }
    }
}

fn describe_poll(cut_after: Option<u32>, operations: u32, ended: bool) -> String {
    let count = |operations: u32| match operations {
        1 => "1 operation".to_owned(),
        more => format!("{more} operations"),
    };
    let what = match (cut_after, operations) {
        (Some(operations), _) => format!("is cut after {}", count(operations)),
        (None, 0) => "runs".to_owned(),
        (None, operations) => format!("runs ({})", count(operations)),
    };
    if ended { format!("{what} and ends") } else { what }
}
