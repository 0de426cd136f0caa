//! What a search must have reached to mean anything: goals and faults, counted.

use serde::Serialize;

/// How often a `sometimes` held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SometimesTally {
    /// The goal, in the scenario's words.
    pub name: &'static str,
    /// Runs in which it held.
    pub hits: u64,
}

/// How often a declared fault fired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FaultTally {
    /// The place, and what can go wrong there.
    #[serde(serialize_with = "place_and_kind")]
    pub name: (&'static str, &'static str),
    /// Runs in which it fired.
    pub fired: u64,
}

fn place_and_kind<S: serde::Serializer>(name: &(&str, &str), serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{}={}", name.0, name.1))
}

/// Goals and faults, of one run or of a whole search.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Goals, in the order in which they were met.
    pub sometimes: Vec<SometimesTally>,
    /// Faults, in the order in which they were declared.
    pub faults: Vec<FaultTally>,
}

impl Tally {
    /// Counts a goal, at most once a run.
    pub(crate) fn sometimes(&mut self, name: &'static str, held: bool) {
        let hits = u64::from(held);
        match self.sometimes.iter_mut().find(|goal| goal.name == name) {
            Some(goal) => goal.hits = goal.hits.max(hits),
            None => self.sometimes.push(SometimesTally { name, hits }),
        }
    }

    /// Counts a fault, at most once a run.
    pub(crate) fn fault(&mut self, name: (&'static str, &'static str), fired: bool) {
        let fired = u64::from(fired);
        match self.faults.iter_mut().find(|fault| fault.name == name) {
            Some(fault) => fault.fired = fault.fired.max(fired),
            None => self.faults.push(FaultTally { name, fired }),
        }
    }

    /// Adds another tally's counts.
    pub(crate) fn add(&mut self, other: &Tally) {
        for goal in &other.sometimes {
            match self.sometimes.iter_mut().find(|known| known.name == goal.name) {
                Some(known) => known.hits += goal.hits,
                None => self.sometimes.push(goal.clone()),
            }
        }
        for fault in &other.faults {
            match self.faults.iter_mut().find(|known| known.name == fault.name) {
                Some(known) => known.fired += fault.fired,
                None => self.faults.push(fault.clone()),
            }
        }
    }

    pub(crate) fn clear(&mut self) {
        self.sometimes.clear();
        self.faults.clear();
    }
}
