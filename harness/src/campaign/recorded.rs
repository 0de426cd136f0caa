//! A failing run that was recorded earlier, executed in place of a search.

use std::sync::Arc;
use std::time::Instant;

use super::limits::Limits;
use super::outcome::{self, Outcome};
use super::search::Search;
use super::single::execute_token;
use super::{BoundsOverride, Options, watchdog};
use crate::choice::token::Token;
use crate::ending::Ending;
use crate::report::{CostlyChoice, Explanation, FailureReport, ScenarioReport};
use crate::run::{Finished, Runner};
use crate::scenario::Scenario;
use crate::verdict::Verdict;

/// The run of a token as a report has it.
struct Rerun {
    /// `None` where it does not fail any more.
    failure: Option<FailureReport>,
    lane: usize,
    drifted: bool,
}

/// Executes the run of a token, whatever the bounds are: the report of a search that ended with it where it still fails,
/// `None` where it does not.
///
/// # Errors
/// Where the token no longer fits the scenario.
pub(crate) fn rerun(
    scenario: &Scenario,
    token: &Token,
    bounds: &BoundsOverride,
) -> Result<Option<ScenarioReport>, String> {
    let started = Instant::now();
    let options = Options { bounds: *bounds, ..Options::default() };
    let (own, recorded) = (scenario.clone(), token.clone());
    let watched = watchdog::watched(scenario.watchdog, move || {
        execute_token(Runner::of(&own), &own, &recorded, true, |finished| Rerun::of(finished, &recorded))
    });
    let rerun = match watched {
        Ok(executed) => executed?,
        Err(hung) => {
            let report = outcome::report_of_hang(scenario, &options, hung.autopsy(scenario), started);
            // One that hung once and not again is none of the search's: it says so by itself.
            return Ok(report.failure.is_some().then_some(report));
        }
    };
    Ok(rerun.failure.is_some().then(|| report(scenario, &options, rerun, started)))
}

impl Rerun {
    fn of(finished: Finished<'_>, token: &Token) -> Self {
        let drifted = finished.history.value() != token.history;
        let Ending::Failed(failure) = finished.ending else {
            return Rerun { failure: None, lane: finished.lane, drifted };
        };
        let failure = FailureReport {
            property: failure.property,
            message: failure.message,
            file: failure.location.as_ref().map(|location| location.file.clone()),
            line: failure.location.map(|location| location.line),
            cost: finished.tape.total_cost(),
            steps: finished.steps,
            token: Token::of(&token.scenario, finished.tape, finished.history).to_string(),
            replay: None,
            costs: CostlyChoice::all(finished.tape, finished.draw_steps),
            explanation: Explanation::default(),
            stuck: finished.stuck.to_vec(),
            timeline: finished.timeline.to_vec(),
        };
        Rerun { failure: Some(failure), lane: finished.lane, drifted }
    }
}

fn report(scenario: &Scenario, options: &Options, rerun: Rerun, started: Instant) -> ScenarioReport {
    let limits = Arc::new(Limits::new(options, started));
    let mut search = Search::new(scenario, &limits);
    (search.runs, search.executions, search.lane) = (1, 1, rerun.lane);
    search.steps = rerun.failure.as_ref().map_or(0, |failure| u64::from(failure.steps));
    let outcome = Outcome {
        verdict: Verdict::Failed,
        complete: false,
        bounds: options.bounds.apply(scenario.bounds),
        estimate: None,
        seconds: started.elapsed().as_secs_f64(),
    };
    let drifted = "the choices of the recorded run still fit, but it takes another course than when it was recorded";
    let notes = rerun.drifted.then(|| drifted.to_owned()).into_iter().collect();
    let report = outcome::report(scenario, options, search, None, &outcome);
    ScenarioReport { explorer: "replay".to_owned(), failure: rerun.failure, notes, ..report }
}
