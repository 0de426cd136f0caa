//! Three bugs, planted as somebody could have written them. Each is the service with one file, `startup.rs`, in another
//! version; its comment shows the difference. Each is found by the property that it breaks: two of them without any fault, the
//! third by one cancellation.

#![allow(clippy::duplicate_mod, reason = "each variant of the service has all of its other files")]

use nevernone::campaign::{Options, check};
use nevernone::report::{ScenarioReport, terminal};
use nevernone::{Scenario, Verdict};

/// The service with `startup.rs` from another file.
macro_rules! variant {
    ($name:ident, $startup:literal) => {
        #[allow(dead_code, unreachable_pub, reason = "a variant has all that the service has; a test needs some of it")]
        #[path = "."] // the folder of the files below
        mod $name {
            #[path = "bodies.rs"]
            pub(crate) mod bodies;
            #[path = "../../src/routes.rs"]
            mod routes;
            #[path = $startup]
            pub(crate) mod startup;

            use example_service::{cache, config, health, retry};
        }
    };
}

variant!(repaired, "../../src/startup.rs");
variant!(ready_before_the_cache, "ready_before_the_cache.rs");
variant!(published_early, "published_early.rs");
variant!(sticks_when_given_up, "sticks_when_given_up.rs");

#[nevernone::test(faults = 2, cost = 2, chaos_for = "5s", expect_failed_by = "ready means wired")]
async fn ready_before_the_cache_is_connected_is_found() {
    ready_before_the_cache::bodies::no_request_ever_meets_a_half_built_app().await;
}

/// Without any fault: the start takes more than one poll, and somebody may look in between.
#[nevernone::test(cost = 0, isolate = "process", expect_failed_by = "who is current is wired")]
async fn a_service_that_is_published_early_is_found_for_nothing() {
    published_early::bodies::whoever_asks_for_the_current_app_gets_a_wired_one().await;
}

#[nevernone::test(faults = 1, cancellations = 1, cost = 2, chaos_for = "10s", expect_failed_by = "serves")]
async fn a_start_that_sticks_when_it_is_given_up_is_found() {
    sticks_when_given_up::bodies::a_start_that_was_given_up_can_be_tried_again().await;
}

fn tell(scenario: &Scenario) -> ScenarioReport {
    let report = check(scenario, &Options::default());
    println!("{} runs, {} executions, {:.2} s", report.runs, report.executions, report.seconds);
    println!("{}", terminal::story(&report, "(by its token)"));
    report
}

#[test]
fn the_repaired_service_is_verified_and_its_lane_is_told() {
    let scenario = Scenario::new("repaired", repaired::bodies::no_request_ever_meets_a_half_built_app);
    let report = tell(&scenario.faults(2).chaos_for(nevernone::secs(5)));
    assert_eq!((report.verdict, report.lane), (Verdict::Verified, 2), "the pool's task, and the health check");
    let lane = terminal::lane(&report).expect("there is one");
    assert!(lane.starts_with("lane: up to 2 tasks of `tokio::spawn`, whole polls in tokio's order"), "{lane}");
    assert_eq!(report.faults.len(), 8, "four kinds at two places: {:?}", report.faults);
}

#[test]
fn ready_too_early_costs_nothing() {
    let body = ready_before_the_cache::bodies::no_request_ever_meets_a_half_built_app;
    let failure = tell(&Scenario::new("ready too early", body).faults(2)).failure.expect("found");
    assert_eq!((failure.property.as_str(), failure.cost), ("ready means wired", 0));
}

#[test]
fn a_start_that_sticks_costs_one_cancellation() {
    let body = sticks_when_given_up::bodies::a_start_that_was_given_up_can_be_tried_again;
    let failure = tell(&Scenario::new("sticks", body).faults(1).cancellations(1)).failure.expect("found");
    assert_eq!((failure.property.as_str(), failure.cost), ("serves", 1));
}

/// The guide's chapter on reading a failure shows this one. It is compared with what is told now.
#[test]
fn the_story_in_the_guide_is_true() {
    let body = sticks_when_given_up::bodies::a_start_that_was_given_up_can_be_tried_again;
    let report = tell(&Scenario::new("a_start_that_was_given_up", body).faults(1).cancellations(1));
    let told = terminal::story(&report, "NEVERNONE_REPLAY='nn1:…' cargo test -p nevernone-example-service …");
    let shown = include_str!("../../../../src/guide/story.txt");
    assert!(told == shown, "harness/src/guide/story.txt shows another story; it would be now:\n{told}");
}
