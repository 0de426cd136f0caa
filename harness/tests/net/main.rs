//! The network of a run.

mod orders;

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
