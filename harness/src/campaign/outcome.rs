//! What a search comes to: a verdict and a report.

use super::search::{Found, Search};
use super::units::CutTree;
use super::{ExplorerChoice, Options, advice};
use crate::choice::token::Token;
use crate::explore::Bounds;
use crate::report::{FailureReport, ScenarioReport, ShardReport};
use crate::run::{FaultTally, SometimesTally};
use crate::scenario::Scenario;
use crate::shard::{Fingerprint, Shard};
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
    pub(super) estimate: Option<f64>,
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
    let shard = options.shard.filter(|_| seed.is_none());
    let shard = shard.map(|shard| shard_report(shard, scenario, &search, cut.as_ref(), outcome));
    let complete_shard = outcome.verdict == Verdict::Incomplete && shard.as_ref().is_some_and(|shard| shard.complete);
    let advice = (outcome.verdict == Verdict::Incomplete && !complete_shard)
        .then(|| advice::advice(scenario, &outcome.bounds, &search));
    ScenarioReport {
        name: scenario.name.to_string(),
        verdict: outcome.verdict,
        expected: scenario.expected,
        ok: complete_shard || outcome.verdict.satisfies(scenario.expected),
        explorer: explorer.to_owned(),
        seed,
        runs: search.runs,
        executions: search.executions,
        steps: search.steps,
        estimate: outcome.estimate,
        bounds: outcome.bounds,
        complete_to_cost: search.complete_to_cost,
        units: cut.filter(|_| shard.is_some()).map(|cut| cut.units).unwrap_or_default(),
        shard,
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
        cost: found.tape.total_cost(),
        steps: found.steps,
        property: found.failure.property,
        message: found.failure.message,
        file: found.failure.location.as_ref().map(|location| location.file.clone()),
        line: found.failure.location.map(|location| location.line),
        timeline: found.timeline,
    }
}
