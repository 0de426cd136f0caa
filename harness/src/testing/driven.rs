//! The other end of `cargo nevernone`: a test that is driven from outside does one errand, writes the answer, and is over.
//!
//! The driver starts a test's process for one test alone. So nothing but that test is here, and the process ends with the
//! answer, without a word from the test harness.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use super::orders::{Answer, Checked, Head, Listed, Order, Search, Task, VARIABLE, VERSION};
use super::program::Program;
use super::regressions::Regressions;
use super::{Target, red};
use crate::campaign::{self, Gauge, Options, Progress};
use crate::choice::token::Token;
use crate::ending::Ending;
use crate::explore::Bounds;
use crate::report::{Report, ScenarioReport};
use crate::run::isolate;
use crate::scenario::Scenario;
use crate::shard::{Checkpoint, Fingerprint};

/// How often the file of the progress is written.
const REFRESH: Duration = Duration::from_millis(200);

/// Does what the driver asks, and ends the process; returns where there is no driver.
pub(super) fn serve(scenario: &Scenario, target: &Target) {
    // Looked at by something that no optimisation sees through: the driver finds scenarios by this text in the program's
    // file, so it must be there.
    std::hint::black_box(target.marker);
    let Ok(text) = std::env::var(VARIABLE) else { return };
    let unreadable = |error: serde_json::Error| -> ! {
        red::fail(format!("{VARIABLE} is set by `cargo nevernone` and by nobody else; it does not read: {error}"))
    };
    let head: Head = serde_json::from_str(&text).unwrap_or_else(|error| unreadable(error));
    if scenario.isolated {
        // The driver started this process for this scenario alone, so that it is fresh already.
        isolate::leave_no_core();
    }
    let answer = if head.version == VERSION {
        let order: Order = serde_json::from_str(&text).unwrap_or_else(|error| unreadable(error));
        carry_out(scenario, target, &order.task, &head.answer)
    } else {
        Answer::Refused(format!(
            "this test is built with nevernone {}, and `cargo nevernone` comes from another version; install that of \
             the tests: cargo install --path …/harness --features cli",
            env!("CARGO_PKG_VERSION")
        ))
    };
    write(&head.answer, &answer);
    std::process::exit(0);
}

fn carry_out(scenario: &Scenario, target: &Target, task: &Task, answer: &Path) -> Answer {
    match task {
        Task::List { unbounded, descents } => Answer::Listed(Box::new(list(scenario, *unbounded, *descents))),
        Task::Describe(bounds) => {
            let bounds = bounds.apply(scenario.bounds);
            Answer::Described { fingerprint: Box::new(Fingerprint::of(scenario, &bounds)), bounds }
        }
        Task::Check(search) => {
            let regressions = Regressions::of(scenario, target, &Program::this());
            check(scenario, &regressions, search, answer)
        }
        Task::Replay { token } => replay(scenario, token),
    }
}

fn list(scenario: &Scenario, unbounded: bool, descents: u32) -> Listed {
    let size = |bounds| campaign::estimate(scenario, bounds, descents);
    Listed {
        expected: scenario.expected,
        bounds: scenario.bounds,
        size: size(scenario.bounds),
        unbounded: unbounded.then(|| size(Bounds { steps: scenario.bounds.steps, ..Bounds::unbounded() })),
    }
}

fn check(scenario: &Scenario, regressions: &Regressions, search: &Search, answer: &Path) -> Answer {
    let options = match options(scenario, search) {
        Ok(options) => options,
        Err(reason) => return Answer::Refused(reason),
    };
    let build = |calibrated| Report::new(Vec::new(), calibrated).build;
    let begun = Checked::new(build(true), campaign::report_of_death(scenario, &options));
    write(answer, &Answer::Begun(Box::new(begun)));
    if search.interrupted {
        options.progress.stop();
    } else {
        stop_at_end_of_input(&options.progress);
    }
    let watching = search.progress.as_deref().map(|file| tell_progress(file, scenario, &options));
    let report = search_behind(regressions, scenario, &options);
    drop(watching);
    let report = match report {
        Ok(report) => report,
        Err(reason) => return Answer::Refused(reason),
    };
    Answer::Checked(Box::new(Checked::new(build(campaign::calibration().is_ok()), report)))
}

fn options(scenario: &Scenario, search: &Search) -> Result<Options, String> {
    let shard = search.shard.as_deref().map(str::parse).transpose()?;
    let bounds = search.bounds.apply(scenario.bounds);
    let open = |path: &std::path::PathBuf| Checkpoint::go_on(path, scenario, bounds, shard);
    let checkpoint = search.checkpoint.as_ref().map(open).transpose().map_err(|error| error.to_string())?;
    Ok(Options {
        bounds: search.bounds,
        explorer: search.explorer,
        max_time: search.max_time,
        jobs: Some(search.jobs),
        shard,
        checkpoint: checkpoint.map(Arc::new),
        ..Options::default()
    })
}

/// As `cargo test` does it: what failed before is executed first, and what fails now is recorded for the next time.
fn search_behind(regressions: &Regressions, scenario: &Scenario, options: &Options) -> Result<ScenarioReport, String> {
    let executed = regressions.execute(scenario, options)?;
    let mut report = executed.failing.unwrap_or_else(|| campaign::check(scenario, options));
    report.notes.extend(executed.notes);
    report.notes.extend(regressions.record(&report).unwrap_or_else(Some));
    Ok(report)
}

/// The driver stops a search by closing its end, and so does the driver's own death.
fn stop_at_end_of_input(progress: &Arc<Progress>) {
    let progress = Arc::clone(progress);
    let wait = move || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        progress.stop();
    };
    if let Err(error) = thread::Builder::new().name("nevernone-stop".to_owned()).spawn(wait) {
        red::fail(format!("no thread could be started: {error}"));
    }
}

/// Writes how far the search has come, until what is returned is dropped.
fn tell_progress(file: &Path, scenario: &Scenario, options: &Options) -> Sender<()> {
    let (searching, ended): (Sender<()>, Receiver<()>) = mpsc::channel();
    let (file, scenario, bounds) = (file.to_owned(), scenario.clone(), options.bounds.apply(scenario.bounds));
    let progress = Arc::clone(&options.progress);
    let mut gauge = Gauge::default();
    let tell = move || {
        while ended.recv_timeout(REFRESH) == Err(RecvTimeoutError::Timeout) {
            let seen = gauge.look(&scenario, bounds, &progress);
            // A reader that comes too early sees less, or nothing, once.
            let _ = serde_json::to_vec(&seen).map(|text| std::fs::write(&file, text));
        }
    };
    // A search that nobody can watch is a search all the same.
    let _ = thread::Builder::new().name("nevernone-progress".to_owned()).spawn(tell);
    searching
}

fn replay(scenario: &Scenario, token: &str) -> Answer {
    let replayed = token.parse::<Token>().map_err(|error| error.to_string());
    match replayed.and_then(|token| campaign::replay(scenario, &token)) {
        Err(reason) => Answer::Refused(reason),
        Ok(replayed) => {
            let as_expected = match &replayed.ending {
                Ending::Failed(failure) => scenario.expects_failure_by(&failure.property),
                _ => scenario.expected != crate::verdict::Verdict::Failed,
            };
            Answer::Replayed { text: replayed.to_string(), as_expected }
        }
    }
}

/// In one piece, so that a process that dies leaves the last whole answer.
fn write(path: &Path, answer: &Answer) {
    let draft = path.with_extension("draft");
    let written = serde_json::to_vec(answer)
        .map_err(io::Error::from)
        .and_then(|text| std::fs::write(&draft, text))
        .and_then(|()| std::fs::rename(&draft, path));
    if let Err(error) = written {
        red::fail(format!("the answer to `cargo nevernone` cannot be written to {}: {error}", path.display()));
    }
}
