//! The engine, by behaviour.

mod answers;
mod bad_scenarios;
mod cancellations;
mod costs;
mod crashes;
mod estimate;
mod expectations;
mod facts;
mod incomplete;
mod known;
mod lies;
mod model;
mod panics;
mod properties;
mod replay;
mod requirements;
mod stalls;
mod tokio_types;
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
