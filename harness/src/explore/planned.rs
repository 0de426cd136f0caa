//! One run whose faults follow a plan, while bytes choose everything else.

use std::collections::BTreeMap;

use super::{Bounds, Bytes, Explorer, Refusal};
use crate::choice::{Draw, Kind, Tape};
use crate::ending::Ending;

/// Which fault fires where: at the n-th time (from 0) that a place is met, the kind with that index (from 0) among
/// those that are declared there. A kind that is not declared is taken modulo their number, so that every plan means
/// something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FaultPlan {
    /// By place and occurrence.
    pub faults: BTreeMap<(String, u32), u32>,
}

/// Feeds a plan and a schedule to one run.
#[derive(Debug)]
pub struct Planned {
    plan: FaultPlan,
    schedule: Bytes,
    met: BTreeMap<&'static str, u32>,
}

impl Planned {
    /// `schedule` answers what the plan does not; empty is first-come-first-served.
    pub fn new(plan: FaultPlan, schedule: impl Into<Vec<u8>>, bounds: Bounds) -> Self {
        Planned { plan, schedule: Bytes::new(schedule, bounds), met: BTreeMap::new() }
    }
}

impl Explorer for Planned {
    fn begin(&mut self) -> bool {
        self.met.clear();
        self.schedule.begin()
    }

    fn choose(&mut self, position: usize, draw: &Draw<'_>) -> Result<u32, Refusal> {
        if draw.label.kind != Kind::Fault {
            return self.schedule.choose(position, draw);
        }
        let met = self.met.entry(draw.label.name).or_default();
        let planned = self.plan.faults.get(&(draw.label.name.to_owned(), *met));
        *met += 1;
        let kinds = draw.arity().unwrap_or(1).saturating_sub(1).max(1);
        Ok(planned.map_or(0, |kind| 1 + kind % kinds))
    }

    fn end(&mut self, tape: &Tape, ending: &Ending) -> Result<(), Refusal> {
        self.schedule.end(tape, ending)
    }
}
