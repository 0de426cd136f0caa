//! Which steps are possible, and which one is taken.
//!
//! Alternatives are listed in one fixed order: the ready tasks, first-in-first-out; the clock; cancellations; panics;
//! crashes; events of the outside world. So alternative 0 is always what an undisturbed first-come-first-served loop would do.
//!
//! Where only the background has run for long (`rest.rs`), events of the outside world stand in the clock's place.

use super::Steps;
use crate::choice::{Alternatives, Cost, Kind, Label};
#[cfg(feature = "net")]
use crate::run::tasks::FIRST_OUTBOX;
use crate::run::tasks::LANE;

const NEXT: Label = Label { kind: Kind::Next, name: "" };

/// One alternative at a scheduling point.
#[derive(Debug, Clone, Copy)]
pub(super) enum Choice {
    /// Poll the task at this place of the ready list.
    Poll(usize),
    /// Poll a spawned task.
    Lane,
    /// Let the next packet of the outbox at this place of the ready list arrive.
    #[cfg(feature = "net")]
    Packet(usize),
    /// Move the clock to the next timer; where only spawned tasks may be ready, poll one of those first.
    Clock,
    /// Drop the cancellable future at this place.
    Cancel(usize),
    /// Let the future at this place panic where it waits.
    Panic(usize),
    /// Crash what stands at this place, and start it again.
    Crash(usize),
    /// Let the event at this place happen.
    Moment(usize),
}

impl Choice {
    /// Whether taking it draws although no poll begins: the draw before it then tells that the poll before has ended.
    fn draws_its_own(self) -> bool {
        #[cfg(feature = "net")]
        return matches!(self, Choice::Packet(_));
        #[cfg(not(feature = "net"))]
        false
    }
}

/// What a movement of the clock that woke nothing means.
#[derive(Debug, Clone, Copy)]
pub(super) enum IfNothingWakes {
    /// Something else could have been chosen at this draw: the choice was none.
    Void { position: usize },
    /// Nothing else was possible: the run is stuck.
    Stuck,
}

impl Steps {
    pub(super) fn list_choices(&mut self) {
        self.choices.clear();
        self.costs.clear();
        let others_ready = self.others_ready();
        for (place, entry) in self.ready.iter().enumerate().filter(|(_, entry)| !entry.barred) {
            if entry.task == LANE {
                if others_ready && !self.lane.waits {
                    self.choices.push(Choice::Lane);
                    self.costs.push(self.lane.cost(place));
                }
                continue;
            }
            #[cfg(feature = "net")]
            if entry.task >= FIRST_OUTBOX {
                self.choices.push(Choice::Packet(place));
                self.costs.push(Cost::Free);
                continue;
            }
            let overtakes = entry.self_woken && place > 0;
            self.choices.push(Choice::Poll(place));
            self.costs.push(if overtakes { Cost::Preemption } else { Cost::Free });
        }
        let rested = !others_ready && self.events_are_due();
        if rested {
            self.list_events();
        } else if !(others_ready && self.lane.is_ready()) {
            // No time passes while a spawned task is ready: tokio would poll it first.
            self.choices.push(Choice::Clock);
            self.costs.push(if others_ready { Cost::Stall } else { Cost::Free });
        }
        self.list_upsets();
        if !rested {
            self.list_events();
        }
    }

    fn list_upsets(&mut self) {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        for (place, cancellable) in state.cancellables.iter().enumerate() {
            if cancellable.target.upgrade().is_some_and(|target| target.is_pending()) {
                self.choices.push(Choice::Cancel(place));
                self.costs.push(Cost::Cancellation);
                state.tally.offer(Cost::Cancellation);
            }
        }
        for (place, point) in state.upsets.panic_points.iter().enumerate() {
            if point.waker.is_some() && !point.struck {
                self.choices.push(Choice::Panic(place));
                self.costs.push(Cost::Panic);
                state.tally.offer(Cost::Panic);
            }
        }
        for place in 0..state.upsets.incarnations.len() {
            if state.upsets.can_crash(place, &self.tasks) {
                self.choices.push(Choice::Crash(place));
                self.costs.push(Cost::Crash);
                state.tally.offer(Cost::Crash);
            }
        }
    }

    fn list_events(&mut self) {
        for place in 0..self.state.borrow().moments.len() {
            self.choices.push(Choice::Moment(place));
            self.costs.push(Cost::Free);
        }
    }

    /// Asks which step comes next, where there is a choice.
    pub(super) fn choose(&mut self) -> Choice {
        if self.state.borrow().heal.begun {
            return self.undisturbed();
        }
        self.list_choices();
        let mut state = self.state.borrow_mut();
        // A single alternative that costs something is asked for all the same, so that the bounds can refuse it: where
        // only a task that was just cut is ready, nothing is left but a stall.
        let forced = self.costs[..] == [Cost::Free] && !self.choices[0].draws_its_own();
        let value = if forced { 0 } else { state.draw(NEXT, Alternatives::Listed(&self.costs)) };
        let something_else_could_happen = self.others_ready() || !state.moments.is_empty();
        self.if_nothing_wakes = if something_else_could_happen {
            IfNothingWakes::Void { position: state.last_position() }
        } else {
            IfNothingWakes::Stuck
        };
        self.choices[value as usize]
    }
}
