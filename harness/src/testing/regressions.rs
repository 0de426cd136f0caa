//! Failing runs that were found once are executed before every later search.
//!
//! `nevernone-regressions/<test>.txt` in the user's package: a token a line, comments behind `#`, meant to be committed.
//! Lines are only ever added. What stands there and is no token of this test is an error, since a run that is silently
//! left out looks like one that passes.

mod file;

use std::env;
use std::path::PathBuf;

use self::file::{Added, File, Recorded};
use super::program::Program;
use super::{Target, names};
use crate::campaign::{self, Options};
use crate::report::ScenarioReport;
use crate::scenario::Scenario;
use crate::verdict::Verdict;

const FOLDER: &str = "nevernone-regressions";

/// The recorded failing runs of one test.
pub(super) struct Regressions {
    /// `None` where nothing is recorded: nobody knows the package's folder.
    file: Option<File>,
    /// The scenario is expected to fail, so a failing run is none to be afraid of.
    expects_failure: bool,
}

/// What the recorded runs came to.
#[derive(Default)]
pub(super) struct Executed {
    /// The first that still fails.
    pub(super) failing: Option<ScenarioReport>,
    /// What is to be told of the others.
    pub(super) notes: Vec<String>,
}

impl Regressions {
    /// Those of a test.
    pub(super) fn of(scenario: &Scenario, target: &Target, program: &Program) -> Self {
        let name = names::on_disk(scenario.name(), target, program);
        let file = package_folder(target).map(|package| File::new(package.join(FOLDER), &name, scenario.name()));
        Regressions { file, expects_failure: scenario.expected == Verdict::Failed }
    }

    /// Executes them, up to the first that still fails. One that no longer fits is told, and no failure.
    ///
    /// # Errors
    /// Where the file cannot be read, or holds what is no token of this test.
    pub(super) fn execute(&self, scenario: &Scenario, options: &Options) -> Result<Executed, String> {
        let Some(file) = &self.file else { return Ok(Executed::default()) };
        let recorded = file.read()?;
        let mut executed = Executed::default();
        if self.expects_failure {
            executed.notes.extend((!recorded.is_empty()).then(|| file.left_aside(recorded.len())));
            return Ok(executed);
        }
        for Recorded { line, token } in recorded {
            let place = format!("{}:{line}", file.path().display());
            let outcome = token.map_err(|error| error.to_string());
            match outcome.and_then(|token| campaign::rerun(scenario, &token, &options.bounds)) {
                Ok(None) => {}
                Ok(Some(mut report)) => {
                    report
                        .notes
                        .push(format!("recorded at {place}; it was executed before the search, which was not begun"));
                    executed.failing = Some(report);
                    break;
                }
                Err(reason) => {
                    let reason = reason.trim_end_matches("; search again to get a new one");
                    executed.notes.push(format!("{place} is stale, and was searched for again: {reason}"));
                }
            }
        }
        Ok(executed)
    }

    /// Adds the failing run of a report, if there is one that belongs there; says where it stands now.
    ///
    /// # Errors
    /// Says why it could not be recorded. The test is red anyhow.
    pub(super) fn record(&self, report: &ScenarioReport) -> Result<Option<String>, String> {
        let (Some(file), Some(failure), false) = (&self.file, &report.failure, self.expects_failure) else {
            return Ok(None);
        };
        let shown = file.path().display();
        match file.add(failure) {
            Ok(Added::New) => Ok(Some(format!("recorded in {shown}, to be executed first from now on; commit it"))),
            Ok(Added::Known) => Ok(None),
            Err(error) => Err(format!("the failing run could not be recorded in {shown}: {error}")),
        }
    }
}

/// The folder of the package that the test belongs to. What cargo says to the running test goes before what it said to the
/// compiler: a checkout may have moved since, or the test runs on another machine. But a program that is no test may have
/// started this one, and then what is there is that program's package.
fn package_folder(target: &Target) -> Option<PathBuf> {
    let built_in = target.folder?;
    let same_package = env::var("CARGO_PKG_NAME").ok().as_deref() == target.package;
    let runs_in = env::var_os("CARGO_MANIFEST_DIR").filter(|_| same_package).map(PathBuf::from);
    Some(runs_in.unwrap_or_else(|| PathBuf::from(built_in)))
}
