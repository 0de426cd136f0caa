//! What a search comes to: a verdict and a report.

use std::time::Instant;

use super::search::{Found, Search};
use super::watchdog::Autopsy;
use super::{ExplorerChoice, Options, advice};
use crate::choice::Cost;
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
    let ok = match &search.found {
        Some(found) if outcome.verdict == Verdict::Failed => scenario.expects_failure_by(&found.failure.property),
        _ => outcome.verdict.satisfies(scenario.expected),
    };
    let notes = notes(scenario, &search);
    let offered = |cost: &Cost| search.tally.offered(*cost);
    let offered = Cost::BOUNDED.into_iter().filter(offered).map(Cost::bound_name).collect();
    let advice = (outcome.verdict == Verdict::Incomplete).then(|| advice::advice(scenario, &outcome.bounds, &search));
    ScenarioReport {
        name: scenario.name.to_string(),
        verdict: outcome.verdict,
        expected: scenario.expected,
        expected_property: scenario.expected_property.as_ref().map(ToString::to_string),
        ok,
        explorer,
        seed,
        runs: search.runs,
        executions: search.executions,
        steps: search.steps,
        estimate: outcome.estimate,
        bounds: outcome.bounds,
        lane: search.lane,
        complete_to_cost: search.complete_to_cost,
        shard: None,
        units: Vec::new(),
        cut_short: search.cut_short,
        uncontrolled: search.uncontrolled,
        advice,
        notes,
        offered,
        seconds: outcome.seconds,
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        runs_per_second: search.executions as f64 / outcome.seconds.max(1e-9),
        sometimes: search.tally.sometimes,
        faults: search.tally.faults,
        failure: search.found.map(|found| failure_report(&scenario.name, found)),
    }
}

/// What the scenario asks for by name, and what no run of a search that looked everywhere offered.
fn notes(scenario: &Scenario, search: &Search<'_>) -> Vec<String> {
    if search.found.is_some() || !search.cut_short.is_empty() || !search.uncontrolled.is_empty() {
        return Vec::new();
    }
    let means = [
        (Cost::Fault, "describe a place with `fault_at`, or draw one with `fault`"),
        (Cost::Cancellation, "wrap what a caller may give up in `cancellable`"),
        (Cost::Panic, "wrap what may panic in `may_panic`"),
        (Cost::Crash, "start what may crash with `restartable`"),
    ];
    let missing = means.into_iter().filter(|(cost, _)| scenario.asks_for(*cost) && !search.tally.offered(*cost));
    missing
        .map(|(cost, means)| {
            let name = cost.bound_name();
            format!(
                "a bound on {name} is given, and there was none to choose in any run: {means}, or leave the bound out"
            )
        })
        .collect()
}

/// The report of a search that ended with the thread that it ran on.
pub(super) fn report_of_hang(
    scenario: &Scenario,
    options: &Options,
    autopsy: Autopsy,
    started: Instant,
) -> ScenarioReport {
    let bounds = options.bounds.apply(scenario.bounds);
    let mut search = Search::new(scenario, options, started);
    // How far it had come died with its thread.
    search.cut_short.push("the search ended with the step that did not return".to_owned());
    let failure = match autopsy {
        Autopsy::Confirmed(failure) => Some(*failure),
        Autopsy::Unexplained(reason) => {
            search.uncontrolled.push(reason);
            None
        }
    };
    let verdict = if failure.is_some() { Verdict::Failed } else { Verdict::Incomplete };
    let seconds = started.elapsed().as_secs_f64();
    let ok = match &failure {
        Some(failure) => scenario.expects_failure_by(&failure.property),
        None => verdict.satisfies(scenario.expected),
    };
    ScenarioReport {
        ok,
        failure,
        ..report(scenario, options, search, &Outcome { verdict, bounds, estimate: None, seconds })
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
        stuck: found.stuck,
        timeline: found.timeline,
        explanation: found.explanation,
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
