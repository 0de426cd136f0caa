//! Random fault plans under random schedules: whatever goes wrong, and in whatever order, the outcome is a wired
//! platform or a told error, never anything else.
//!
//! Seeds that failed once are in `tests/proptest-regressions/fault_plans.txt` and run first.

use nevernone::{
    Ending, Scenario, campaign,
    explore::{Bounds, FaultPlan, Planned},
    strategy::{Place, fault_plans, schedules},
};
use nevernone_reference::scenarios::named;
use proptest::{
    prelude::*,
    test_runner::{FileFailurePersistence, TestCaseResult},
};

/// The one place where faults fire: five kinds, at every creation that two layers of three attempts, or a start and
/// its repetition, can come to.
const CREATIONS: [Place; 1] = [Place { name: "manager.create", kinds: 5, attempts: 6 }];

/// Beyond what an exhaustive search can afford.
const SCHEDULE: Bounds = Bounds {
    faults: None,
    preemptions: Some(6),
    cancellations: Some(2),
    panics: Some(0),
    stalls: Some(2),
    crashes: Some(0),
    cost: None,
    steps: 10_000,
};

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 2_000,
        failure_persistence: Some(Box::new(FileFailurePersistence::SourceParallel("proptest-regressions"))),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn an_early_request_meets_a_wired_platform_or_an_error(plan in fault_plans(&CREATIONS), schedule in schedules(60)) {
        keeps_the_law(&named("startup/early-request").unwrap(), plan, schedule)?;
    }

    #[test]
    fn the_bridge_and_the_startup_get_one_manager_or_errors(plan in fault_plans(&CREATIONS), schedule in schedules(60)) {
        keeps_the_law(&named("startup/bridge-vs-startup").unwrap(), plan, schedule)?;
    }
}

/// The scenarios assert what "wired" means; here it only counts that no run fails. The rare schedule that leaves no
/// step to take is no case.
fn keeps_the_law(scenario: &Scenario, plan: FaultPlan, schedule: Vec<u8>) -> TestCaseResult {
    let run = campaign::run_once(scenario, Planned::new(plan, schedule, SCHEDULE)).expect("one run");
    prop_assume!(!matches!(run.ending, Ending::Void { .. }));
    prop_assert_eq!(run.ending, Ending::Passed, "replay: cargo run --release -- replay '{}'", run.token);
    Ok(())
}
