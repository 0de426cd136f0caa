//! What is told of a failure beside the failing run itself.

use serde::{Deserialize, Serialize};

use crate::choice::Tape;

/// How small a failing run is, which of its answers matter, and from where on nothing helps. All of it holds within the
/// bounds of the search.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// Whether no smaller run fails, by (cost, answers in their order): everything smaller was executed. Otherwise the
    /// run is the least of what was searched and of what is near it.
    pub least: bool,
    /// How large the run was that was found first, where it was reduced.
    pub reduced_from: Option<RunSize>,
    /// Other properties that failed in runs that were tried while it was reduced.
    pub also_failed: Vec<String>,
    /// From where on nothing helps.
    pub inevitable: Option<Inevitable>,
    /// The draws that could have been answered in another way, and what that would have changed.
    pub draws: Vec<DrawMark>,
    /// Runs that were executed for this explanation alone; they are not counted elsewhere.
    pub executions: u64,
}

/// How large a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunSize {
    /// What it cost.
    pub cost: u32,
    /// How many draws it made.
    pub draws: usize,
}

/// How something is known of all continuations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certainty {
    /// How many were run.
    pub continuations: u64,
    /// Whether these are all that there are; otherwise some of them are a sample.
    pub all_run: bool,
}

/// From where on every continuation fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inevitable {
    /// From this step's choices on, at the latest; 0 where every run fails.
    pub step: u32,
    /// How that is known.
    #[serde(flatten)]
    pub certainty: Certainty,
}

/// What another answer to a draw would have changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawMark {
    /// Its place in the run, from 0, as in the token.
    pub draw: usize,
    /// What was asked.
    pub label: String,
    /// The step in which it was asked.
    pub step: u32,
    /// What became of the other answers.
    pub others: Others,
    /// How that is known; `None` where they matter.
    pub certainty: Option<Certainty>,
}

/// What became of the other answers to a draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Others {
    /// Each of them fails, whatever follows.
    Fail,
    /// Each of them fails as long as what follows is answered as it was.
    FailAlone,
    /// One leads to a run that does not fail, or it could not be found out.
    Matter,
}

impl RunSize {
    /// A recorded run's.
    pub fn of(tape: &Tape) -> Self {
        RunSize { cost: tape.total_cost(), draws: tape.entries().len() }
    }
}

impl Certainty {
    /// Both together: they speak of different continuations.
    #[must_use]
    pub fn and(self, other: Certainty) -> Self {
        Certainty { continuations: self.continuations + other.continuations, all_run: self.all_run && other.all_run }
    }
}

impl std::fmt::Display for Certainty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.all_run, self.continuations) {
            (true, 1) => f.write_str("the only one was run"),
            (true, count) => write!(f, "all {count} were run"),
            (false, count) => write!(f, "in all of {count} sampled"),
        }
    }
}
