//! What a search may spend.

use serde::{Deserialize, Serialize};

use crate::choice::{Cost, Tape};

/// Upper bounds on a run's costs; `None` is unbounded. The tree's shape never depends on them, only which of its
/// branches are visited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    /// Faults that fire.
    pub faults: Option<u32>,
    /// Cuts and overtakings.
    pub preemptions: Option<u32>,
    /// Futures dropped early.
    pub cancellations: Option<u32>,
    /// Panics at an await, of what the scenario gave to [`may_panic`](crate::may_panic).
    pub panics: Option<u32>,
    /// Movements of the clock while a task is ready.
    pub stalls: Option<u32>,
    /// Crashes, each followed by another start, of what the scenario gave to [`restartable`](crate::restartable).
    #[serde(default = "none_of_them")]
    pub crashes: Option<u32>,
    /// All of these together.
    pub cost: Option<u32>,
    /// Steps in one run; a run that is cut short by it makes the search incomplete.
    pub steps: u32,
}

impl Default for Bounds {
    /// Two faults, two preemptions, one cancellation: most startup bugs on record need no more. One panic at an await
    /// and one crash: a scenario has neither unless it says which futures may panic and what may crash, and then one
    /// is what it asks for. Stalls are off: every timer can stall, and one stall multiplies the tree by hundreds.
    fn default() -> Self {
        Bounds {
            faults: Some(2),
            preemptions: Some(2),
            cancellations: Some(1),
            panics: Some(1),
            stalls: Some(0),
            crashes: Some(1),
            cost: None,
            steps: 10_000,
        }
    }
}

impl Bounds {
    /// No bound but the one on steps. What may crash makes such a tree infinite.
    pub fn unbounded() -> Self {
        Bounds {
            faults: None,
            preemptions: None,
            cancellations: None,
            panics: None,
            stalls: None,
            crashes: None,
            cost: None,
            steps: 10_000,
        }
    }

    /// These bounds, each raised to what a run has spent.
    #[must_use]
    pub fn admitting(self, spent: &Spent) -> Self {
        let raised = |bound: Option<u32>, cost: Cost| bound.map(|bound| bound.max(spent.counts[cost as usize]));
        Bounds {
            faults: raised(self.faults, Cost::Fault),
            preemptions: raised(self.preemptions, Cost::Preemption),
            cancellations: raised(self.cancellations, Cost::Cancellation),
            panics: raised(self.panics, Cost::Panic),
            stalls: raised(self.stalls, Cost::Stall),
            crashes: raised(self.crashes, Cost::Crash),
            cost: self.cost.map(|bound| bound.max(spent.total())),
            steps: self.steps,
        }
    }

    /// The bound on one kind of cost.
    pub fn of(&self, cost: Cost) -> Option<u32> {
        match cost {
            Cost::Free => None,
            Cost::Fault => self.faults,
            Cost::Preemption => self.preemptions,
            Cost::Cancellation => self.cancellations,
            Cost::Panic => self.panics,
            Cost::Stall => self.stalls,
            Cost::Crash => self.crashes,
        }
    }
}

/// A report that was written before there were crashes.
#[expect(clippy::unnecessary_wraps, reason = "the field's own type")]
fn none_of_them() -> Option<u32> {
    Some(0)
}

/// What a run has spent so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// One counter per [`Cost`], by its discriminant; index 0, the free alternatives, stays 0.
    counts: [u32; 7],
}

/// Why an alternative is outside the bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    /// The bound on its own kind.
    Kind,
    /// Only the bound on the total.
    Total,
}

impl Spent {
    /// Adds one alternative's cost.
    pub fn add(&mut self, cost: Cost) {
        if cost != Cost::Free {
            self.counts[cost as usize] += 1;
        }
    }

    /// What was spent in all.
    pub fn total(&self) -> u32 {
        self.counts.iter().sum()
    }

    /// What the first `length` draws of a tape spent.
    pub fn of_prefix(tape: &Tape, length: usize) -> Self {
        let mut spent = Spent::default();
        for (position, entry) in tape.entries()[..length].iter().enumerate() {
            spent.add(tape.cost(position, entry.value));
        }
        spent
    }

    /// Whether one more alternative of this cost would break a bound, and which.
    pub(crate) fn over(&self, cost: Cost, bounds: &Bounds) -> Option<Over> {
        if cost == Cost::Free {
            return None;
        }
        if bounds.of(cost).is_some_and(|bound| self.counts[cost as usize] >= bound) {
            return Some(Over::Kind);
        }
        bounds.cost.is_some_and(|bound| self.total() >= bound).then_some(Over::Total)
    }
}
