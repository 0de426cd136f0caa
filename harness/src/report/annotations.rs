//! Failures as GitHub shows them beside the lines of a change: commands that a workflow reads in a step's output.

use super::{Report, terminal};

/// Whether this runs where somebody reads them.
pub fn are_read() -> bool {
    std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true")
}

/// A line for every scenario that is not as expected; nothing where all are.
pub fn of(report: &Report) -> String {
    report.scenarios.iter().filter(|scenario| !scenario.ok).fold(String::new(), |text, scenario| {
        let place = scenario.failure.as_ref().and_then(|failure| failure.file.as_deref().zip(failure.line));
        let place = place.map(|(file, line)| format!("file={},line={line},", value(file))).unwrap_or_default();
        let title = format!("{}: {}", scenario.name, scenario.verdict);
        let replay = scenario.failure.as_ref().and_then(|failure| failure.replay.as_deref());
        let why = match &scenario.failure {
            Some(failure) => format!("{}: {}", failure.property, failure.message),
            None => format!("expected {}", terminal::expectation(scenario)),
        };
        let message = [why.as_str()].into_iter().chain(replay).collect::<Vec<_>>().join("\n");
        format!("{text}::error {place}title={}::{}\n", value(&title), data(&message))
    })
}

/// A message: these three would end it, or be read as what they stand for.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property's value, which more characters end.
fn value(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
