//! Where a test's report goes: a folder for each test, so that neither parallel tests nor a process for each of them
//! overwrite another's.
//!
//! `target/nevernone/<package>/<test>/`, of the user's own target folder, or below `NEVERNONE_REPORT_DIR`;
//! shards go into `shard-1-of-4` and so on, below that.

use std::path::{Path, PathBuf};

use super::program::Program;
use super::twins::Turn;
use super::{Environment, Target, names};
use crate::campaign;
use crate::report::{Report, ScenarioReport};

/// What a report may consist of.
const FILES: [&str; 3] = ["report.json", "junit.xml", "report.html"];

/// The place for one test's report; `None` where there is no target folder.
pub(super) struct Place(Option<PathBuf>);

impl Place {
    /// That of a test, of which nothing is left there from before: a test that ends without a report, because its process
    /// died or its file of recorded runs does not read, must not show the one of yesterday.
    ///
    /// # Errors
    /// Where another test has that place in the same run of nextest.
    pub(super) fn cleared(
        scenario: &str,
        target: &Target,
        environment: &Environment,
        program: &Program,
    ) -> Result<Self, String> {
        let base = base(environment.report_folder.as_deref(), target, program);
        let folder = base.map(|mut folder| {
            // Packages have names that are file names.
            folder.extend(target.package);
            folder.push(names::on_disk(scenario, target, program));
            let shard = environment.options.shard;
            folder.extend(shard.map(|shard| format!("shard-{}-of-{}", shard.index(), shard.of())));
            folder
        });
        if let (Some(turn), Some(folder)) = (Turn::this(), &folder) {
            turn.take(scenario, folder)?;
        }
        for file in folder.iter().flat_map(|folder| FILES.map(|name| folder.join(name))) {
            // Most often there is none; and one that cannot be removed cannot be written either, which is told then.
            let _ = std::fs::remove_file(file);
        }
        Ok(Place(folder))
    }

    /// Writes the report, in one piece.
    ///
    /// # Errors
    /// Says what could not be written, and why: no reason for a test to be red.
    pub(super) fn write(&self, report: &ScenarioReport) -> Result<(), String> {
        let nowhere = "no report was written: no target folder is above this program; name one in NEVERNONE_REPORT_DIR";
        let folder = self.0.as_deref().ok_or(nowhere)?;
        // A process calibrates once, and the search did.
        let whole = Report::new(vec![report.clone()], campaign::calibration().is_ok());
        match whole.write(folder) {
            Ok(_) => Ok(()),
            Err(error) => Err(format!("the report could not be written to {}: {error}", folder.display())),
        }
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

#[cfg(test)]
mod tests {
    use super::{Path, Program, Target, base};

    #[test]
    fn reports_go_where_they_are_asked_for_else_to_the_target_folder() {
        let this = Program::this();
        let found = this.target_folder().expect("cargo built this");
        assert_eq!(base(None, &Target::default(), &this), Some(found.join("nevernone")));
        let asked = Path::new("some/where");
        assert_eq!(base(Some(asked), &Target::default(), &this).as_deref(), Some(asked));
        // Moved to another folder, and to another machine.
        let moved = Program::of("/usr/bin/true");
        let scratch: &'static str = found.join("tmp").display().to_string().leak();
        let of_this_machine = Target { scratch: Some(scratch), ..Target::default() };
        assert_eq!(base(None, &of_this_machine, &moved), Some(found.join("nevernone")));
        let of_another = Target { scratch: Some("/nowhere/target/tmp"), ..Target::default() };
        assert_eq!(base(None, &of_another, &moved), None);
    }
}
