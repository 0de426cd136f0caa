//! The choice sequence: everything that a run leaves open, one typed draw after the other.
//!
//! A run is a function of its choice sequence and of nothing else. Whoever feeds the sequence is an
//! [`Explorer`](crate::explore::Explorer); the sequence of a finished run is its [`Tape`]; a tape written down is a
//! [`Token`](token::Token). One sequence for schedule, faults and values is Hypothesis' idea; here the
//! alternatives carry costs as well, so that "at most two faults" is a question to the tape.

mod tape;
pub mod token;

pub use tape::{Entry, Tape};

use serde::{Deserialize, Serialize};

use crate::hash::History;

/// What one alternative of a draw costs. Choice 0 of a draw is always the simplest, but not always free: a point
/// where only a preemption is left has no free alternative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Cost {
    /// Ordinary behaviour.
    Free,
    /// A fault fires.
    Fault,
    /// A task is cut in the middle of a poll, or overtaken although it was ready first.
    Preemption,
    /// A future is dropped before it finished.
    Cancellation,
    /// A task panics at an await.
    Panic,
    /// Time passes although a task is ready.
    Stall,
    /// Everything that one start brought up is dropped, and it starts again.
    Crash,
}

impl Cost {
    /// Every kind that a bound exists for, in the order in which reports print them.
    pub const BOUNDED: [Cost; 6] =
        [Cost::Fault, Cost::Preemption, Cost::Cancellation, Cost::Panic, Cost::Stall, Cost::Crash];

    /// The name of the bound, as reports and command lines spell it.
    pub fn bound_name(self) -> &'static str {
        match self {
            Cost::Free => "free",
            Cost::Fault => "faults",
            Cost::Preemption => "preemptions",
            Cost::Cancellation => "cancellations",
            Cost::Panic => "panics",
            Cost::Stall => "stalls",
            Cost::Crash => "crashes",
        }
    }
}

/// How a draw came about; part of its label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// Which step comes next: a poll, a movement of the clock, a cancellation, an event of the outside world.
    Next,
    /// Whether, and after how many operations, the poll that follows is cut.
    Cut,
    /// Which fault fires at a named place, if any.
    Fault,
    /// A value that the scenario asked for.
    Value,
    /// Whether the spawned tasks, whose turn it is if any of them is ready, wait. Where none is ready there is nothing to
    /// wait with, so how many alternatives there are is known only once they were polled.
    Lane,
}

impl Kind {
    /// Whether it is drawn by the engine between two polls; the others are drawn inside one.
    pub(crate) fn is_between_polls(self) -> bool {
        match self {
            Kind::Next | Kind::Cut | Kind::Lane => true,
            Kind::Fault | Kind::Value => false,
        }
    }

    /// The word that stands in tokens.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Next => "next",
            Kind::Cut => "cut",
            Kind::Lane => "lane",
            Kind::Fault => "fault",
            Kind::Value => "value",
        }
    }
}

/// A draw's name: its kind and, for faults and values, the name that the scenario gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label {
    /// How the draw came about.
    pub kind: Kind,
    /// The scenario's name for it; empty for the engine's own draws.
    pub name: &'static str,
}

impl std::fmt::Display for Label {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.name {
            "" => f.write_str(self.kind.word()),
            name => write!(f, "{}:{name}", self.kind.word()),
        }
    }
}

/// The alternatives of a draw, each with its cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alternatives<'a> {
    /// A cost per alternative.
    Listed(&'a [Cost]),
    /// Alternative 0 is free, every other costs the same.
    FirstFree {
        /// How many there are in all.
        arity: u32,
        /// What each but the first costs.
        rest: Cost,
    },
    /// Alternative 0 is free, every other costs the same, and how many there are is known only once alternative 0
    /// was executed: the number of operations in a poll, or whether a spawned task was ready. The tape is told it then.
    Open {
        /// What each but the first costs.
        rest: Cost,
    },
}

/// One question to the explorer.
#[derive(Debug, Clone, Copy)]
pub struct Draw<'a> {
    /// What is asked.
    pub label: Label,
    /// What can be answered.
    pub alternatives: Alternatives<'a>,
    /// The history of the run before this draw: two runs with the same choices so far must agree on it.
    pub history: History,
}

impl Draw<'_> {
    /// The number of alternatives; `None` while it is not known.
    pub fn arity(&self) -> Option<u32> {
        match self.alternatives {
            Alternatives::Listed(costs) => Some(u32::try_from(costs.len()).unwrap_or(u32::MAX)),
            Alternatives::FirstFree { arity, .. } => Some(arity),
            Alternatives::Open { .. } => None,
        }
    }

    /// The cost of one alternative.
    pub fn cost(&self, value: u32) -> Cost {
        match self.alternatives {
            Alternatives::Listed(costs) => costs[value as usize],
            Alternatives::FirstFree { rest, .. } | Alternatives::Open { rest } => {
                if value == 0 {
                    Cost::Free
                } else {
                    rest
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn the_engine_draws_between_polls_and_the_code_under_test_within_them() {
        assert!([Kind::Next, Kind::Cut, Kind::Lane].into_iter().all(Kind::is_between_polls));
        assert!(![Kind::Fault, Kind::Value].into_iter().any(Kind::is_between_polls));
    }
}
