//! The engine, by behaviour.

mod bad_scenarios;
mod costs;
mod estimate;
mod incomplete;
mod model;
mod properties;
mod replay;
mod scale;
mod trees;
mod uncontrolled;
mod verdicts;

use nevernone::Scenario;
use nevernone::campaign::{Options, check};
use nevernone::report::ScenarioReport;

/// Searches a scenario within its own bounds.
fn search(scenario: &Scenario) -> ScenarioReport {
    check(scenario, &Options::default())
}

/// In how many runs a goal was reached.
fn hits(report: &ScenarioReport, goal: &str) -> u64 {
    report.sometimes.iter().find(|tally| tally.name == goal).map_or(0, |tally| tally.hits)
}
