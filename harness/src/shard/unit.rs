//! A part of a tree, and what its search came to.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::choice::Tape;
use crate::run::{FaultTally, SometimesTally};

/// A part of the tree as reports and checkpoints tell it: all runs that begin with one prefix of draws.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitReport {
    /// Its place among all units in lexicographic order, from 0.
    pub rank: u32,
    /// The prefix: for each draw its label, its number of alternatives and its answer, `next/3=1 cut/2=0`.
    pub chain: String,
    /// Distinct complete choice sequences in it.
    pub runs: u64,
    /// What was executed for that: void and doubled runs included.
    pub executions: u64,
    /// Steps of everything that was executed.
    pub steps: u64,
    /// Goals, in this part.
    pub sometimes: Vec<SometimesTally>,
    /// Declared faults, in this part.
    pub faults: Vec<FaultTally>,
    /// The most tasks of `tokio::spawn` that were alive at once.
    pub lane: usize,
    /// Of which kinds of cost there was something to choose.
    pub offered: Vec<String>,
    /// Places that code came to.
    #[serde(default)]
    pub places: Vec<String>,
    /// Why runs were stopped early.
    pub cut_short: Vec<String>,
}

impl UnitReport {
    /// Of a unit of which nothing was executed.
    pub(crate) fn untouched(rank: u32, chain: String) -> Self {
        UnitReport { rank, chain, ..UnitReport::default() }
    }
}

/// A prefix in one line.
pub(crate) fn chain(prefix: &Tape) -> String {
    prefix.entries().iter().enumerate().fold(String::new(), |mut text, (position, entry)| {
        let gap = if position == 0 { "" } else { " " };
        // A name may hold anything; blanks and the signs that divide are what would read as another chain.
        let label = entry.label.to_string().replace([' ', '/', '='], "_");
        let _ = write!(text, "{gap}{label}/{}={}", entry.arity, entry.value);
        text
    })
}

/// Writes each item on one line, in an indented report too: there are hundreds of units, and of a timeline's entries.
pub(crate) fn one_a_line<S: serde::Serializer>(items: &[impl Serialize], serializer: S) -> Result<S::Ok, S::Error> {
    let lines = items.iter().map(serde_json::value::to_raw_value).collect::<Result<Vec<_>, _>>();
    lines.map_err(serde::ser::Error::custom)?.serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choice::{Alternatives, Cost, Draw, Kind, Label};
    use crate::hash::History;

    #[test]
    fn a_prefix_reads_as_one_chain_of_draws() {
        let mut prefix = Tape::default();
        assert_eq!(chain(&prefix), "");
        for (kind, name, value) in [(Kind::Next, "", 1), (Kind::Fault, "a b/c=d", 0)] {
            let alternatives = Alternatives::FirstFree { arity: 3, rest: Cost::Fault };
            prefix.record(&Draw { label: Label { kind, name }, alternatives, history: History::default() }, value);
        }
        assert_eq!(chain(&prefix), "next/3=1 fault:a_b_c_d/3=0");
    }

    #[test]
    fn an_untouched_unit_has_its_place_and_its_chain() {
        let unit = UnitReport::untouched(3, "next/3=1".to_owned());
        assert_eq!((unit.rank, &*unit.chain, unit.runs), (3, "next/3=1", 0));
    }
}
