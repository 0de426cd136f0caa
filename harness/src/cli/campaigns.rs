//! `check`: several scenarios at a time, one table, one report.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use super::progress::Searches;
use super::{CheckArguments, UsageError, commands};
use crate::campaign::{self, Options};
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
    writeln!(out, "{}", table::verdicts(&report))?;
    for scenario in &report.scenarios {
        let replay = scenario.failure.as_ref().map(|failure| format!("{program} replay '{}'", failure.token));
        if !scenario.ok || scenario.failure.is_some() || !scenario.notes.is_empty() {
            writeln!(out, "{}", terminal::story(scenario, replay.as_deref().unwrap_or_default()))?;
        } else if let Some(lane) = terminal::lane(scenario) {
            writeln!(out, "{}: {lane}", scenario.name)?;
        }
    }
    let folder = &arguments.out;
    let path = report.write(folder).map_err(|source| UsageError::Report { folder: folder.clone(), source })?;
    writeln!(out, "{}", table::summary(&report, &path))?;
    Ok(report.exit_code())
}

/// Searches them on as many threads as are asked for; the reports come back in the order of the scenarios.
fn check_all(scenarios: &[&Scenario], arguments: &CheckArguments) -> Result<Vec<ScenarioReport>, UsageError> {
    let options = arguments.options();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let jobs = arguments.jobs.map_or(cores, usize::from).min(scenarios.len().max(1));
    let next = AtomicUsize::new(0);
    let reports: Mutex<Vec<(usize, ScenarioReport)>> = Mutex::default();
    let searches = Searches::watch();
    thread::scope(|scope| {
        // Dropped when every worker has ended, or could not begin.
        let (_searching, finished) = mpsc::channel();
        scope.spawn({
            let searches = Arc::clone(&searches);
            move || searches.draw(&finished)
        });
        thread::scope(|scope| {
            for worker in 0..jobs {
                let work = || {
                    // Relaxed: the counter only hands out numbers; the reports travel under the lock.
                    while let Some((index, scenario)) = pick(scenarios, next.fetch_add(1, Ordering::Relaxed)) {
                        let progress = searches.begin(scenario, options.bounds.apply(scenario.bounds()));
                        let report =
                            campaign::check(scenario, &Options { progress: Arc::clone(&progress), ..options.clone() });
                        searches.end(&progress);
                        reports.lock().expect("no worker panics with the lock").push((index, report));
                    }
                };
                thread::Builder::new().name(format!("nevernone-{worker}")).spawn_scoped(scope, work)?;
            }
            Ok::<(), std::io::Error>(())
        })
    })?;
    let mut reports = reports.into_inner().expect("no worker panics with the lock");
    reports.sort_by_key(|(index, _)| *index);
    Ok(reports.into_iter().map(|(_, report)| report).collect())
}

fn pick<'a>(scenarios: &[&'a Scenario], index: usize) -> Option<(usize, &'a Scenario)> {
    scenarios.get(index).map(|scenario| (index, *scenario))
}
