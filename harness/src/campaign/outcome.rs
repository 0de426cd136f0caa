//! What a search comes to: a verdict and a report.

use super::search::{Found, Search};
use super::{ExplorerChoice, Options, advice};
use crate::choice::token::Token;
use crate::explore::Bounds;
use crate::report::{FailureReport, ScenarioReport};
use crate::scenario::Scenario;
use crate::verdict::Verdict;

pub(super) fn judge(search: &Search<'_>, complete: bool, explorer: ExplorerChoice, bounds: &Bounds) -> Verdict {
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
pub(super) struct Outcome {
    pub(super) verdict: Verdict,
    pub(super) bounds: Bounds,
    pub(super) estimate: Option<f64>,
    pub(super) seconds: f64,
}

pub(super) fn report(scenario: &Scenario, options: &Options, search: Search<'_>, outcome: &Outcome) -> ScenarioReport {
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

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::{ExplorerChoice, Options, Search, Verdict, judge};
    use crate::scenario::Scenario;

    /// The verdict on a complete search, without a failure, to which `found` was added.
    fn verdict(found: impl FnOnce(&mut Search<'_>)) -> Verdict {
        let (scenario, options) = (Scenario::new("judged", || async {}), Options::default());
        let mut search = Search::new(&scenario, &options, Instant::now());
        found(&mut search);
        judge(&search, true, ExplorerChoice::Exhaustive, &scenario.bounds)
    }

    #[test]
    fn what_failed_its_calibration_is_at_best_incomplete() {
        assert_eq!(verdict(|_| ()), Verdict::Verified);
        let calibration = Err::<(), _>("calibration: the tree of …".to_owned());
        assert_eq!(verdict(|search| search.trust(calibration.clone())), Verdict::Incomplete);
        assert_eq!(verdict(|search| search.trust(Ok(()))), Verdict::Verified);
        let unreached = |search: &mut Search<'_>| {
            search.tally.sometimes("never reached", false);
            search.trust(calibration.clone());
        };
        assert_eq!(verdict(unreached), Verdict::Incomplete);
    }
}
