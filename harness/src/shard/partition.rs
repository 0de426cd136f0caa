//! Cuts a tree into units, and deals them to shards: a function of scenario, bounds and number of parts alone, so that
//! machines that never hear of each other cut the same.

use std::cell::RefCell;
use std::rc::Rc;

use super::unit::chain;
use crate::choice::Tape;
use crate::ending::Ending;
use crate::explore::{Bounds, Descent, Explorer, Frontier, Leaf};
use crate::hash::History;
use crate::run::{RunOptions, Runner};
use crate::scenario::Scenario;
use crate::uncontrolled::Uncontrolled;

/// So many units for each part at the least, where the tree has as many runs.
const UNITS_PER_PART: u32 = 64;

/// From so many random paths a unit's size is estimated. Few: what counts is the sum of a shard's dozens of units.
const DESCENTS: u32 = 3;

/// A unit may be estimated at that many times a 64th of a part before it is cut further. Measured with eight shards of
/// each of the reference's three large scenarios: the slowest executes 1.07, 1.22 and 1.02 times the mean, probes and cutting
/// included, which every shard does.
const HEAVY: f64 = 16.0;

/// A part of the tree: all runs that begin with one prefix.
#[derive(Debug)]
pub(crate) struct Unit {
    /// The draws that all its runs begin with.
    pub(crate) prefix: Tape,
    /// The prefix is a whole run.
    whole: bool,
    /// How many runs there are about.
    pub(crate) size: Option<f64>,
}

/// A tree, cut into units.
#[derive(Debug)]
pub(crate) struct Partition {
    /// In lexicographic order.
    pub(crate) units: Vec<Unit>,
    /// What finding them took.
    pub(crate) executions: u64,
    /// Steps of that.
    pub(crate) steps: u64,
}

/// Why a tree was not cut.
#[derive(Debug)]
pub(crate) enum NotCut {
    /// A limit was reached.
    Stopped(String),
    /// Something that no choice explains, in this run.
    Uncontrolled(Uncontrolled, Tape),
}

impl Partition {
    /// Cuts a tree for that many parts. Before each execution `limit` may say why there must be none.
    pub(crate) fn cut(
        scenario: &Scenario,
        bounds: Bounds,
        parts: u32,
        limit: impl FnMut() -> Option<String>,
    ) -> Result<Self, NotCut> {
        let mut cutter = Cutter { scenario, bounds, limit, runner: Runner::of(scenario), executions: 0, steps: 0 };
        let wanted = (UNITS_PER_PART * parts) as usize;
        let mut units = vec![Unit { prefix: Tape::default(), whole: false, size: None }];
        while units.len() < wanted && units.iter().any(|unit| !unit.whole) {
            units = cutter.split(units, |unit| !unit.whole)?;
        }
        loop {
            cutter.estimate(&mut units)?;
            let total: f64 = units.iter().filter_map(|unit| unit.size).sum();
            let most = HEAVY * total / f64::from(UNITS_PER_PART * parts);
            let heavy = |unit: &Unit| !unit.whole && unit.size.is_some_and(|size| size > most);
            if !units.iter().any(heavy) {
                break;
            }
            units = cutter.split(units, heavy)?;
        }
        Ok(Partition { units, executions: cutter.executions, steps: cutter.steps })
    }

    /// Names the partition: two searches that cut alike have one hash.
    pub(crate) fn hash(&self) -> String {
        hash_of_chains(self.units.iter().map(|unit| chain(&unit.prefix)))
    }

    /// Which shard each unit belongs to, from 1: the largest first, each to the shard that has least so far.
    pub(crate) fn deal(&self, shards: u32) -> Vec<u32> {
        let size = |rank: &usize| self.units[*rank].size.unwrap_or(0.0);
        let mut ranks: Vec<usize> = (0..self.units.len()).collect();
        ranks.sort_by(|a, b| size(b).total_cmp(&size(a)).then(a.cmp(b)));
        let mut loads = vec![(0.0, 0_usize); shards as usize];
        let mut dealt = vec![0; self.units.len()];
        for rank in ranks {
            // Among equals the one with the fewest units, or estimates of nothing would all go to one.
            let least = (0..loads.len()).min_by(|a, b| {
                let (one, other): ((f64, usize), (f64, usize)) = (loads[*a], loads[*b]);
                one.0.total_cmp(&other.0).then(one.1.cmp(&other.1))
            });
            let shard = least.unwrap_or(0);
            loads[shard].0 += size(&rank);
            loads[shard].1 += 1;
            dealt[rank] = u32::try_from(shard).unwrap_or(u32::MAX) + 1;
        }
        dealt
    }
}

/// Names a list of prefixes.
pub(super) fn hash_of_chains(chains: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let mut hash = History::default();
    for chain in chains {
        hash.mix_name(chain.as_ref());
    }
    format!("{:016x}", hash.value())
}

/// A partition in the making.
struct Cutter<'a, L> {
    scenario: &'a Scenario,
    bounds: Bounds,
    limit: L,
    runner: Runner,
    executions: u64,
    steps: u64,
}

impl<L: FnMut() -> Option<String>> Cutter<'_, L> {
    /// Puts the next front beneath a unit in its place, for every unit that is asked for.
    fn split(&mut self, units: Vec<Unit>, wanted: impl Fn(&Unit) -> bool) -> Result<Vec<Unit>, NotCut> {
        let mut parts = Vec::new();
        for unit in units {
            if !wanted(&unit) {
                parts.push(unit);
                continue;
            }
            let depth = unit.prefix.entries().len() + 1;
            let frontier = Rc::new(RefCell::new(Frontier::beneath(unit.prefix, self.bounds, depth)));
            let shared: Rc<RefCell<dyn Explorer>> = frontier.clone();
            self.exhaust(&shared)?;
            let leaves = frontier.borrow_mut().take_leaves();
            parts.extend(leaves.into_iter().map(|Leaf { tape, whole }| Unit {
                prefix: tape,
                whole,
                size: whole.then_some(1.0),
            }));
        }
        Ok(parts)
    }

    /// Estimates the units that have no size yet.
    fn estimate(&mut self, units: &mut [Unit]) -> Result<(), NotCut> {
        for unit in units.iter_mut().filter(|unit| unit.size.is_none()) {
            let descent = Rc::new(RefCell::new(Descent::beneath(&unit.prefix, self.bounds, DESCENTS)));
            let shared: Rc<RefCell<dyn Explorer>> = descent.clone();
            self.exhaust(&shared)?;
            unit.size = Some(descent.borrow().estimate().0);
        }
        Ok(())
    }

    fn exhaust(&mut self, explorer: &Rc<RefCell<dyn Explorer>>) -> Result<(), NotCut> {
        let options = RunOptions { step_limit: self.bounds.steps, timeline: false };
        loop {
            if let Some(reason) = (self.limit)() {
                return Err(NotCut::Stopped(reason));
            }
            let finished = self.runner.run(&*self.scenario.body, explorer, options, |run| match run.ending {
                Ending::Uncontrolled(what) => Err(NotCut::Uncontrolled(what, run.tape.clone())),
                _ => Ok(run.steps),
            });
            match finished {
                None => return Ok(()),
                Some(steps) => {
                    let steps = steps?;
                    self.executions += 1;
                    self.steps += u64::from(steps);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::Exhaustive;
    use crate::{cancellable, choose, fault, spawn};

    fn scenario() -> Scenario {
        Scenario::new("divided", || async {
            let tasks = ["left", "right"].map(|task| {
                spawn(task, async move {
                    if fault(task, &["err", "late"]).is_some() {
                        tokio::task::yield_now().await;
                    }
                    let _ = choose(task, 2);
                })
            });
            let _ = cancellable("wait", tokio::task::yield_now()).await;
            for task in tasks {
                task.await;
            }
        })
        .faults(2)
        .preemptions(1)
        .cancellations(1)
    }

    /// The answers of every run beneath a prefix.
    fn runs(scenario: &Scenario, explorer: Exhaustive) -> Vec<Vec<u32>> {
        let explorer: Rc<RefCell<dyn Explorer>> = Rc::new(RefCell::new(explorer));
        let (mut runner, mut runs) = (Runner::of(scenario), Vec::new());
        let options = RunOptions { step_limit: scenario.bounds.steps, timeline: false };
        let next = |finished: crate::run::Finished<'_>| {
            let whole = matches!(finished.ending, Ending::Passed);
            assert!(whole || matches!(finished.ending, Ending::Void { .. }), "{:?}", finished.ending);
            whole.then(|| finished.tape.values())
        };
        while let Some(run) = runner.run(&*scenario.body, &explorer, options, next) {
            runs.extend(run);
        }
        runs
    }

    #[test]
    fn what_is_beneath_the_units_is_the_tree_in_its_own_order() {
        let scenario = scenario();
        let bounds = scenario.bounds;
        let whole = runs(&scenario, Exhaustive::new(bounds));
        for parts in [1, 2, 5] {
            let partition = Partition::cut(&scenario, bounds, parts, || None).unwrap();
            assert!(partition.units.len() >= 64 * parts as usize, "{} units", partition.units.len());
            let mut together = Vec::new();
            for unit in partition.units {
                let prefix = unit.prefix.values();
                let beneath = runs(&scenario, Exhaustive::beneath(unit.prefix, bounds));
                assert!(beneath.iter().all(|run| run.starts_with(&prefix)));
                assert!(!unit.whole || beneath.len() == 1);
                together.extend(beneath);
            }
            assert_eq!(together, whole, "cut for {parts}");
        }
        assert!(whole.len() > 640, "large enough for five parts: {} runs", whole.len());
    }

    /// As many runs as `beneath` has at these first draws, and one at each of the others.
    fn uneven(first: u32, beneath: &'static [u32]) -> Partition {
        let scenario = Scenario::new("uneven", move || async move {
            if let Some(more) = beneath.get(choose("first", first) as usize) {
                // Trees are cut between polls.
                tokio::task::yield_now().await;
                let _ = choose("more", *more);
            }
        });
        let parts = first / UNITS_PER_PART;
        Partition::cut(&scenario, scenario.bounds, parts, || None).unwrap()
    }

    #[test]
    fn a_tree_is_cut_no_further_than_needed_but_where_a_unit_is_heavy() {
        let units = |partition: &Partition| partition.units.len();
        assert_eq!(units(&uneven(64, &[2; 64])), 64, "as many as are wanted");
        // Of 1,425 runs a 128th, sixteen times: 178.
        let partition = uneven(128, &[1_000, 200, 100]);
        assert_eq!(units(&partition), 1_000 + 200 + 126);
        let sizes = partition.units.iter().map(|unit| unit.size.unwrap());
        assert_eq!(sizes.filter(|size| *size > 1.0).collect::<Vec<_>>(), [100.0]);
        // Exactly sixteen times as heavy as the mean: a 64th of 84 runs is 1.3125.
        assert_eq!(units(&uneven(64, &[21])), 64);
        assert_eq!(units(&uneven(64, &[22])), 63 + 22);
    }

    #[test]
    fn what_cutting_took_is_counted() {
        let partition = uneven(64, &[]);
        assert_eq!((partition.executions, partition.steps), (64, 64), "each run once, and each has one step");
    }

    #[test]
    fn a_hash_names_what_was_cut_and_how() {
        let (one, same, other) = (uneven(64, &[21]), uneven(64, &[21]), uneven(64, &[22]));
        assert_eq!((one.hash(), one.hash().len()), (same.hash(), 16));
        assert_ne!(one.hash(), other.hash());
        assert_eq!(one.hash(), hash_of_chains(one.units.iter().map(|unit| chain(&unit.prefix))));
        assert_ne!(hash_of_chains(["a/2=0", "a/2=1"]), hash_of_chains(["a/2=0"]));
    }

    #[test]
    fn the_largest_units_are_dealt_first_to_whom_has_least() {
        let deal = |sizes: &[f64], shards| {
            let unit = |size: &f64| Unit { prefix: Tape::default(), whole: false, size: Some(*size) };
            let units = sizes.iter().map(unit).collect();
            Partition { units, executions: 0, steps: 0 }.deal(shards)
        };
        assert_eq!(deal(&[1.0, 5.0, 3.0, 3.0, 1.0], 2), [1, 1, 2, 2, 1]);
        assert_eq!(deal(&[0.0; 5], 2), [1, 2, 1, 2, 1], "of nothing everybody gets as much");
    }

    #[test]
    fn a_scenario_that_changes_while_it_is_cut_is_told() {
        let calls = std::sync::atomic::AtomicU32::new(0);
        let scenario = Scenario::new("changing", move || {
            let call = calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            async move { assert!(choose("first", 2 + call) < 100) }
        });
        let cut = Partition::cut(&scenario, scenario.bounds, 1, || None);
        assert!(matches!(cut, Err(NotCut::Uncontrolled(..))), "{cut:?}");
    }
}
