//! What a green test says.

use std::io::Write as _;

use crate::report::{ScenarioReport, terminal};

/// Prints verdict, size and bounds, where the test harness captures it.
pub(super) fn tell(report: &ScenarioReport) {
    let shard = report.shard.as_ref().map(|shard| format!(" (shard {} of {})", shard.index, shard.of));
    let (name, verdict, runs, shard) = (&report.name, report.verdict, report.runs, shard.unwrap_or_default());
    let bounds = terminal::bounds_of(report);
    println!("{name}: {verdict}{shard}, {runs} runs within {bounds}");
    for limit in [terminal::lane(report), terminal::isolation(report)].into_iter().flatten() {
        println!("  {limit}");
    }
    report.notes.iter().for_each(|note| println!("  {note}"));
}

/// Says something that no verdict shows, and that asks for a hand. It goes past the test harness, which hides what a green
/// test prints.
pub(super) fn warn(name: &str, text: &str) {
    // Without a standard error nobody reads it.
    let _ = writeln!(std::io::stderr(), "{name}: {text}");
}
