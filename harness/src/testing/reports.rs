//! Where a test's report goes: a folder for each test, so that neither parallel tests nor a process for each of them
//! overwrite another's.
//!
//! `target/nevernone/<package>/<test>/report.json`, of the user's own target folder, or below `NEVERNONE_REPORT_DIR`;
//! shards go into `shard-1-of-4` and so on, below that.

use std::path::{Path, PathBuf};

use super::program::Program;
use super::{Environment, Target, names};
use crate::campaign;
use crate::report::{Report, ScenarioReport};

/// Writes the report of a test. The old one is replaced in one piece.
///
/// # Errors
/// Says what could not be written, and why: no reason for a test to be red.
pub(super) fn write(
    report: &ScenarioReport,
    target: &Target,
    environment: &Environment,
    program: &Program,
) -> Result<(), String> {
    let base = base(environment.report_folder.as_deref(), target, program).ok_or(
        "no report was written: there is no target folder above this program; name one in NEVERNONE_REPORT_DIR",
    )?;
    let mut folder = folder(&base, &report.name, target, program);
    if let Some(shard) = environment.options.shard {
        folder.push(format!("shard-{}-of-{}", shard.index(), shard.of()));
    }
    // Cheap: a process calibrates once, and the search did.
    let whole = Report::new(vec![report.clone()], campaign::calibration().is_ok());
    match whole.write(&folder) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("the report could not be written to {}: {error}", folder.display())),
    }
}

/// The folder of all reports.
fn base(asked: Option<&Path>, target: &Target, program: &Program) -> Option<PathBuf> {
    if let Some(asked) = asked {
        return Some(asked.to_owned());
    }
    // A program that was moved away may still find the folder that it was built in.
    let built_in = || target.scratch.and_then(|scratch| Path::new(scratch).parent()).filter(|folder| folder.is_dir());
    program.target_folder().or_else(built_in).map(|folder| folder.join("nevernone"))
}

/// The folder of one test.
fn folder(base: &Path, name: &str, target: &Target, program: &Program) -> PathBuf {
    let mut folder = base.to_owned();
    // Packages have names that are file names.
    folder.extend(target.package);
    folder.push(names::on_disk(name, target, program));
    folder
}
