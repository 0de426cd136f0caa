//! The same service with all its state in statics, as many have it: each run in a process of its own, where they are empty.
//! In one process the static is named.
#![cfg(unix)]

/// The service with another `startup.rs`.
#[allow(dead_code, unreachable_pub, reason = "it has all that the service has; a test needs some of it")]
#[path = "."] // the folder of the files below
mod service {
    #[path = "../planted/bodies.rs"]
    pub(crate) mod bodies;
    #[path = "../../src/routes.rs"]
    mod routes;
    pub(crate) mod startup;

    use example_service::{cache, config, health, retry};
}

use service::bodies;

#[nevernone::test(cost = 1, chaos_for = "5s", isolate = "process")]
async fn no_request_ever_meets_a_half_built_app() {
    bodies::no_request_ever_meets_a_half_built_app().await;
}

#[nevernone::test(faults = 1, cancellations = 1, isolate = "process")]
async fn a_start_that_was_given_up_can_be_tried_again() {
    bodies::a_start_that_was_given_up_can_be_tried_again().await;
}

/// The only test here that executes runs in this process, whose statics nobody else changes.
#[cfg(target_os = "linux")]
#[test]
fn the_switch_verifies_it_and_in_one_process_the_static_is_named_and_the_switch_proposed() {
    use nevernone::campaign::{Options, check};
    use nevernone::{Scenario, Verdict};

    let body = bodies::a_start_that_was_given_up_can_be_tried_again;
    let scenario = |name| Scenario::new(name, body).faults(1).cancellations(1);
    let report = check(&scenario("isolated").isolated(), &Options::default());
    assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
    println!("{} runs, {} executions, {:.0}/s", report.runs, report.executions, report.runs_per_second);

    let report = check(&scenario("in one process"), &Options::default());
    let told = nevernone::report::terminal::story(&report, "");
    assert_eq!(report.verdict, Verdict::Incomplete, "{told}");
    assert!(told.contains("startup::SHARED"), "the static is named:\n{told}");
    assert!(told.contains("isolate = \"process\""), "the switch is proposed:\n{told}");
}
