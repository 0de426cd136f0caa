//! How far a `check` searches, which part, and from where it goes on.

use std::num::NonZeroUsize;
use std::sync::Arc;

use super::{CheckArguments, ExplorerName, UsageError};
use crate::campaign::{BoundsOverride, ExplorerChoice, Options};
use crate::explore::Bounds;
use crate::scenario::Scenario;
use crate::shard::{Checkpoint, ShardArgument};

impl CheckArguments {
    /// How far to search the chosen scenarios, and which part of them.
    pub(super) fn options(&self, chosen: &[&Scenario]) -> Result<Options, UsageError> {
        let options = self.extent()?;
        Ok(Options { checkpoint: self.open_checkpoint(chosen, &options)?, ..options })
    }

    /// How far to search, whatever scenarios it is.
    pub(crate) fn extent(&self) -> Result<Options, UsageError> {
        let sampled = self.explorer == ExplorerName::Random;
        if let Some(flag) = self.shard.map(|_| "shard").or(self.checkpoint.as_ref().map(|_| "checkpoint"))
            && sampled
        {
            return Err(UsageError::ExhaustiveOnly(flag));
        }
        Ok(Options {
            bounds: BoundsOverride {
                faults: self.faults,
                preemptions: self.preemptions,
                cancellations: self.cancellations,
                stalls: self.stalls,
                cost: self.cost,
                ..BoundsOverride::default()
            },
            explorer: match self.explorer {
                ExplorerName::Exhaustive => ExplorerChoice::Exhaustive,
                ExplorerName::Random => ExplorerChoice::Random { seed: self.seed, runs: self.runs },
            },
            max_time: self.max_time.map(|time| time.0),
            max_executions: None,
            jobs: self.jobs.and_then(|jobs| NonZeroUsize::new(jobs.into())),
            shard: self.shard.map(ShardArgument::resolve).transpose()?,
            checkpoint: None,
            progress: Arc::default(),
        })
    }

    fn open_checkpoint(&self, chosen: &[&Scenario], options: &Options) -> Result<Option<Arc<Checkpoint>>, UsageError> {
        let Some(path) = &self.checkpoint else { return Ok(None) };
        let searches: Vec<(&Scenario, Bounds)> =
            chosen.iter().map(|scenario| (*scenario, options.bounds.apply(scenario.bounds))).collect();
        Ok(Some(Arc::new(Checkpoint::open(path, &searches, options.shard)?)))
    }
}
