//! `report`: what `cargo test` left, a folder for each test, in one report.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Problem;
use crate::cli::campaigns;
use crate::report::{Report, ScenarioReport};
use crate::shard::read_report;
use crate::verdict::exit_code;

/// What every report is called.
const FILE: &str = "report.json";

/// Folders within folders, from the report folder on: a package's, a test's, and some to spare.
const DEPTH: u32 = 6;

/// A report, and the folder beneath the report folder that it was found in: its package's.
struct Found {
    package: String,
    report: Report,
}

pub(super) fn report(folder: &Path, told_in: &Path, out: &mut dyn Write) -> Result<u8, Problem> {
    let mut paths = Vec::new();
    collect(folder, DEPTH, &mut paths).map_err(|source| Problem::Unreadable { path: folder.to_owned(), source })?;
    // What stands in the folder itself is what `check`, or this, has written.
    paths.retain(|path| path.parent() != Some(folder));
    paths.sort();
    if paths.is_empty() {
        return Err(Problem::NoReports(folder.to_owned()));
    }
    let (mut found, mut broken) = (Vec::new(), 0);
    for path in paths {
        match read_report(&path) {
            Ok((path, report)) => found.push(Found { package: package(folder, &path), report }),
            Err(problem) => {
                broken += 1;
                writeln!(out, "left out: {problem}")?;
            }
        }
    }
    let code = campaigns::tell(&together(found), told_in, &replay_line, out)?;
    // What a broken report would have said nobody knows.
    Ok(if broken > 0 { exit_code([code, 3]) } else { code })
}

fn replay_line(_: &ScenarioReport, token: &str) -> String {
    format!("cargo nevernone replay '{token}'")
}

fn collect(folder: &Path, depth: u32, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() && depth > 0 {
            collect(&path, depth - 1, paths)?;
        } else if path.ends_with(FILE) {
            paths.push(path);
        }
    }
    Ok(())
}

fn package(folder: &Path, path: &Path) -> String {
    let inner = path.strip_prefix(folder).ok().and_then(|inner| inner.iter().next());
    inner.unwrap_or_default().to_string_lossy().into_owned()
}

/// All scenarios in one report; where two packages have one of the same name, with the package's name before it.
fn together(found: Vec<Found>) -> Report {
    let mut packages: HashMap<String, BTreeSet<String>> = HashMap::new();
    for (package, scenario) in
        found.iter().flat_map(|found| found.report.scenarios.iter().map(|one| (&found.package, one)))
    {
        packages.entry(scenario.name.clone()).or_default().insert(package.clone());
    }
    let calibrated = found.iter().all(|found| found.report.build.calibrated);
    let build = found.first().map(|found| found.report.build.clone());
    let named = |Found { package, report }: Found| {
        let scenarios = report.scenarios.into_iter();
        let apart = scenarios.map(|scenario| match packages[&scenario.name].len() {
            1 => scenario,
            _ => ScenarioReport { name: format!("{package}/{}", scenario.name), ..scenario },
        });
        apart.collect::<Vec<_>>()
    };
    let mut report = Report::new(found.into_iter().flat_map(named).collect(), calibrated);
    if let Some(build) = build {
        report.build = crate::report::Build { calibrated, ..build };
    }
    report
}
