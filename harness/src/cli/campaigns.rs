//! `check`: several scenarios at a time, one table, one report.

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::{CheckArguments, UsageError, commands};
use crate::campaign::{self, workers::Crew};
use crate::report::{Report, ScenarioReport, table, terminal};
use crate::scenario::Scenario;

pub(super) fn check(
    scenarios: &[Scenario],
    arguments: &CheckArguments,
    program: &str,
    out: &mut dyn Write,
) -> Result<u8, UsageError> {
    let chosen: Vec<&Scenario> = match &arguments.names[..] {
        [] => scenarios.iter().collect(),
        names => names.iter().map(|name| commands::find(scenarios, name)).collect::<Result<_, _>>()?,
    };
    let report = Report::new(check_all(&chosen, arguments)?, campaign::calibration().is_ok());
    tell(&report, &arguments.out, program, out)
}

/// Prints verdicts and stories, writes the report, and gives the exit code.
pub(super) fn tell(report: &Report, folder: &Path, program: &str, out: &mut dyn Write) -> Result<u8, UsageError> {
    writeln!(out, "{}", table::verdicts(report))?;
    for scenario in &report.scenarios {
        let replay = scenario.failure.as_ref().map(|failure| format!("{program} replay '{}'", failure.token));
        if !scenario.ok || scenario.failure.is_some() {
            writeln!(out, "{}", terminal::story(scenario, replay.as_deref().unwrap_or_default()))?;
        }
    }
    let path = report.write(folder).map_err(|source| UsageError::Report { folder: folder.to_owned(), source })?;
    writeln!(out, "{}", table::summary(report, &path))?;
    Ok(report.exit_code())
}

/// Searches them on as many threads as are asked for; the reports come back in the order of the scenarios. A thread that
/// finds no scenario left helps with the large ones.
fn check_all(scenarios: &[&Scenario], arguments: &CheckArguments) -> Result<Vec<ScenarioReport>, UsageError> {
    let mut options = arguments.options(scenarios)?;
    let cores = || thread::available_parallelism().ok();
    let jobs = options.jobs.or_else(cores).map_or(1, NonZeroUsize::get);
    options.jobs = NonZeroUsize::new(jobs);
    let crew = Crew::new(jobs);
    let next = AtomicUsize::new(0);
    let reports: Mutex<Vec<(usize, ScenarioReport)>> = Mutex::default();
    thread::scope(|scope| {
        for worker in 0..jobs {
            let driving = crew.driving();
            let (crew, options, next, reports) = (&crew, &options, &next, &reports);
            let work = move || {
                // Relaxed: the counter only hands out numbers; the reports travel under the lock.
                while let Some((index, scenario)) = pick(scenarios, next.fetch_add(1, Ordering::Relaxed)) {
                    let helped = (jobs > 1).then_some(crew);
                    let report = campaign::check_with(scenario, options, helped);
                    reports.lock().expect("no worker panics with the lock").push((index, report));
                }
                drop(driving);
                crew.help();
            };
            thread::Builder::new().name(format!("nevernone-{worker}")).spawn_scoped(scope, work)?;
        }
        Ok::<(), std::io::Error>(())
    })?;
    let mut reports = reports.into_inner().expect("no worker panics with the lock");
    reports.sort_by_key(|(index, _)| *index);
    Ok(reports.into_iter().map(|(_, report)| report).collect())
}

fn pick<'a>(scenarios: &[&'a Scenario], index: usize) -> Option<(usize, &'a Scenario)> {
    scenarios.get(index).map(|scenario| (index, *scenario))
}
