//! What `#[nevernone::test]` expands to: one campaign inside `cargo test`, steered by the environment.
//!
//! `environment.rs` what is asked for · `replay.rs` one recorded run · `regressions.rs` the runs that failed before ·
//! `reports.rs` where the report goes · `red.rs`, `green.rs` what is told · `target.rs`, `program.rs`, `filter.rs` where the
//! test was built, where it runs, and what runs beside it · `names.rs` what it is called on disk · `twins.rs` who else is
//! called so · `driven.rs` what `cargo nevernone` asks for instead, in `orders.rs`.

mod driven;
mod duration;
mod environment;
mod filter;
mod green;
mod isolated;
mod names;
pub(crate) mod orders;
mod program;
mod red;
mod regressions;
mod replay;
mod reports;
mod target;
mod twins;

use crate::campaign;
use crate::report::ScenarioReport;
use crate::scenario::Scenario;
use environment::Environment;
use program::Program;
use regressions::Regressions;

pub use duration::{HumanDuration, duration};
pub use target::Target;

/// Runs a scenario as a test, or replays the token in `NEVERNONE_REPLAY`.
///
/// `NEVERNONE_FAULTS`, `_PREEMPTIONS`, `_CANCELLATIONS` and `_COST` replace the test's own bounds, `_MAX_TIME` (seconds,
/// or with a unit: `500ms`, `60s`, `5m`) stops the search. `_JOBS` is the number of worker threads, 1 where it is not set:
/// `cargo test` runs tests side by side already. `_SHARD` (`K/N`, or `auto`) searches one part: a shard that is complete
/// and found nothing is green, and what only the whole tree can show (`vacuous`) is not asked. `_SEED` samples 10,000
/// random runs of that seed instead of searching everything. A token of another test is passed over where the test that
/// it belongs to runs beside this one, as far as the command line says; else the test is red. (nextest's own filters cannot
/// be seen from a test, so there only the test that the token belongs to can be run with it.)
///
/// `report.json` goes to `nevernone/<package>/<test>/` in the target folder, or below the folder in
/// `NEVERNONE_REPORT_DIR` (a relative one is seen from the package, where cargo runs tests); shards have folders of their
/// own below that. Nothing is recorded, since the package is not known: see [`run_in`].
///
/// # Panics
/// When the verdict is not the expected one, with the whole story; when a variable does not parse, or begins with
/// `NEVERNONE_` and nobody reads it; when a scenario of the same name was run by this process before. The story goes to
/// standard error, headed by the line of the property that failed; no panic hook is called, since all that it could name
/// is a line of this framework.
pub fn run(scenario: &Scenario) {
    run_in(scenario, &Target::default());
}

/// Like [`run`], for a test that knows where it was built: the line that replays a failure names its target, and failing
/// runs are recorded.
///
/// A failing run is added to `nevernone-regressions/<test>.txt` in the package's folder, once, and executed before every
/// later search, whatever the bounds are. Where it still fails the test is red without a search. Where it passes the search
/// goes on, and so it does, with a word on standard error, where the run no longer fits the scenario or comes from another
/// version. A scenario that is expected to fail records nothing, and executes nothing that was recorded. The file is
/// meant to be committed; only lines are ever added to it.
///
/// # Panics
/// As [`run`]; and where the file cannot be read, or a line of it is neither comment nor token of this test.
pub fn run_in(scenario: &Scenario, target: &Target) {
    driven::serve(scenario, target);
    let asked = Environment::read().ok().and_then(|environment| environment.replay);
    // A token of another test needs no search to be passed over, or to be refused.
    let is_anothers = asked.is_some_and(|token| token.scenario != scenario.name());
    let search = || {
        if let Err(text) = outcome(scenario, target) {
            red::fail(text);
        }
    };
    if scenario.isolated && !is_anothers {
        isolated::in_fresh_process(scenario.name(), target, search);
    } else {
        search();
    }
}

/// What the environment asks of every search that a command line begins, as of those of `cargo test`.
///
/// # Errors
/// Names the variable that does not read, or that nobody reads, or that asks for no search.
#[cfg(feature = "cli")]
pub(crate) fn asked_of_a_search() -> Result<campaign::Options, String> {
    Environment::read()?.of_a_search()
}

/// All that a test does; the error is what a red one says.
fn outcome(scenario: &Scenario, target: &Target) -> Result<(), String> {
    let environment = Environment::read()?;
    names::claim(scenario.name(), target)?;
    if let Some(token) = &environment.replay {
        return replay::replay(scenario, token, target);
    }
    let program = Program::this();
    let reports = reports::Place::cleared(scenario.name(), target, &environment, &program)?;
    let regressions = Regressions::of(scenario, target, &program);
    let executed = regressions.execute(scenario, &environment.options)?;
    let mut report = executed.failing.unwrap_or_else(|| campaign::check(scenario, &environment.options));
    report.notes.extend(executed.notes.iter().cloned());
    if let Some(failure) = &mut report.failure {
        failure.replay = Some(target.replay_line(scenario.name(), &failure.token, &program));
    }
    if let Err(problem) = reports.write(&report) {
        green::warn(scenario.name(), &problem);
    }
    if report.ok {
        executed.notes.iter().for_each(|note| green::warn(scenario.name(), note));
        green::tell(&report);
        return Ok(());
    }
    Err(red::told(&report, target, &program) + &recorded(&regressions, &report))
}

/// Adds a failing run to those that are executed first; what is told of that, as a line of the story.
fn recorded(regressions: &Regressions, report: &ScenarioReport) -> String {
    match regressions.record(report) {
        Ok(None) => String::new(),
        Ok(Some(told)) | Err(told) => format!("  {told}\n"),
    }
}
