//! How long the outside world waits while nothing but the background runs.
//!
//! Beside a loop that never rests, such as a health check of the code under test, "the request comes later" is possible for
//! ever, and the tree would have no end. So an event that somebody awaits comes at the latest after a number of movements of
//! the clock in a row in which no task ran that the run waits for. Where that decided, the report says so.

use super::Steps;
use crate::run::tasks::Role;

/// A run that was stopped with so many movements of the clock since somebody in the foreground ran hangs, most likely.
const HANGS: u32 = 1_000;

impl Steps {
    /// Whether the events that are awaited can be put off no longer. Tells the tally where that takes a choice away.
    pub(super) fn events_are_due(&self) -> bool {
        let mut state = self.state.borrow_mut();
        let due = self.rested >= state.rules.rest && !state.moments.is_empty();
        if due {
            state.tally.events_came_due();
        }
        due
    }

    /// A movement of the clock.
    pub(super) fn rests(&mut self) {
        self.rested += 1;
    }

    /// A task is polled.
    pub(super) fn polls(&mut self, index: usize) {
        if self.tasks[index].role == Role::Foreground {
            self.rested = 0;
        }
    }

    /// Something other than a poll, or time, happens.
    pub(super) fn is_disturbed(&mut self) {
        self.rested = 0;
    }

    /// Whether only the background has run for very long.
    pub(super) fn only_background_runs(&self) -> bool {
        self.rested >= HANGS
    }
}
