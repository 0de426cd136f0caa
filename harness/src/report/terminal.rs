//! A failure as a story on the terminal.

use std::fmt::Write as _;
use std::time::Duration;

use super::{FailureReport, ScenarioReport};
use crate::explore::Bounds;
use crate::run::TimelineEntry;

/// Everything that a reader of a red scenario needs; `replay` is the line that runs it again.
pub fn story(report: &ScenarioReport, replay: &str) -> String {
    let mut text = format!("{}: {}", report.name, report.verdict);
    if let Some(failure) = &report.failure {
        let _ = write!(text, " at cost {}\n{}", failure.cost, failure_story(failure, replay));
    } else {
        text.push('\n');
    }
    if let Some(lane) = lane(report) {
        let _ = writeln!(text, "  {lane}");
    }
    let reasons = report.cut_short.iter().chain(&report.uncontrolled).chain(&report.advice);
    for reason in reasons {
        let _ = writeln!(text, "  {reason}");
    }
    // A search that a failure ended early has not looked for the rest, and saying so would bury the failure.
    if report.failure.is_none() {
        text.push_str(&missed(report));
    }
    text
}

/// The goals and faults that never happened.
fn missed(report: &ScenarioReport) -> String {
    let goals = report.sometimes.iter().filter(|goal| goal.hits == 0);
    let faults = report.faults.iter().filter(|fault| fault.fired == 0);
    let goals = goals.map(|goal| format!("  never came true: {}\n", goal.name));
    goals.chain(faults.map(|fault| format!("  never fired: {}={}\n", fault.name.0, fault.name.1))).collect()
}

/// The bounds of a search in one line.
pub fn bounds(bounds: &Bounds) -> String {
    let one = |name: &str, bound: Option<u32>| match bound {
        Some(bound) => format!("{name}≤{bound}"),
        None => format!("{name} any"),
    };
    let mut parts = vec![
        one("faults", bounds.faults),
        one("preemptions", bounds.preemptions),
        one("cancellations", bounds.cancellations),
        one("stalls", bounds.stalls),
    ];
    parts.extend(bounds.cost.map(|cost| one("cost", Some(cost))));
    parts.join(" ")
}

/// The bound that tasks of `tokio::spawn` are: nothing where there were none.
pub fn lane(report: &ScenarioReport) -> Option<String> {
    let tasks = match report.lane {
        0 => return None,
        1 => "1 task".to_owned(),
        most => format!("up to {most} tasks"),
    };
    Some(format!("lane: {tasks} of `tokio::spawn`, whole polls in tokio's order"))
}

/// A run's timeline, a line per event.
pub fn timeline(entries: &[TimelineEntry]) -> String {
    let width = entries.iter().map(|entry| entry.actor.chars().count()).max().unwrap_or(0);
    entries.iter().fold(String::new(), |mut text, entry| {
        let _ = writeln!(text, "  {:>4}  {:>9}  {:width$}  {}", entry.step, clock(entry.at), entry.actor, entry.what);
        text
    })
}

fn failure_story(failure: &FailureReport, replay: &str) -> String {
    let mut text = format!("  {}: {}\n", failure.property, failure.message);
    if let (Some(file), Some(line)) = (&failure.file, failure.line) {
        let _ = writeln!(text, "  at {file}:{line}");
    }
    let _ = write!(text, "  step       time  who and what\n{}  replay: {replay}\n", timeline(&failure.timeline));
    text
}

fn clock(at: Duration) -> String {
    format!("{} ms", at.as_millis())
}
