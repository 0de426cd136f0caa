//! Explorers: whoever feeds the choice sequence. One small trait, a file each.
//!
//! The trait's shape follows shuttle's `Scheduler`: begin, choose, end. A new strategy is one file.

mod bounds;
mod bytes;
mod descent;
mod exhaustive;
mod planned;
mod random;
mod replay;

pub use bounds::{Bounds, Spent};
pub use bytes::Bytes;
pub use descent::Descent;
pub use exhaustive::Exhaustive;
pub use planned::{FaultPlan, Planned};
pub use random::Random;
pub use replay::{Again, Replay};

use crate::choice::{Draw, Tape};
use crate::run::Ending;

/// Feeds choice sequences to a scenario, run after run.
pub trait Explorer {
    /// Begins the next run; `false` when there is none left.
    fn begin(&mut self) -> bool;

    /// Answers a draw with a value below its arity (any value where the arity is open). `position` counts the draws
    /// of this run from 0.
    ///
    /// # Errors
    /// [`Refusal`] when the draw is not the one that the explorer's knowledge of earlier runs, or its token,
    /// foretells. The run ends there.
    fn choose(&mut self, position: usize, draw: &Draw<'_>) -> Result<u32, Refusal>;

    /// Whether a cut that denied nothing stands as none. An explorer that visits every run has that one already.
    fn forgives_void_cuts(&self) -> bool {
        true
    }

    /// Hears how the run that began last ended.
    ///
    /// # Errors
    /// [`Refusal::Changed`] when the finished run shows that an earlier execution of the same choices was another.
    fn end(&mut self, tape: &Tape, ending: &Ending) -> Result<(), Refusal>;
}

/// Why an explorer does not answer a draw.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The run did not do what its choices so far foretold.
    #[error("{0}")]
    Changed(String),
    /// Every alternative is outside the bounds: the path ends here, and does not count.
    #[error("no alternative is within the bounds")]
    NothingAdmitted,
}
