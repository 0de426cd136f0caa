//! `nevernone::tokio`: tokio's tasks and `select!` under the run's control, and tokio itself outside a run.

mod aborts;
mod equal;
mod join_set;
mod outside;
mod panics;
mod select;
mod tasks;

use nevernone::campaign::{Options, check};
use nevernone::explore::Bounds;
use nevernone::report::ScenarioReport;
use nevernone::{Scenario, Verdict};

fn search(scenario: &Scenario) -> ScenarioReport {
    check(scenario, &Options::default())
}

/// Every interleaving.
fn whole() -> Bounds {
    Bounds { stalls: Some(0), ..Bounds::unbounded() }
}

/// In how many runs a goal was reached.
fn hits(report: &ScenarioReport, goal: &str) -> u64 {
    report.sometimes.iter().find(|tally| tally.name == goal).map_or(0, |tally| tally.hits)
}

/// Searched whole; every goal that the body names is reached.
#[track_caller]
fn verified<F, Fut>(body: F) -> ScenarioReport
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + 'static,
{
    let report = search(&Scenario::new("verified", body).within(whole()));
    assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
    report
}

/// The message of the panic that fails it, and where that happened.
#[track_caller]
fn fails_by_panic<F, Fut>(body: F) -> (String, Option<String>)
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + 'static,
{
    let report = search(&Scenario::new("fails", body));
    let failure = report.failure.unwrap_or_else(|| panic!("{:?}", report.verdict));
    assert_eq!(failure.property, "panic", "{}", failure.message);
    (failure.message, failure.file)
}
