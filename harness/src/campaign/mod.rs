//! A campaign: one scenario, searched as far as was asked for, and an honest verdict.

mod advice;
mod calibrate;
mod search;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

pub use calibrate::calibration;

use crate::choice::token::Token;
use crate::ending::Ending;
use crate::explore::{Bounds, Descent, Exhaustive, Explorer, Random, Replay};
use crate::report::{FailureReport, ScenarioReport};
use crate::run::{RunOptions, Runner, TimelineEntry};
use crate::scenario::Scenario;
use crate::verdict::Verdict;
use search::{Found, Search};

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
}

/// Which explorer feeds the choice sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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
#[derive(Debug, Clone, Copy, Default)]
pub struct BoundsOverride {
    /// Instead of the scenario's faults.
    pub faults: Option<u32>,
    /// Instead of the scenario's preemptions.
    pub preemptions: Option<u32>,
    /// Instead of the scenario's cancellations.
    pub cancellations: Option<u32>,
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
            stalls: self.stalls.or(own.stalls),
            cost: self.cost.or(own.cost),
            ..own
        }
    }
}

/// Searches a scenario.
///
/// # Panics
/// If called within a tokio runtime or within a run.
pub fn check(scenario: &Scenario, options: &Options) -> ScenarioReport {
    let started = Instant::now();
    let bounds = options.bounds.apply(scenario.bounds);
    let mut search = Search::new(scenario, options, started);
    let complete = match options.explorer {
        ExplorerChoice::Exhaustive => exhaust(&mut search, bounds),
        ExplorerChoice::Random { seed, runs } => {
            let explorer = Rc::new(RefCell::new(Random::new(seed, bounds, runs)));
            let finished = search.pass(&explorer, bounds.steps, true);
            search.runs = explorer.borrow().distinct();
            finished
        }
    };
    search.confirm_failure(bounds.steps);
    if let Err(reason) = calibration() {
        search.uncontrolled.push(reason);
    }
    let verdict = judge(&search, complete, options.explorer, &bounds);
    // The search's own time, without that of the estimate.
    let seconds = started.elapsed().as_secs_f64();
    // A tree that changes under the descents has no size.
    let sized = verdict == Verdict::Incomplete && search.uncontrolled.is_empty();
    let estimate = sized.then(|| estimate(scenario, bounds, ESTIMATE_DESCENTS).0);
    report(scenario, options, search, &Outcome { verdict, bounds, estimate, seconds })
}

/// How many random descents an estimate is made from.
pub const ESTIMATE_DESCENTS: u32 = 10_000;

/// Estimates how many runs a scenario has within bounds: the mean and the half width of its 95 % interval.
pub fn estimate(scenario: &Scenario, bounds: Bounds, descents: u32) -> (f64, f64) {
    let explorer = Rc::new(RefCell::new(Descent::new(bounds, descents)));
    let mut runner = Runner::default();
    let options = RunOptions { step_limit: bounds.steps, timeline: false };
    let shared: Rc<RefCell<dyn Explorer>> = explorer.clone();
    while runner.run(&*scenario.body, &shared, options, |_| ()).is_some() {}
    explorer.borrow().estimate()
}

/// One run, as an explorer of your own led it.
#[derive(Debug, Clone)]
pub struct Run {
    /// How it ended.
    pub ending: Ending,
    /// Replays it.
    pub token: Token,
    /// How many steps it took.
    pub steps: u32,
    /// Goals reached and faults fired.
    pub tally: crate::run::Tally,
}

/// Executes the next run of an explorer, if it has one: what proptest and libFuzzer drive. Void runs are passed over for
/// as long as the explorer has another; one that has none left ends with the void one.
///
/// # Panics
/// If called within a tokio runtime or within a run.
pub fn run_once(scenario: &Scenario, explorer: impl Explorer + 'static) -> Option<Run> {
    let explorer: Rc<RefCell<dyn Explorer>> = Rc::new(RefCell::new(explorer));
    let options = RunOptions { step_limit: scenario.bounds.steps, timeline: false };
    let mut runner = Runner::default();
    let mut next = || {
        runner.run(&*scenario.body, &explorer, options, |finished| Run {
            ending: finished.ending,
            token: Token::of(&scenario.name, finished.tape, finished.history),
            steps: finished.steps,
            tally: finished.tally.clone(),
        })
    };
    let mut last = next()?;
    while let Ending::Void { .. } = last.ending {
        match next() {
            Some(run) => last = run,
            None => break,
        }
    }
    Some(last)
}

/// What a replay showed.
#[derive(Debug, Clone)]
pub struct Replayed {
    /// How the run ended.
    pub ending: Ending,
    /// What happened in it.
    pub timeline: Vec<TimelineEntry>,
    /// The run took another course than the one that the token was written for, although every draw still fits.
    pub drifted: bool,
}

/// Executes a token's run once, with its timeline.
///
/// # Errors
/// Where the token no longer fits the scenario.
pub fn replay(scenario: &Scenario, token: &Token) -> Result<Replayed, String> {
    if token.scenario != scenario.name {
        let (theirs, ours) = (&token.scenario, &scenario.name);
        return Err(format!("the token belongs to the scenario `{theirs}`, and this is `{ours}`; replay it there"));
    }
    let explorer = Rc::new(RefCell::new(Replay::new(token.clone())));
    let shared: Rc<RefCell<dyn Explorer>> = explorer.clone();
    let options = RunOptions { step_limit: scenario.bounds.steps, timeline: true };
    let replayed = Runner::default().run(&*scenario.body, &shared, options, |finished| Replayed {
        ending: finished.ending,
        timeline: finished.timeline.to_vec(),
        drifted: finished.history.value() != token.history,
    });
    let replayed = replayed.ok_or("the replay did not begin")?;
    if let Ending::Uncontrolled(reason) = &replayed.ending {
        return Err(reason.clone());
    }
    if let Some(unmade) = explorer.borrow().unmade() {
        return Err(format!(
            "the token is outdated: the run now ends before its draw {} (`{}`); search again to get a new one",
            unmade.position, unmade.label
        ));
    }
    Ok(replayed)
}

/// Probes costs 0, 1 and 2, then searches the whole tree; tells whether everything was executed.
fn exhaust(search: &mut Search<'_>, bounds: Bounds) -> bool {
    for cost in 0..3 {
        if bounds.cost.is_some_and(|bound| bound <= cost) {
            break;
        }
        let probe = Rc::new(RefCell::new(Exhaustive::new(Bounds { cost: Some(cost), ..bounds })));
        if !search.pass(&probe, bounds.steps, false) {
            return false;
        }
        if search.found.is_some() {
            return true;
        }
        if search.cut_short.is_empty() {
            search.complete_to_cost = Some(cost);
        }
        if !probe.borrow().left_out_by_cost() {
            break;
        }
    }
    let explorer = Rc::new(RefCell::new(Exhaustive::new(bounds)));
    let finished = search.pass(&explorer, bounds.steps, true);
    if finished && search.found.is_none() {
        if search.cut_short.is_empty() {
            search.complete_to_cost = bounds.cost;
        }
        search.repeat_small_tree(bounds);
    }
    finished
}

fn judge(search: &Search<'_>, complete: bool, explorer: ExplorerChoice, bounds: &Bounds) -> Verdict {
    if search.found.is_some() {
        return Verdict::Failed;
    }
    if !complete || !search.cut_short.is_empty() || !search.uncontrolled.is_empty() {
        return Verdict::Incomplete;
    }
    let goal_missed = search.tally.sometimes.iter().any(|goal| goal.hits == 0);
    let faults_admitted = bounds.faults != Some(0) && bounds.cost != Some(0);
    let fault_missed = faults_admitted && search.tally.faults.iter().any(|fault| fault.fired == 0);
    match explorer {
        _ if goal_missed || fault_missed => Verdict::Vacuous,
        ExplorerChoice::Exhaustive => Verdict::Verified,
        ExplorerChoice::Random { .. } => Verdict::Sampled,
    }
}

/// What [`report`] adds to what the search knows.
struct Outcome {
    verdict: Verdict,
    bounds: Bounds,
    estimate: Option<f64>,
    seconds: f64,
}

fn report(scenario: &Scenario, options: &Options, search: Search<'_>, outcome: &Outcome) -> ScenarioReport {
    let (explorer, seed) = match options.explorer {
        ExplorerChoice::Exhaustive => ("exhaustive", None),
        ExplorerChoice::Random { seed, .. } => ("random", Some(seed)),
    };
    let advice = (outcome.verdict == Verdict::Incomplete).then(|| advice::advice(scenario, &outcome.bounds, &search));
    ScenarioReport {
        name: scenario.name.to_string(),
        verdict: outcome.verdict,
        expected: scenario.expected,
        ok: outcome.verdict.satisfies(scenario.expected),
        explorer,
        seed,
        runs: search.runs,
        executions: search.executions,
        steps: search.steps,
        estimate: outcome.estimate,
        bounds: outcome.bounds,
        complete_to_cost: search.complete_to_cost,
        shard: None,
        units: Vec::new(),
        cut_short: search.cut_short,
        uncontrolled: search.uncontrolled,
        advice,
        seconds: outcome.seconds,
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        runs_per_second: search.executions as f64 / outcome.seconds.max(1e-9),
        sometimes: search.tally.sometimes,
        faults: search.tally.faults,
        failure: search.found.map(|found| failure_report(&scenario.name, found)),
    }
}

fn failure_report(scenario: &str, found: Found) -> FailureReport {
    FailureReport {
        token: Token::of(scenario, &found.tape, found.history).to_string(),
        cost: found.tape.total_cost(),
        steps: found.steps,
        property: found.failure.property,
        message: found.failure.message,
        file: found.failure.location.as_ref().map(|location| location.file.clone()),
        line: found.failure.location.map(|location| location.line),
        timeline: found.timeline,
    }
}
