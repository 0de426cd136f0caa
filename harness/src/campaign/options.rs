//! How far to search, and how.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Progress;
use crate::explore::Bounds;
use crate::shard::{Checkpoint, Shard};

/// How far to search.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Replace the scenario's own bounds, one by one.
    pub bounds: BoundsOverride,
    /// Which explorer.
    pub explorer: ExplorerChoice,
    /// Real time after which the search stops, and is incomplete.
    pub max_time: Option<Duration>,
    /// Executions after which the search stops, and is incomplete.
    pub max_executions: Option<u64>,
    /// Worker threads for one exhaustive search; one where nothing is said. With more than one a scenario runs beside
    /// itself: statics that it changes are then uncontrolled.
    pub jobs: Option<NonZeroUsize>,
    /// Search only this part of the tree. Exhaustive only; a random search ignores it.
    pub shard: Option<Shard>,
    /// Write down what is finished, and go on from what an earlier process finished. Exhaustive only. It must have been
    /// opened for this scenario and these bounds.
    pub checkpoint: Option<Arc<Checkpoint>>,
    /// Where the search tells how far it has come, and hears that it should stop.
    pub progress: Arc<Progress>,
}

/// Which explorer feeds the choice sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ExplorerChoice {
    /// Everything within the bounds.
    #[default]
    Exhaustive,
    /// That many random runs.
    Random {
        /// Seeds the choices; equal seeds give equal runs.
        seed: u64,
        /// How many runs.
        runs: u64,
    },
}

/// Bounds given from outside; `None` keeps the scenario's own.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct BoundsOverride {
    /// Instead of the scenario's faults.
    pub faults: Option<u32>,
    /// Instead of the scenario's preemptions.
    pub preemptions: Option<u32>,
    /// Instead of the scenario's cancellations.
    pub cancellations: Option<u32>,
    /// Instead of the scenario's panics.
    pub panics: Option<u32>,
    /// Instead of the scenario's crashes.
    pub crashes: Option<u32>,
    /// Instead of the scenario's stalls.
    pub stalls: Option<u32>,
    /// Instead of the scenario's total.
    pub cost: Option<u32>,
}

impl BoundsOverride {
    /// The bounds in force.
    pub fn apply(&self, own: Bounds) -> Bounds {
        Bounds {
            faults: self.faults.or(own.faults),
            preemptions: self.preemptions.or(own.preemptions),
            cancellations: self.cancellations.or(own.cancellations),
            panics: self.panics.or(own.panics),
            crashes: self.crashes.or(own.crashes),
            stalls: self.stalls.or(own.stalls),
            cost: self.cost.or(own.cost),
            ..own
        }
    }
}
