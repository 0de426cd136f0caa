//! What a search comes to: a verdict and a report.

use std::sync::Arc;
use std::time::Instant;

use super::limits::Limits;
use super::search::{Found, Search};
use super::units::CutTree;
use super::watchdog::Autopsy;
use super::{ExplorerChoice, Options, advice};
use crate::choice::Cost;
use crate::choice::token::Token;
use crate::explore::Bounds;
use crate::report::{CostlyChoice, FailureReport, ScenarioReport, ShardReport, places};
use crate::run::isolate;
use crate::run::{FaultTally, SometimesTally};
use crate::scenario::Scenario;
use crate::shard::{Fingerprint, Shard};
use crate::uncontrolled::Uncontrolled;
use crate::verdict::Verdict;

pub(super) fn judge(search: &Search<'_>, complete: bool, options: &Options, bounds: &Bounds) -> Verdict {
    if search.found.is_some() {
        return Verdict::Failed;
    }
    if !complete || !search.cut_short.is_empty() || !search.uncontrolled.is_empty() {
        return Verdict::Incomplete;
    }
    match options.explorer {
        // A part of the tree shows what is in it; what is in none is seen when all are put together.
        ExplorerChoice::Exhaustive if options.shard.is_some() => Verdict::Incomplete,
        _ if is_vacuous(&search.tally.sometimes, &search.tally.faults, bounds) => Verdict::Vacuous,
        ExplorerChoice::Exhaustive => Verdict::Verified,
        ExplorerChoice::Random { .. } => Verdict::Sampled,
    }
}

/// Whether a goal was never reached, or a declared fault that the bounds admit never fired.
pub(crate) fn is_vacuous(sometimes: &[SometimesTally], faults: &[FaultTally], bounds: &Bounds) -> bool {
    let faults_admitted = bounds.faults != Some(0) && bounds.cost != Some(0);
    sometimes.iter().any(|goal| goal.hits == 0) || (faults_admitted && faults.iter().any(|fault| fault.fired == 0))
}

/// What [`report`] adds to what the search knows.
pub(super) struct Outcome {
    pub(super) verdict: Verdict,
    /// Everything that was asked for was executed.
    pub(super) complete: bool,
    pub(super) bounds: Bounds,
    /// The mean, and the half width of its interval.
    pub(super) estimate: Option<(f64, f64)>,
    pub(super) seconds: f64,
}

pub(super) fn report(
    scenario: &Scenario,
    options: &Options,
    search: Search<'_>,
    cut: Option<CutTree>,
    outcome: &Outcome,
) -> ScenarioReport {
    let (explorer, seed) = match options.explorer {
        ExplorerChoice::Exhaustive => ("exhaustive", None),
        ExplorerChoice::Random { seed, .. } => ("random", Some(seed)),
    };
    let ok = as_expected(scenario, &search, outcome.verdict);
    let shard = options.shard.filter(|_| seed.is_none());
    let shard = shard.map(|shard| shard_report(shard, scenario, &search, cut.as_ref(), outcome));
    let complete_shard = outcome.verdict == Verdict::Incomplete && shard.as_ref().is_some_and(|shard| shard.complete);
    // What one part of a tree does not offer another may.
    let mut notes = if shard.is_none() { notes(scenario, &search, outcome.verdict) } else { Vec::new() };
    notes.extend(seeds(scenario, isolate::seeds_are_fixed()));
    let advice = (outcome.verdict == Verdict::Incomplete && !complete_shard)
        .then(|| advice::advice(scenario, options.explorer, &search, outcome));
    let uncontrolled = search.told_uncontrolled();
    ScenarioReport {
        name: scenario.name.to_string(),
        verdict: outcome.verdict,
        expected: scenario.expected,
        expected_property: scenario.expected_property.as_ref().map(ToString::to_string),
        ok: complete_shard || ok,
        explorer: explorer.to_owned(),
        seed,
        runs: search.runs,
        executions: search.executions,
        steps: search.steps,
        estimate: outcome.estimate.map(|(mean, _)| mean),
        bounds: outcome.bounds,
        lane: search.lane,
        isolation: scenario.isolated.then(|| "process".to_owned()),
        complete_to_cost: search.complete_to_cost,
        units: cut.filter(|_| shard.is_some()).map(|cut| cut.units).unwrap_or_default(),
        shard,
        cut_short: search.cut_short,
        uncontrolled,
        advice,
        notes,
        offered: search.tally.offers(),
        places: search.tally.places(),
        seconds: outcome.seconds,
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        runs_per_second: search.executions as f64 / outcome.seconds.max(1e-9),
        sometimes: search.tally.sometimes,
        faults: search.tally.faults,
        failure: search.found.map(|found| failure_report(&scenario.name, found)),
    }
}

fn as_expected(scenario: &Scenario, search: &Search<'_>, verdict: Verdict) -> bool {
    match &search.found {
        Some(found) => scenario.expects_failure_by(&found.failure.property),
        None => verdict.satisfies(scenario.expected),
    }
}

/// What the scenario asks for by name, and what no run of a search that looked everywhere offered; and places that it
/// describes and no code came to, where the verdict does not say so already.
fn notes(scenario: &Scenario, search: &Search<'_>, verdict: Verdict) -> Vec<String> {
    if search.found.is_some() || !search.cut_short.is_empty() || !search.uncontrolled.is_empty() {
        return Vec::new();
    }
    let means = [
        (Cost::Fault, "describe a place with `fault_at`, or draw one with `fault`"),
        (Cost::Cancellation, "wrap what a caller may give up in `cancellable`"),
        (Cost::Panic, "wrap what may panic in `may_panic`"),
        (Cost::Crash, "start what may crash with `restartable`"),
    ];
    let unmet = if verdict == Verdict::Vacuous {
        Vec::new()
    } else {
        places::notes(&search.tally.faults, &search.tally.places())
    };
    let missing = means.into_iter().filter(|(cost, _)| scenario.asks_for(*cost) && !search.tally.offered(*cost));
    let due = search.tally.events_were_due().then(|| {
        "events of the outside world were put off for at most `rest` movements of the clock in which only daemons and \
         spawned tasks ran"
            .to_owned()
    });
    missing
        .map(|(cost, means)| {
            let name = cost.bound_name();
            format!(
                "a bound on {name} is given, and there was none to choose in any run: {means}, or leave the bound out"
            )
        })
        .chain(unmet)
        .chain(due)
        .collect()
}

/// What a process for each run does not do on this platform.
fn seeds(scenario: &Scenario, are_fixed: bool) -> Option<String> {
    let told = || {
        "hash seeds are the same in all runs of this process, and not in another one: a token of a run that \
                   depends on the order of a `HashMap` may not fit there"
            .to_owned()
    };
    (scenario.isolated && !are_fixed).then(told)
}

/// The report of a search that ended with the thread that it ran on.
pub(super) fn report_of_hang(
    scenario: &Scenario,
    options: &Options,
    autopsy: Autopsy,
    started: Instant,
) -> ScenarioReport {
    let bounds = options.bounds.apply(scenario.bounds);
    let limits = Arc::new(Limits::new(options, started));
    let mut search = Search::new(scenario, &limits);
    // How far it had come died with its thread.
    search.cut_short.push("the search ended with the step that did not return".to_owned());
    let failure = match autopsy {
        Autopsy::Confirmed(failure) => Some(*failure),
        Autopsy::Unexplained(reason) => {
            search.note_uncontrolled(Uncontrolled::Hung(reason), None);
            None
        }
    };
    let verdict = if failure.is_some() { Verdict::Failed } else { Verdict::Incomplete };
    let seconds = started.elapsed().as_secs_f64();
    let ok = match &failure {
        Some(failure) => scenario.expects_failure_by(&failure.property),
        None => verdict.satisfies(scenario.expected),
    };
    let outcome = Outcome { verdict, complete: false, bounds, estimate: None, seconds };
    ScenarioReport { ok, failure, ..report(scenario, options, search, None, &outcome) }
}

/// The report of a search whose process dies with it: written down beforehand, because later nobody can. No scenario
/// expects that.
pub(crate) fn report_of_death(scenario: &Scenario, options: &Options) -> ScenarioReport {
    let limits = Arc::new(Limits::new(options, Instant::now()));
    let bounds = options.bounds.apply(scenario.bounds);
    let outcome = Outcome { verdict: Verdict::Failed, complete: false, bounds, estimate: None, seconds: 0.0 };
    ScenarioReport { ok: false, ..report(scenario, options, Search::new(scenario, &limits), None, &outcome) }
}

fn shard_report(
    shard: Shard,
    scenario: &Scenario,
    search: &Search<'_>,
    cut: Option<&CutTree>,
    outcome: &Outcome,
) -> ShardReport {
    ShardReport {
        index: shard.index(),
        of: shard.of(),
        complete: outcome.complete && search.cut_short.is_empty() && search.uncontrolled.is_empty(),
        units_in_all: cut.map_or(0, |cut| cut.units_in_all),
        partition: cut.map(|cut| cut.partition.clone()).unwrap_or_default(),
        fingerprint: Fingerprint::of(scenario, &outcome.bounds),
    }
}

fn failure_report(scenario: &str, found: Found) -> FailureReport {
    FailureReport {
        token: Token::of(scenario, &found.tape, found.history).to_string(),
        replay: None,
        costs: CostlyChoice::all(&found.tape, &found.draw_steps),
        cost: found.tape.total_cost(),
        steps: found.steps,
        property: found.failure.property,
        message: found.failure.message,
        file: found.failure.location.as_ref().map(|location| location.file.clone()),
        line: found.failure.location.map(|location| location.line),
        stuck: found.stuck,
        timeline: found.timeline,
        explanation: found.explanation,
    }
}

#[cfg(test)]
mod tests;
