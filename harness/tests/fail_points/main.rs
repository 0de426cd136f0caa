//! Fail points of the `fail` crate, driven from the choice sequence. A binary of its own, as `fail` advises.

mod apart;
mod retry;
mod trees;

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

/// What production code has: it may refuse, with a reason.
fn connect(place: &'static str) -> Result<(), String> {
    fail::fail_point!(place, |why| Err(why.unwrap_or_else(|| "no reason".to_owned())));
    Ok(())
}
