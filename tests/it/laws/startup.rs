//! The platform's own start, among whatever else is asked of the platform, in any order and under any faults: it is wired whole,
//! or an error names the cause; nobody ever meets half of it.

use std::sync::Arc;

use nevernone::{
    Ending, Scenario, always, campaign,
    explore::{Bounds, FaultPlan, Planned},
    never, spawn,
    strategy::{Place, fault_plans, orders, schedules},
    watch,
};
use nevernone_reference::{
    agents::AgentName,
    backend::SubmitError,
    bridge::BridgeError,
    manager::ManagerError,
    retry::Attempts,
    scenarios::ExploredEnv,
    startup::{Parts, Platform, Settings, StartupError},
    supervisor::Request,
};
use proptest::{prelude::*, test_runner::TestCaseResult};

use super::config;
use crate::{
    chosen::Chosen,
    support::{Outcome, PLANNED, thread},
};

pub(super) type Tested = Platform<ExploredEnv>;

/// A platform that nobody ever meets half of.
pub(super) fn platform() -> (Tested, Arc<Chosen>) {
    let factory = Arc::new(Chosen::any());
    let parts = Parts { settings: Settings::lean(), ..Parts::standard(factory.clone()) };
    let platform = Platform::new(ExploredEnv::default(), parts).expect("the standard parts are valid");
    never("it is ready, and not all of it is wired", watch(&platform, is_half_built));
    (platform, factory)
}

fn is_half_built(platform: &Tested) -> bool {
    if !platform.is_ready() {
        return platform.manager().is_some();
    }
    let agents = platform.readiness().agents;
    (agents.wired, agents.total) != (8, 8) || platform.manager().is_none_or(|manager| manager.probe().is_err())
}

/// What can be asked of a platform, all of it at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Start,
    StartAgain,
    InitialiseTheBridge,
    Submit,
    CheckHealth,
    Stop,
}

const STEPS: [Step; 6] =
    [Step::Start, Step::Submit, Step::InitialiseTheBridge, Step::CheckHealth, Step::StartAgain, Step::Stop];

async fn take(step: Step, platform: Tested, factory: Arc<Chosen>) {
    match step {
        Step::Start | Step::StartAgain => match platform.start().await {
            // A stop that came in between has its own say, which `never` watches.
            Ok(()) => {}
            Err(error) => assert_names_its_cause(&error, &factory.outcomes()),
        },
        Step::InitialiseTheBridge => match platform.bridge().initialize().await {
            Ok(manager) => drop(manager),
            Err(BridgeError::Exhausted { attempts, .. }) => assert_each_is_named(&attempts, &factory.outcomes()),
            Err(other) => assert!(!other.to_string().is_empty()),
        },
        Step::Submit => {
            let request = Request { agent: AgentName::Triage, thread: thread("t"), text: "hello".to_owned() };
            let ready = platform.is_ready();
            match platform.submit(request) {
                Ok(_) => assert!(ready, "a platform that was not ready accepted a request"),
                Err(SubmitError::NotReady) => assert!(!ready, "a platform that was ready says that it is not"),
                Err(SubmitError::RealtimeUnavailable { .. }) => assert!(!ready),
                Err(other) => panic!("nothing else is wrong with the request: {other}"),
            }
        }
        Step::CheckHealth => drop(platform.health_check()),
        Step::Stop => platform.stop().await,
    }
}

fn assert_names_its_cause(error: &StartupError, outcomes: &[Outcome]) {
    match error {
        StartupError::ManagerUnavailable { attempts, .. }
        | StartupError::Bridge(BridgeError::Exhausted { attempts, .. }) => assert_each_is_named(attempts, outcomes),
        // What a stop, or another start, that was asked for at the same time comes to.
        StartupError::Stopped | StartupError::AlreadyStarting | StartupError::Stopping => {}
        other => panic!("nothing else fails here: {other}"),
    }
}

/// Every attempt's cause is one that a creation came to, in so many words.
fn assert_each_is_named(attempts: &Attempts<ManagerError>, outcomes: &[Outcome]) {
    let gave_up = matches!(attempts.last().cause, ManagerError::Retired);
    assert!(attempts.count() == 3 || (gave_up && attempts.count() < 3), "{attempts}");
    for attempt in attempts.iter() {
        let is_the_cause = |outcome: &Outcome| match (outcome, &attempt.cause) {
            (Outcome::Nothing, ManagerError::Nothing) => true,
            (Outcome::Without(part), ManagerError::Incomplete(incomplete)) => incomplete.missing == [*part],
            (Outcome::Error, ManagerError::Failed(_)) | (Outcome::Panic, ManagerError::Panicked(_)) => {
                attempt.cause.to_string().contains(PLANNED)
            }
            _ => false,
        };
        let is_a_stops = matches!(attempt.cause, ManagerError::Retired | ManagerError::Cancelled);
        assert!(is_a_stops || outcomes.iter().any(is_the_cause), "no creation came to {attempt}: {outcomes:?}");
    }
}

/// Everything at once, and what is left of it: a platform that serves, or one that starts as soon as nothing fails.
async fn all_at_once(order: Vec<Step>) {
    let (platform, factory) = platform();
    always("a manager that is published is complete", {
        let platform = platform.clone();
        move || platform.cell().get().is_none_or(|manager| !platform.is_ready() || manager.probe().is_ok())
    });
    let tasks: Vec<_> =
        order.into_iter().map(|step| spawn(name(step), take(step, platform.clone(), Arc::clone(&factory)))).collect();
    for task in tasks {
        task.await;
    }
    let readiness = platform.readiness();
    assert_eq!(readiness.ready, readiness.reason.is_none(), "ready, or it says why not: {readiness:?}");
    if !readiness.ready {
        assert_eq!(readiness.agents.wired, 0, "half of it is left: {readiness:?}");
    }
}

fn name(step: Step) -> &'static str {
    match step {
        Step::Start => "start",
        Step::StartAgain => "second start",
        Step::InitialiseTheBridge => "bridge",
        Step::Submit => "request",
        Step::CheckHealth => "health check",
        Step::Stop => "stop",
    }
}

/// Six creations each for two starts and a bridge, with what stops throw away.
const CREATIONS: [Place; 1] = [Place { name: "manager.create", kinds: 8, attempts: 12 }];

pub(super) fn bounds() -> Bounds {
    Bounds { preemptions: Some(6), stalls: Some(2), panics: Some(0), ..Bounds::unbounded() }
}

fn keeps_the_law(order: Vec<Step>, faults: FaultPlan, schedule: Vec<u8>) -> TestCaseResult {
    let scenario = Scenario::new("all-at-once", move || all_at_once(order.clone()));
    let run = campaign::run_once(&scenario, Planned::new(faults, schedule, bounds())).expect("one run");
    prop_assume!(!matches!(run.ending, Ending::Void { .. }));
    prop_assert_eq!(run.ending, Ending::Passed, "token: {}", run.token);
    Ok(())
}

proptest! {
    #![proptest_config(config(800))]

    #[test]
    fn in_any_order_and_under_any_faults_a_start_is_wired_whole_or_names_its_cause(
        order in orders(STEPS), faults in fault_plans(&CREATIONS), schedule in schedules(80)
    ) {
        keeps_the_law(order, faults, schedule)?;
    }
}
