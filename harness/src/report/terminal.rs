//! A failure as a story on the terminal.

use std::fmt::Write as _;

use super::places::not_come_to;
use super::timeline::MarkedSteps;
use super::{Explanation, FailureReport, Inevitable, RunSize, ScenarioReport};
use crate::choice::Cost;
use crate::explore::Bounds;
use crate::run::{StuckTask, TimelineEntry};

/// Everything that a reader of a red scenario needs; `replay` is the line that runs it again.
pub fn story(report: &ScenarioReport, replay: &str) -> String {
    let mut text = format!("{}: {}", report.name, report.verdict);
    if let Some(failure) = &report.failure {
        let _ = write!(text, " at cost {}\n{}", failure.cost, failure_story(failure, replay));
    } else {
        text.push('\n');
    }
    for limit in [lane(report), isolation(report)].into_iter().flatten() {
        let _ = writeln!(text, "  {limit}");
    }
    let reasons = report.cut_short.iter().chain(&report.uncontrolled).chain(&report.advice).chain(&report.notes);
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
    let mut text = String::new();
    for goal in report.sometimes.iter().filter(|goal| goal.hits == 0) {
        let _ = writeln!(text, "  never came true: {}", goal.name);
    }
    let mut told = Vec::new();
    for fault in report.faults.iter().filter(|fault| fault.fired == 0) {
        let (place, kind) = fault.name;
        match not_come_to(place, &report.faults, &report.places) {
            None => {
                let _ = writeln!(text, "  never fired: {place}={kind}");
            }
            Some(problem) if !told.contains(&place) => {
                told.push(place);
                let _ = writeln!(text, "  {problem}");
            }
            Some(_) => {}
        }
    }
    text
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
    Some(format!(
        "lane: {tasks} of `tokio::spawn`, whole polls in tokio's order (`nevernone::tokio` cuts and reorders them)"
    ))
}

/// That each run had a process of its own: nothing where they shared one.
pub fn isolation(report: &ScenarioReport) -> Option<String> {
    let isolation = report.isolation.as_ref()?;
    Some(format!("isolation: {isolation}; every run began with empty statics and the same random seeds"))
}

/// The bounds of a search in one line, with those on panics and crashes where the scenario has any to offer.
pub fn bounds_of(report: &ScenarioReport) -> String {
    let mut text = bounds(&report.bounds);
    for cost in [Cost::Panic, Cost::Crash] {
        let name = cost.bound_name();
        if report.offered.iter().any(|offered| offered == name) {
            let _ = match report.bounds.of(cost) {
                Some(bound) => write!(text, " {name}≤{bound}"),
                None => write!(text, " {name} any"),
            };
        }
    }
    text
}

/// The verdict that is right, and the property where it matters.
pub fn expectation(report: &ScenarioReport) -> String {
    match &report.expected_property {
        Some(property) => format!("{} by `{property}`", report.expected),
        None => report.expected.to_string(),
    }
}

/// A run's timeline: virtual time downwards, and a lane for each of up to four tasks; else a line per event.
pub fn timeline(entries: &[TimelineEntry]) -> String {
    super::timeline::draw(entries, |_| ' ')
}

/// Who waits for ever, a line each.
pub fn stuck(tasks: &[StuckTask]) -> String {
    tasks.iter().fold(String::new(), |mut text, task| {
        let _ = writeln!(text, "  {task}");
        text
    })
}

fn failure_story(failure: &FailureReport, replay: &str) -> String {
    let mut text = format!("  {}: {}\n", failure.property, failure.message);
    if let (Some(file), Some(line)) = (&failure.file, failure.line) {
        let _ = writeln!(text, "  at {file}:{line}");
    }
    text.push_str(&stuck(&failure.stuck));
    let steps = MarkedSteps::of(&failure.explanation);
    let mark = |step: u32| steps.mark(step).map_or(' ', |(mark, _)| mark);
    text.push_str(&super::timeline::draw(&failure.timeline, mark));
    text.push_str(&steps.legend());
    text.push_str(&told(&failure.explanation));
    let _ = writeln!(text, "  replay: {replay}");
    text
}

fn told(explanation: &Explanation) -> String {
    // A run that hangs, or one that was recorded earlier and is executed alone.
    if *explanation == Explanation::default() {
        return "  no smaller run was searched for\n".to_owned();
    }
    let mut text = match explanation.inevitable {
        Some(Inevitable { step: 0, certainty }) => format!("  every run within the bounds fails ({certainty})\n"),
        Some(Inevitable { step, certainty }) => {
            format!("  from step {step} on every continuation fails ({certainty})\n")
        }
        None => String::new(),
    };
    text.push_str(if explanation.least { "  no smaller run fails" } else { "  locally least" });
    if let Some(RunSize { cost, draws }) = explanation.reduced_from {
        let _ = write!(text, "; reduced from one of cost {cost} with {draws} draws");
    }
    text.push('\n');
    for property in &explanation.also_failed {
        let _ = writeln!(text, "  failed in other runs: {property}");
    }
    text
}
