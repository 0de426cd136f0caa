//! Passes over the tree: counting, comparing doubled executions, keeping the cheapest failure.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::limits::Limits;
use crate::choice::Tape;
use crate::ending::{Ending, Failure};
use crate::explore::{Again, Explorer};
use crate::hash::History;
use crate::run::{RunOptions, Runner, Tally, TimelineEntry};
use crate::scenario::Scenario;
use crate::shard::UnitReport;

/// Of a large tree every so manyth run is executed twice.
const DOUBLED: u64 = 64;

/// A small tree is executed again until it was executed that often in all: eight executions would still let a coin
/// flip pass once in 128 processes.
pub(super) const SMALL_TREE: u64 = 1_000;

/// A search in progress.
pub(super) struct Search<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) limits: &'a Arc<Limits>,
    /// A pass ends early once it has more runs than that.
    pub(super) most_runs: Option<u64>,
    runner: Runner,
    /// Distinct complete choice sequences of the pass that counts.
    pub(super) runs: u64,
    /// Everything that was executed, probes, void and doubled runs included.
    pub(super) executions: u64,
    /// Steps of everything that was executed.
    pub(super) steps: u64,
    pub(super) tally: Tally,
    pub(super) found: Option<Found>,
    pub(super) cut_short: Vec<String>,
    pub(super) uncontrolled: Vec<String>,
    pub(super) complete_to_cost: Option<u32>,
    /// How the first runs of the counted pass ended, for the comparison with later passes.
    pub(super) ends: Vec<History>,
}

/// The cheapest failing run so far.
pub(super) struct Found {
    pub(super) failure: Failure,
    pub(super) tape: Tape,
    pub(super) history: History,
    pub(super) steps: u32,
    /// Written when the failure is confirmed.
    pub(super) timeline: Vec<TimelineEntry>,
}

/// What one execution leaves to the search.
pub(super) struct Executed {
    pub(super) ending: Ending,
    pub(super) history: History,
    /// Kept only where the run is told or executed again.
    tape: Option<Tape>,
    steps: u32,
}

impl<'a> Search<'a> {
    pub(super) fn new(scenario: &'a Scenario, limits: &'a Arc<Limits>) -> Self {
        Search {
            scenario,
            limits,
            most_runs: None,
            runner: Runner::default(),
            runs: 0,
            executions: 0,
            steps: 0,
            tally: Tally::default(),
            found: None,
            cut_short: Vec::new(),
            uncontrolled: Vec::new(),
            complete_to_cost: None,
            ends: Vec::new(),
        }
    }

    /// Executes every run that the explorer has; `false` if it had more to give. Only a pass that counts adds to
    /// `runs` and to the tally.
    pub(super) fn pass(
        &mut self,
        explorer: &Rc<RefCell<impl Explorer + 'static>>,
        step_limit: u32,
        counts: bool,
    ) -> bool {
        let shared: Rc<RefCell<dyn Explorer>> = explorer.clone();
        self.start_counting();
        loop {
            if self.limit_reached() || self.most_runs.is_some_and(|most| self.runs > most) {
                return false;
            }
            // In the very first pass too: a static that the first run of all fills is as it stays ever after by the
            // time the pass that counts begins.
            let doubled = (counts || self.complete_to_cost.is_none()) && self.runs.is_multiple_of(DOUBLED);
            let Some(executed) = self.execute(&shared, step_limit, doubled) else { return true };
            if !self.settle(executed, doubled, step_limit) {
                return false;
            }
        }
    }

    /// Forgets what an earlier pass counted.
    pub(super) fn start_counting(&mut self) {
        self.runs = 0;
        self.tally.clear();
        self.ends.clear();
    }

    /// Adds what the search of a unit came to.
    pub(super) fn add_unit(&mut self, unit: &UnitReport) {
        self.runs += unit.runs;
        self.executions += unit.executions;
        self.steps += unit.steps;
        self.tally.add_counts(&unit.sometimes, &unit.faults);
        for reason in &unit.cut_short {
            if !self.cut_short.contains(reason) {
                self.cut_short.push(reason.clone());
            }
        }
    }

    /// Executes the failing run twice more: what does not fail again the same way was no failure of the sequence.
    pub(super) fn confirm_failure(&mut self, step_limit: u32) {
        let Some(mut found) = self.found.take() else { return };
        for timeline in [false, true] {
            let explorer: Rc<RefCell<dyn Explorer>> = Rc::new(RefCell::new(Again::new(found.tape.clone())));
            let options = RunOptions { step_limit, timeline };
            let again = self.runner.run(&*self.scenario.body, &explorer, options, |finished| {
                (finished.ending, finished.history, finished.timeline.to_vec())
            });
            self.count_execution();
            match again {
                Some((Ending::Failed(failure), history, timeline))
                    if failure == found.failure && history == found.history =>
                {
                    found.timeline = timeline;
                }
                Some((Ending::Uncontrolled(reason), ..)) => return self.note_uncontrolled(&reason),
                _ => {
                    let property = &found.failure.property;
                    let reason = format!("`{property}` failed once, and not again under the same choices");
                    return self.note_uncontrolled(&reason);
                }
            }
        }
        self.found = Some(found);
    }

    pub(super) fn execute(
        &mut self,
        explorer: &Rc<RefCell<dyn Explorer>>,
        step_limit: u32,
        keep: bool,
    ) -> Option<Executed> {
        let options = RunOptions { step_limit, timeline: false };
        let tally = &mut self.tally;
        let executed = self.runner.run(&*self.scenario.body, explorer, options, |finished| {
            let counted = !matches!(finished.ending, Ending::Void { .. });
            if counted {
                tally.add(finished.tally);
            }
            let keep = counted && (keep || matches!(finished.ending, Ending::Failed(_)));
            Executed {
                tape: keep.then(|| finished.tape.clone()),
                ending: finished.ending,
                history: finished.history,
                steps: finished.steps,
            }
        })?;
        self.count_execution();
        self.steps += u64::from(executed.steps);
        Some(executed)
    }

    /// Takes note of one run; `false` where going on makes no sense.
    fn settle(&mut self, executed: Executed, doubled: bool, step_limit: u32) -> bool {
        match executed.ending {
            Ending::Void { .. } => return true,
            Ending::Passed => {}
            Ending::CutShort(reason) => {
                let reason = reason.to_string();
                if !self.cut_short.contains(&reason) {
                    self.cut_short.push(reason);
                }
            }
            Ending::Uncontrolled(reason) => {
                self.note_uncontrolled(&reason);
                return false;
            }
            Ending::Failed(failure) => {
                let tape = executed.tape.unwrap_or_default();
                let (history, steps) = (executed.history, executed.steps);
                self.found = Some(Found { failure, tape, history, steps, timeline: Vec::new() });
                self.runs += 1;
                return true;
            }
        }
        self.runs += 1;
        if self.runs <= SMALL_TREE {
            self.ends.push(executed.history);
        }
        match executed.tape {
            Some(tape) if doubled => self.compare_with_second(tape, executed.history, step_limit),
            _ => true,
        }
    }

    fn compare_with_second(&mut self, tape: Tape, history: History, step_limit: u32) -> bool {
        let explorer: Rc<RefCell<dyn Explorer>> = Rc::new(RefCell::new(Again::new(tape)));
        let options = RunOptions { step_limit, timeline: false };
        let again =
            self.runner.run(&*self.scenario.body, &explorer, options, |finished| (finished.ending, finished.history));
        self.count_execution();
        match again {
            Some((Ending::Uncontrolled(reason), _)) => self.note_uncontrolled(&reason),
            Some((_, second)) if second == history => return true,
            _ => self.note_uncontrolled("after its last draw the same run took another course than before"),
        }
        false
    }

    pub(super) fn note_uncontrolled(&mut self, reason: &str) {
        let known = self.uncontrolled.iter().any(|known| known.starts_with(reason));
        if !known {
            self.uncontrolled.push(format!("{reason}{}", usual_causes(reason)));
        }
    }

    pub(super) fn limit_reached(&mut self) -> bool {
        let reason = self.limits.reached(self.executions);
        let reached = reason.is_some() || self.limits.given_up();
        self.cut_short.extend(reason);
        reached
    }

    fn count_execution(&mut self) {
        self.executions += 1;
        self.limits.count_execution();
    }
}

/// What usually lies behind two executions of one sequence that differ; nothing where the reason names its cause.
fn usual_causes(reason: &str) -> &'static str {
    let names_its_cause = ["tokio::spawn", "spawn_blocking", "thread"].iter().any(|cause| reason.contains(cause));
    if names_its_cause {
        ""
    } else {
        ". Uncontrolled nondeterminism; the usual causes are `tokio::select!` without `biased`, the order of a \
         `HashMap`, a real clock, `rand`, and a static that an earlier run filled"
    }
}
