//! `check`: one scenario after the other, each in a process of its test's program and on all cores.

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::Path;

use indicatif::ProgressBar;

use super::arguments::Selection;
use super::child::{Desk, Done, Prints, Running, errand};
use super::scenarios::Test;
use super::{Problem, chosen, commands, project};
use crate::campaign::{self, Options, Seen};
use crate::cli::{CheckArguments, campaigns, progress};
use crate::explore::Bounds;
use crate::report::{Build, Report, ScenarioReport};
use crate::scenario::Scenario;
use crate::shard::{Checkpoint, Fingerprint};
use crate::testing::orders::{Answer, Checked, Search, Task};

pub(super) fn check(
    arguments: &CheckArguments,
    selection: &Selection,
    folder: &Path,
    out: &mut dyn Write,
) -> Result<u8, Problem> {
    let options = arguments.extent()?;
    let tests = chosen::all(selection)?;
    let chosen: Vec<&Test> = match &arguments.names[..] {
        [] => tests.iter().filter(|test| !test.ignored).collect(),
        names => names.iter().map(|name| chosen::named(&tests, name)).collect::<Result<_, _>>()?,
    };
    if chosen.is_empty() {
        return Err(Problem::AllIgnored);
    }
    let searches = Searches { desk: Desk::within(&project::report_folder(selection)?)?, running: Running::watched() };
    let search = searches.search(&options, arguments, &chosen)?;
    let mut builds: Vec<Build> = Vec::new();
    let mut reports = Vec::new();
    for test in &chosen {
        let (build, report) = searches.check(test, &search)?;
        builds.extend(build);
        reports.push(report);
    }
    let left_out = tests.iter().filter(|test| test.ignored && arguments.names.is_empty()).count();
    if left_out > 0 {
        writeln!(out, "{left_out} left out, marked with `ignore`: name them to have them checked")?;
    }
    let replays = |report: &ScenarioReport, token: &str| {
        let test = chosen.iter().find(|test| test.name == report.name);
        replay_line(selection, test.filter(|test| test.ambiguous).copied(), token)
    };
    Ok(campaigns::tell(together(reports, builds), folder, &replays, out)?)
}

/// One report; what they were built with is told once, and what it must be for all is asked of all.
fn together(reports: Vec<ScenarioReport>, builds: Vec<Build>) -> Report {
    let calibrated = builds.iter().all(|build| build.calibrated);
    let mut report = Report::new(reports, calibrated);
    if let Some(build) = builds.into_iter().next() {
        report.build = Build { calibrated, ..build };
    }
    report
}

struct Searches {
    desk: Desk,
    running: std::sync::Arc<Running>,
}

impl Searches {
    /// How far each of them goes. A checkpoint is opened here, for all of them.
    fn search(&self, options: &Options, arguments: &CheckArguments, chosen: &[&Test]) -> Result<Search, Problem> {
        let cores = || std::thread::available_parallelism().ok();
        let checkpoint = arguments.checkpoint.as_deref().map(project::absolute).transpose()?;
        if let Some(path) = &checkpoint {
            self.open_checkpoint(path, options, chosen)?;
        }
        Ok(Search {
            bounds: options.bounds,
            explorer: options.explorer,
            max_time: options.max_time,
            jobs: options.jobs.or_else(cores).unwrap_or(NonZeroUsize::MIN),
            shard: options.shard.map(|shard| shard.to_string()),
            checkpoint,
            progress: None,
            interrupted: false,
        })
    }

    fn open_checkpoint(&self, path: &Path, options: &Options, chosen: &[&Test]) -> Result<(), Problem> {
        if let Some(test) = chosen
            .iter()
            .find(|test| test.ambiguous && chosen.iter().filter(|other| other.scenario == test.scenario).count() > 1)
        {
            return Err(Problem::OneFile(test.scenario.clone()));
        }
        let searches = chosen.iter().map(|test| self.describe(test, options)).collect::<Result<Vec<_>, _>>()?;
        let opened = Checkpoint::open_for(path, searches.into_iter(), options.shard);
        opened.map(drop).map_err(|error| Problem::Usage(error.into()))
    }

    fn describe(&self, test: &Test, options: &Options) -> Result<(Fingerprint, Bounds), Problem> {
        let task = Task::Describe(options.bounds);
        match errand(test, &task, (&self.desk, &self.running), Prints::Kept, || ())? {
            Done { answer: Some(Answer::Described { fingerprint, bounds }), .. } => Ok((*fingerprint, bounds)),
            done => Err(commands::unanswered(test, done)),
        }
    }

    /// Searches one. A process that dies is a failure, with all that is known of it.
    fn check(&self, test: &Test, search: &Search) -> Result<(Option<Build>, ScenarioReport), Problem> {
        let file = self.desk.progress();
        let _ = std::fs::remove_file(&file);
        let line = ProgressBar::new_spinner().with_style(progress::style()).with_prefix(test.name.clone());
        let search = Search {
            progress: (!line.is_hidden()).then(|| file.clone()),
            interrupted: self.running.is_interrupted(),
            ..search.clone()
        };
        let draw = || {
            let seen = std::fs::read(&file).ok().and_then(|text| serde_json::from_slice::<Seen>(&text).ok());
            line.set_message(progress::message(&seen.unwrap_or_default()));
            line.tick();
        };
        let done = errand(test, &Task::Check(Box::new(search)), (&self.desk, &self.running), Prints::Kept, draw)?;
        line.finish_and_clear();
        let died = commands::died(&done);
        let (build, mut report) = match done.answer {
            Some(Answer::Checked(checked)) => (Some(checked.build.clone()), checked.into_report()),
            Some(Answer::Begun(begun)) => {
                let Checked { build, mut report, .. } = *begun;
                report.cut_short = vec![died];
                (Some(build), report)
            }
            Some(Answer::Refused(_)) => return Err(commands::unanswered(test, done)),
            _ => (None, unbegun(test, died)),
        };
        report.name.clone_from(&test.name);
        if let Some(shard) = &mut report.shard {
            shard.fingerprint.scenario.clone_from(&test.name);
        }
        Ok((build, report))
    }
}

/// Nothing is known of its bounds and what it expects: these are what a scenario has that says nothing.
fn unbegun(test: &Test, died: String) -> ScenarioReport {
    let nothing = Scenario::new(test.name.clone(), || async {});
    ScenarioReport { cut_short: vec![died], ..campaign::report_of_death(&nothing, &Options::default()) }
}

/// What to type to see a failing run again, with the tests selected as they were.
fn replay_line(selection: &Selection, ambiguous: Option<&Test>, token: &str) -> String {
    let words = selection.words_of_replay(ambiguous.map(|test| test.binary.package.as_str()));
    let called = "cargo nevernone replay".to_owned();
    let called = words.iter().fold(called, |line, word| line + " " + &quoted(&word.to_string_lossy()));
    format!("{called} '{token}'")
}

/// As a shell reads it back.
fn quoted(word: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_./:=,@%+".contains(character);
    if word.chars().all(plain) && !word.is_empty() {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_shell_reads_every_word_back() {
        for word in ["--package", "shop@1.0", "a b", "it's", "", "$HOME", "[a-z]*"] {
            // Another word behind it: one that got lost would be missed.
            let line = format!("printf '[%s]' {} end", quoted(word));
            let said = std::process::Command::new("sh").arg("-c").arg(line).output();
            assert_eq!(String::from_utf8(said.unwrap().stdout).unwrap(), format!("[{word}][end]"));
        }
        assert_eq!(quoted("shop@1.0"), "shop@1.0");
    }
}
