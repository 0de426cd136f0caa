//! The same tests from outside: what the framework says about the planted bugs, and at which price.

use nevernone::campaign::{Options, check};
use nevernone::report::{ScenarioReport, terminal};
use nevernone::{Scenario, Verdict};

use crate::planted::start_ready_too_early;
use crate::service::App;
use crate::{a_request_beside_the_startup, a_startup_given_up, survives_its_caller};

fn tell(scenario: &Scenario) -> ScenarioReport {
    let report = check(scenario, &Options::default());
    println!("{} runs, {} executions, {:.2} s", report.runs, report.executions, report.seconds);
    println!("{}", terminal::story(&report, "(by its token)"));
    report
}

#[test]
fn the_repaired_startup_is_verified() {
    let report = tell(&Scenario::new("repaired", || a_request_beside_the_startup(App::start)).faults(2));
    assert_eq!(report.verdict, Verdict::Verified);
    assert_eq!(report.faults.len(), 8, "four kinds at two places: {:?}", report.faults);
}

#[test]
fn ready_too_early_costs_nothing_and_names_the_property() {
    let report = tell(&Scenario::new("too early", || a_request_beside_the_startup(start_ready_too_early)));
    let failure = report.failure.expect("found");
    // The cache's answer is on its way, and everybody can see that the service is ready.
    assert_eq!((failure.property.as_str(), failure.cost), ("ready means wired", 0));
    assert!(failure.file.is_some_and(|file| file.ends_with("main.rs")));
}

#[test]
fn a_spawned_startup_is_searched_and_told_as_a_lane() {
    let report = tell(&Scenario::new("detached", || survives_its_caller(App::start_detached)).faults(1));
    assert_eq!((report.verdict, report.lane), (Verdict::Verified, 1));
    let report = tell(&Scenario::new("attached", || survives_its_caller(App::start)).faults(1));
    let failure = report.failure.expect("found");
    assert_eq!((failure.property.as_str(), failure.cost), ("serves", 1), "one cancellation");
}

#[test]
fn a_stuck_gate_costs_one_cancellation() {
    let sticks = |gate: crate::Gate, app| async move { gate.start_that_sticks(app).await };
    let report = tell(&Scenario::new("sticks", move || a_startup_given_up(sticks)).faults(1));
    let failure = report.failure.expect("found");
    // While the first answer is on its way: no fault is needed to have something to give up.
    assert_eq!(failure.cost, 1);
    assert!(failure.message.contains("another startup is under way"), "{}", failure.message);
}
