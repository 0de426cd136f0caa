//! How a red test ends: its first line is the user's own, in the form that editors link.

use std::panic::resume_unwind;

use super::Target;
use super::program::Program;
use crate::campaign::Replayed;
use crate::ending::Failure;
use crate::report::{ScenarioReport, terminal};

/// Ends the test. A panic's location cannot be chosen, and the hook would name a line of this framework before anything
/// else; so the text is printed here, where the test harness captures it, and unwinding begins past the hook. It carries
/// the text, as every panic does.
pub(super) fn fail(text: String) -> ! {
    eprintln!("{}", text.trim_end());
    resume_unwind(Box::new(text));
}

/// A search whose verdict is not the expected one.
pub(super) fn told(report: &ScenarioReport, target: &Target, program: &Program) -> String {
    let failed = report.failure.as_ref().map(|failure| {
        let place = failure.file.as_deref().zip(failure.line).or(target.place);
        headed(place, &format!("{}: {}", failure.property, failure.message))
    });
    let head = failed.unwrap_or_else(|| headed_by(target, &report.name, &report.verdict.to_string()));
    let replay = report.failure.as_ref().map(|failure| target.replay_line(&report.name, &failure.token, program));
    let story = terminal::story(report, replay.as_deref().unwrap_or_default());
    let (expected, bounds) = (terminal::expectation(report), terminal::bounds_of(report));
    format!("{head}\nexpected {expected}, found {}, within {bounds}\n{story}", report.verdict)
}

/// A replay that fails.
pub(super) fn told_again(failure: &Failure, replayed: &Replayed, target: &Target) -> String {
    let place = failure.location.as_ref().map(|location| (location.file.as_str(), location.line));
    format!("{}\n{replayed}", headed(place.or(target.place), &format!("{}: {}", failure.property, failure.message)))
}

/// What no property's line explains, at the test's own.
pub(super) fn headed_by(target: &Target, name: &str, what: &str) -> String {
    headed(target.place, &format!("{name}: {what}"))
}

/// `file:line: what`, of which only the first line is told: the story has the rest.
fn headed(place: Option<(&str, u32)>, what: &str) -> String {
    let first = what.lines().next().unwrap_or_default();
    place.map_or_else(|| first.to_owned(), |(file, line)| format!("{file}:{line}: {first}"))
}
