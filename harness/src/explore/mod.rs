//! Explorers: whoever feeds the choice sequence. One small trait, a file each.
//!
//! The trait's shape follows shuttle's `Scheduler`: begin, choose, end. A new strategy is one file, as this one, which
//! lets exactly one fault fire in each run, a later one every time:
//!
//! ```
//! use nevernone::choice::{Cost, Draw, Tape};
//! use nevernone::explore::{Explorer, Refusal};
//! use nevernone::{Ending, Scenario, campaign, fault};
//!
//! #[derive(Clone)]
//! struct OneFault {
//!     /// How many free answers come before the fault.
//!     after: u32,
//!     left: u32,
//! }
//!
//! impl Explorer for OneFault {
//!     fn begin(&mut self) -> bool {
//!         self.left = self.after;
//!         true
//!     }
//!
//!     fn choose(&mut self, _position: usize, draw: &Draw<'_>) -> Result<u32, Refusal> {
//!         let faulty = (0..draw.arity().unwrap_or(1)).find(|value| draw.cost(*value) == Cost::Fault);
//!         let Some(faulty) = faulty else { return Ok(0) };
//!         match self.left.checked_sub(1) {
//!             Some(left) => {
//!                 self.left = left;
//!                 Ok(0)
//!             }
//!             None => {
//!                 self.left = u32::MAX;
//!                 Ok(faulty)
//!             }
//!         }
//!     }
//!
//!     fn end(&mut self, _tape: &Tape, _ending: &Ending) -> Result<(), Refusal> {
//!         Ok(())
//!     }
//! }
//!
//! let scenario = Scenario::new("three attempts", || async {
//!     let attempts = (1..=3).filter(|_| fault("connect", &["err"]).is_none()).count();
//!     nevernone::event(&format!("{attempts} went well"));
//! });
//! for after in 0..3 {
//!     let run = campaign::run_once(&scenario, OneFault { after, left: 0 }).expect("it begins");
//!     assert_eq!(run.ending, Ending::Passed);
//!     let faults: Vec<usize> = run.token.choices.iter().map(|choice| choice.position).collect();
//!     // Before them came what to do next, and whether to cut the poll.
//!     assert_eq!(faults, [2 + after as usize]);
//! }
//! ```

mod bounds;
mod bytes;
mod descent;
mod exhaustive;
mod frontier;
mod generator;
mod mended;
mod planned;
mod pruned;
mod random;
mod replay;
mod seen;
mod walk;

pub use bounds::{Bounds, Spent};
pub use bytes::Bytes;
pub use descent::Descent;
pub use exhaustive::Exhaustive;
pub(crate) use frontier::{Frontier, Leaf};
pub(crate) use mended::Mended;
pub use planned::{FaultPlan, Planned};
pub(crate) use pruned::{CheapestFailure, Pruned};
pub use random::Random;
#[cfg(feature = "fail")]
pub(crate) use replay::same_draw;
pub use replay::{Again, Replay};

use crate::choice::{Draw, Tape};
use crate::ending::Ending;

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

    /// How many alternatives the open draw at `position`, which was just answered with 0, has at most, if the poll that
    /// follows was executed before under the very same choices, to its end. `None`, which is always right, where that is
    /// not known: it only makes the run cheaper.
    fn known_arity(&self, position: usize) -> Option<u32> {
        let _ = position;
        None
    }

    /// Hears how many alternatives the open draw of an uncut poll had.
    ///
    /// # Errors
    /// A refusal ends the run as void: for explorers that decide only now whether to cut.
    fn cut_closed(&mut self, cut: &ClosedCut) -> Result<(), Refusal> {
        let _ = cut;
        Ok(())
    }

    /// Hears that the cut at `position` denied its poll nothing, so that the answer was in effect 0. This can happen
    /// even where an uncut poll has more operations: `tokio::time::timeout` polls its timer without a budget once the
    /// future inside has used it up.
    ///
    /// # Errors
    /// A refusal ends the run as void: for explorers that take the uncut poll elsewhere.
    fn cut_was_void(&mut self, position: usize) -> Result<(), Refusal> {
        let _ = position;
        Ok(())
    }

    /// Hears how the run that began last ended.
    ///
    /// # Errors
    /// [`Refusal::Changed`] when the finished run shows that an earlier execution of the same choices was another.
    fn end(&mut self, tape: &Tape, ending: &Ending) -> Result<(), Refusal>;
}

/// An open draw whose arity has become known.
#[derive(Debug, Clone, Copy)]
pub struct ClosedCut {
    /// Its place in the run.
    pub position: usize,
    /// The draw itself, now with its arity.
    pub draw: Draw<'static>,
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
