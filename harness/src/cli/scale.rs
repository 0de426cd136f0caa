//! How far a `check` searches, which part, and from where it goes on.

use std::num::NonZeroUsize;
use std::sync::Arc;

use super::{CheckArguments, ExplorerName, UsageError};
use crate::campaign::{BoundsOverride, ExplorerChoice, Options};
use crate::explore::Bounds;
use crate::scenario::Scenario;
use crate::shard::{Checkpoint, ShardArgument};
use crate::testing::asked_of_a_search;

impl CheckArguments {
    /// How far to search the chosen scenarios, and which part of them.
    pub(super) fn options(&self, chosen: &[&Scenario]) -> Result<Options, UsageError> {
        let options = self.extent()?;
        Ok(Options { checkpoint: self.open_checkpoint(chosen, &options)?, ..options })
    }

    /// How far to search, whatever scenarios it is: as it is said here, and else in the environment. A variable that was
    /// passed over would leave a verdict of other bounds than were asked for.
    pub(crate) fn extent(&self) -> Result<Options, UsageError> {
        let around = asked_of_a_search().map_err(UsageError::Environment)?;
        let explorer = match self.explorer {
            ExplorerName::Exhaustive => around.explorer,
            ExplorerName::Random => ExplorerChoice::Random { seed: self.seed, runs: self.runs },
        };
        let shard = self.shard.map(ShardArgument::resolve).transpose()?.or(around.shard);
        if let Some(flag) = shard.map(|_| "shard").or(self.checkpoint.as_ref().map(|_| "checkpoint"))
            && explorer != ExplorerChoice::Exhaustive
        {
            return Err(UsageError::ExhaustiveOnly(flag));
        }
        Ok(Options {
            bounds: BoundsOverride {
                faults: self.faults.or(around.bounds.faults),
                preemptions: self.preemptions.or(around.bounds.preemptions),
                cancellations: self.cancellations.or(around.bounds.cancellations),
                stalls: self.stalls,
                cost: self.cost.or(around.bounds.cost),
                ..BoundsOverride::default()
            },
            explorer,
            max_time: self.max_time.map(|time| time.0).or(around.max_time),
            max_executions: None,
            jobs: self.jobs.and_then(|jobs| NonZeroUsize::new(jobs.into())).or(around.jobs),
            shard,
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
