//! The engine, by behaviour.

mod answers;
mod at_end;
mod bad_scenarios;
mod cancellations;
mod combined;
mod costs;
mod crashes;
mod estimate;
mod expectations;
mod explanations;
mod facts;
mod heal;
mod incomplete;
mod known;
mod lane;
mod lies;
#[cfg(feature = "logs")]
mod logs;
mod model;
mod panics;
mod properties;
mod random;
mod red_tests;
mod reduction;
mod replay;
mod requirements;
mod scale;
mod stalls;
mod stories;
mod stuck;
mod testing;
mod tokio_types;
mod trees;
mod uncontrolled;
mod unwinding;
mod verdicts;
mod watchdog;

use nevernone::campaign::{Options, check};
use nevernone::report::{FailureReport, ScenarioReport};
use nevernone::{Scenario, Verdict};

/// Searches a scenario within its own bounds.
fn search(scenario: &Scenario) -> ScenarioReport {
    check(scenario, &Options::default())
}

/// In how many runs a goal was reached.
fn hits(report: &ScenarioReport, goal: &str) -> u64 {
    report.sometimes.iter().find(|tally| tally.name == goal).map_or(0, |tally| tally.hits)
}

/// The failure of a scenario, which names a property and the place that declared it.
#[track_caller]
fn red(scenario: &Scenario, property: &str, at: (&str, u32)) -> FailureReport {
    let failure = search(scenario).failure.expect("found");
    let place = (failure.file.as_deref(), failure.line);
    assert_eq!((failure.property.as_str(), place), (property, (Some(at.0), Some(at.1))), "{}", failure.message);
    failure
}

#[track_caller]
fn green(scenario: &Scenario) {
    let report = search(scenario);
    assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
}
