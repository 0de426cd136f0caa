//! A process for each run. What a test here searches must be isolated, or come last: so each has a process of its own too.

#![cfg(unix)]

#[cfg(feature = "cli")]
mod command_line;
mod edges;
#[cfg(feature = "fail")]
mod fail_points;
#[path = "../support/fresh.rs"]
mod fresh_process;
mod processes;
mod seeds;
mod statics;
mod tests;
mod trees;
mod workers;

use fresh_process::{FRESH, fresh};
use nevernone::campaign::{Options, check};
use nevernone::report::ScenarioReport;
use nevernone::{Scenario, Verdict};

/// Searches a scenario within its own bounds.
fn search(scenario: &Scenario) -> ScenarioReport {
    check(scenario, &Options::default())
}

#[track_caller]
fn verified(scenario: &Scenario) -> ScenarioReport {
    let report = search(scenario);
    assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
    report
}
