//! How far a search has come, with a guess of how far it will go: for whoever draws it.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::{Progress, estimate};
use crate::explore::Bounds;
use crate::scenario::Scenario;

/// A search that takes no longer than this is not worth an estimate.
const WORTH_AN_ESTIMATE: Duration = Duration::from_secs(2);

/// Enough for an interval of some percent on most trees, in a fraction of a second.
const DESCENTS: u32 = 2_000;

/// Looks at one search from time to time.
#[derive(Debug, Default)]
pub(crate) struct Gauge {
    /// When the pass that counts was first seen to run.
    counting_since: Option<Instant>,
    /// Mean and half width.
    size: Option<(f64, f64)>,
}

/// What one look shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Seen {
    pub(crate) executions: u64,
    /// 0 while the probes of small costs go on.
    pub(crate) runs: u64,
    /// For how long the pass that counts has gone on.
    pub(crate) counting: Duration,
    /// Mean and half width of an estimate, where one is worth while.
    pub(crate) size: Option<(f64, f64)>,
}

impl Gauge {
    /// Looks once; of a search that goes on for long, this also estimates its size, once.
    pub(crate) fn look(&mut self, scenario: &Scenario, bounds: Bounds, progress: &Progress) -> Seen {
        let (executions, runs) = (progress.executions(), progress.runs());
        if runs == 0 {
            return Seen { executions, ..Seen::default() };
        }
        let counting = self.counting_since.get_or_insert_with(Instant::now).elapsed();
        if self.size.is_none() && counting > WORTH_AN_ESTIMATE {
            self.size = Some(estimate(scenario, bounds, DESCENTS));
        }
        Seen { executions, runs, counting, size: self.size }
    }
}
