//! Passes over the tree: counting, comparing doubled executions, keeping the cheapest failure.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::cause::{Cause, Seen};
use super::compare::Earlier;
use super::endless::Endless;
use super::limits::{Limits, Looks};
use super::repeat::Beginning;
use super::trials::Failing;
use crate::choice::Tape;
use crate::ending::{Ending, Failure};
use crate::explore::{Again, Explorer};
use crate::hash::History;
use crate::report::Explanation;
use crate::run::{RunOptions, Runner, StuckTask, Tally, TimelineEntry};
use crate::scenario::Scenario;
use crate::shard::UnitReport;
use crate::uncontrolled::Uncontrolled;

/// Of a large tree every so manyth run is executed twice. A prime: trees repeat themselves with even periods, and the
/// runs that were executed twice would always be those in which the same alternatives are taken.
const DOUBLED: u64 = 61;

/// A small tree is executed again until it was executed that often in all: eight executions would still let a coin
/// flip pass once in 128 processes. Of a larger one that many runs are executed again at its end.
pub(super) const SMALL_TREE: u64 = 1_000;

/// A search in progress.
pub(super) struct Search<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) limits: &'a Arc<Limits>,
    /// A pass ends early once it has more runs than that.
    pub(super) most_runs: Option<u64>,
    pub(super) runner: Runner,
    /// Distinct complete choice sequences of the pass that counts.
    pub(super) runs: u64,
    /// Everything that was executed, probes, void and doubled runs included.
    pub(super) executions: u64,
    /// Steps of everything that was executed.
    pub(super) steps: u64,
    /// The most tasks of `tokio::spawn` that were alive at once, in any run that counts.
    pub(super) lane: usize,
    pub(super) tally: Tally,
    pub(super) found: Option<Found>,
    pub(super) cut_short: Vec<String>,
    /// How many runs were stopped by the bound on steps.
    pub(super) stopped: u32,
    pub(super) endless: Endless,
    pub(super) uncontrolled: Vec<Seen>,
    /// What lies behind it, once that was looked for.
    pub(super) cause: Cause,
    pub(super) complete_to_cost: Option<u32>,
    /// How the first runs of the counted pass ended, for the comparison with later passes.
    pub(super) ends: Vec<History>,
    /// What the pass before this one saw.
    pub(super) earlier: Earlier,
    /// What is executed again once a tree was searched in units.
    pub(super) beginning: Option<Beginning>,
    /// The probes are over, so `runs` are those of the tree.
    pub(super) counting: bool,
    looks: Looks,
}

/// The cheapest failing run so far.
pub(super) struct Found {
    pub(super) failure: Failure,
    pub(super) tape: Tape,
    pub(super) history: History,
    pub(super) steps: u32,
    /// Written when the failure is confirmed.
    pub(super) timeline: Vec<TimelineEntry>,
    /// In which step each draw was made; written when the failure is confirmed.
    pub(super) draw_steps: Vec<u32>,
    /// Likewise.
    pub(super) stuck: Vec<StuckTask>,
    pub(super) explanation: Explanation,
}

impl Found {
    fn new(failing: Failing) -> Self {
        let Failing { failure, tape, history, steps } = failing;
        let (timeline, draw_steps, stuck) = (Vec::new(), Vec::new(), Vec::new());
        Found { failure, tape, history, steps, timeline, draw_steps, stuck, explanation: Explanation::default() }
    }

    /// The run alone.
    pub(super) fn failing(&self) -> Failing {
        let (failure, tape) = (self.failure.clone(), self.tape.clone());
        Failing { failure, tape, history: self.history, steps: self.steps }
    }
}

/// What one execution leaves to the search.
pub(super) struct Executed {
    pub(super) ending: Ending,
    pub(super) history: History,
    /// Kept only where the run is told or executed again.
    pub(super) tape: Option<Tape>,
    /// It ended in another way than in an earlier pass.
    contradicts: bool,
    steps: u32,
}

impl<'a> Search<'a> {
    pub(super) fn new(scenario: &'a Scenario, limits: &'a Arc<Limits>) -> Self {
        Search {
            scenario,
            limits,
            most_runs: None,
            runner: Runner::of(scenario),
            runs: 0,
            executions: 0,
            steps: 0,
            lane: 0,
            tally: Tally::default(),
            found: None,
            cut_short: Vec::new(),
            stopped: 0,
            endless: Endless::default(),
            uncontrolled: Vec::new(),
            cause: Cause::Unknown,
            complete_to_cost: None,
            ends: Vec::new(),
            earlier: Earlier::default(),
            beginning: None,
            counting: false,
            looks: Looks::default(),
        }
    }

    /// The next pass is compared with the one that just ended, whose bound on the cost is told.
    pub(super) fn compare_next_pass(&mut self, cost: u32) {
        self.earlier = Earlier::new(std::mem::take(&mut self.ends), cost);
    }

    /// What comes is no pass over the whole tree in its own order, which alone can be compared.
    pub(super) fn compare_no_pass(&mut self) {
        self.earlier = Earlier::default();
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
        self.counting = counts;
        loop {
            if self.limit_reached() || self.most_runs.is_some_and(|most| self.runs > most) {
                return false;
            }
            // In the very first pass too: a static that the first run of all fills is as it stays ever after by the
            // time the pass that counts begins.
            let doubled = (counts || self.complete_to_cost.is_none()) && self.runs.is_multiple_of(DOUBLED);
            let Some(executed) = self.execute(&shared, step_limit, doubled) else { return true };
            let runs = self.runs;
            if !self.settle(executed, doubled, step_limit) {
                return false;
            }
            if counts && self.runs > runs {
                self.limits.count_runs(1);
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
        self.lane = self.lane.max(unit.lane);
        self.tally.add_counts(&unit.sometimes, &unit.faults);
        self.tally.add_offers(&unit.offered);
        self.tally.add_places(&unit.places);
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
                let told = (finished.timeline.to_vec(), finished.draw_steps.to_vec(), finished.stuck.to_vec());
                (finished.ending, finished.history, told)
            });
            self.count_execution();
            match again {
                Some((Ending::Failed(failure), history, told))
                    if failure == found.failure && history == found.history =>
                {
                    (found.timeline, found.draw_steps, found.stuck) = told;
                }
                Some((Ending::Uncontrolled(what), ..)) => return self.note_uncontrolled(what, Some(&found.tape)),
                _ => {
                    let what = Uncontrolled::FailedOnce(found.failure.property);
                    return self.note_uncontrolled(what, Some(&found.tape));
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
        let (tally, lane, earlier) = (&mut self.tally, &mut self.lane, &mut self.earlier);
        let executed = self.runner.run(&*self.scenario.body, explorer, options, |finished| {
            let counted = !matches!(finished.ending, Ending::Void { .. });
            if counted {
                *lane = finished.lane.max(*lane);
                tally.add(finished.tally);
            }
            let passed = matches!(finished.ending, Ending::Passed | Ending::CutShort(_));
            let contradicts = passed && earlier.contradicts(finished.tape, finished.history);
            let told = matches!(finished.ending, Ending::Failed(_) | Ending::Uncontrolled(_));
            let keep = contradicts || counted && (keep || told);
            Executed {
                tape: keep.then(|| finished.tape.clone()),
                contradicts,
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
        if self.endless.is_enough(self.steps, step_limit) {
            let (stopped, runs) = (self.stopped, if self.stopped == 1 { "run" } else { "runs" });
            self.cut_short.push(format!("gave up after {stopped} {runs} that were stopped"));
            return false;
        }
        match executed.ending {
            Ending::Void { .. } => return true,
            Ending::Passed => {}
            Ending::CutShort(reason) => {
                let reason = reason.to_string();
                if !self.cut_short.contains(&reason) {
                    self.cut_short.push(reason);
                }
                self.stopped += 1;
                self.endless.begins(self.steps);
            }
            Ending::Uncontrolled(what) => {
                self.note_uncontrolled(what, executed.tape.as_ref());
                return false;
            }
            Ending::Failed(failure) => {
                let tape = executed.tape.unwrap_or_default();
                let (history, steps) = (executed.history, executed.steps);
                self.found = Some(Found::new(Failing { failure, tape, history, steps }));
                self.runs += 1;
                return true;
            }
        }
        self.runs += 1;
        if self.runs <= SMALL_TREE {
            self.ends.push(executed.history);
        }
        match executed.tape {
            // After a failure the pass leaves out what costs as much.
            Some(tape) if executed.contradicts && self.found.is_none() => {
                self.tell_what_changed(&tape, executed.history, step_limit);
                false
            }
            Some(tape) if doubled => self.compare_with_second(&tape, executed.history, step_limit),
            _ => true,
        }
    }

    pub(super) fn limit_reached(&mut self) -> bool {
        let reason = self.limits.reached(&mut self.looks);
        let reached = reason.is_some() || self.limits.given_up();
        self.cut_short.extend(reason);
        reached
    }

    pub(super) fn count_execution(&mut self) {
        self.executions += 1;
        self.limits.count_execution();
    }
}
