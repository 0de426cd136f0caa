//! The engine, by behaviour.

mod answers;
mod bad_scenarios;
mod cancellations;
mod costs;
mod crashes;
mod estimate;
mod expectations;
mod explanations;
mod incomplete;
mod lane;
mod model;
mod panics;
mod properties;
mod random;
mod reduction;
mod replay;
mod requirements;
mod stalls;
mod stories;
mod trees;
mod uncontrolled;
mod unwinding;
mod verdicts;
mod watchdog;

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
