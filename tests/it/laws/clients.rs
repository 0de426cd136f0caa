//! Whatever clients do around a start of the platform: each request is refused in so many words, or its end arrives exactly once,
//! in order and without a gap; what a slow client loses, it can see.

mod visitor;

use std::sync::Arc;

use nevernone::{
    Ending, Scenario, any_moment, campaign,
    explore::{FaultPlan, Planned},
    fault, spawn,
    strategy::{Client, ClientSize, Place, clients, fault_plans, schedules},
};
use nevernone_reference::{
    manager::{BoxFuture, Candidate, CreateError, Limits, ManagerFactory, SlowClient},
    scenarios::ExploredEnv,
    startup::{Parts, Platform, Settings},
};
use proptest::{collection::vec, prelude::*, test_runner::TestCaseResult};
use tokio::sync::Semaphore;

use self::visitor::{Diary, Visitor};
use super::{config, startup::bounds};
use crate::support::PLANNED;

type Tested = Platform<ExploredEnv>;

/// What happens beside the clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Setting {
    /// Room for few events, in a connection and in a backlog.
    tight: bool,
    /// The platform is stopped, at any moment.
    stopped: bool,
}

const TIGHT: usize = 6;
/// "Try again later."
const SLOW: u16 = 1013;

struct Factory(Limits);

impl ManagerFactory for Factory {
    fn create(&self) -> BoxFuture<'static, Result<Option<Candidate>, CreateError>> {
        let limits = self.0;
        Box::pin(async move {
            match fault("manager.create", &["error", "late"]).map(|fault| fault.kind) {
                Some("error") => return Err(CreateError::new(PLANNED)),
                Some(_) => tokio::time::sleep(nevernone::millis(70)).await,
                None => {}
            }
            Ok(Some(Candidate::complete(limits)))
        })
    }
}

fn platform(setting: Setting) -> Tested {
    let events = if setting.tight { TIGHT } else { Limits::default().outbox_events };
    let slow_client = SlowClient::Disconnect { code: SLOW };
    let limits = Limits { outbox_events: events, slow_client, ..Limits::default() };
    let parts = Parts { settings: Settings::lean(), ..Parts::standard(Arc::new(Factory(limits))) };
    Platform::new(ExploredEnv::default(), parts).expect("the standard parts are valid")
}

async fn all_of_them(clients: Vec<Client>, setting: Setting) {
    let platform = platform(setting);
    let ended = Arc::new(Semaphore::new(0));
    let visitors: Vec<_> = clients
        .into_iter()
        .enumerate()
        .map(|(number, client)| {
            let mut visitor = Visitor::new(number, platform.clone(), Arc::clone(&ended));
            // Nothing is up yet, so nobody has to wait for those who come before.
            let rest = visitor.come_early(client);
            (visitor, rest)
        })
        .collect();
    let starting = spawn("startup", {
        let (platform, ended) = (platform.clone(), Arc::clone(&ended));
        async move {
            let started = platform.start().await;
            ended.add_permits(Semaphore::MAX_PERMITS);
            started
        }
    });
    let visiting: Vec<_> = visitors.into_iter().map(|(visitor, rest)| spawn("client", visitor.come(rest))).collect();
    if setting.stopped {
        any_moment("a stop").await;
        platform.stop().await;
    }
    let mut diaries: Vec<Diary> = Vec::new();
    for visit in visiting {
        diaries.push(visit.await);
    }
    let started = starting.await;
    // A stop that came before the start had nothing to stop.
    assert!(platform.is_ready() == started.is_ok() || setting.stopped, "{started:?}, and {:?}", platform.readiness());
    judge(diaries, &platform, setting).await;
}

/// What the clients wrote down, against what they may expect.
async fn judge(diaries: Vec<Diary>, platform: &Tested, setting: Setting) {
    let manager = platform.manager();
    // Whatever was accepted has ended then, and the manager is still there.
    platform.drain().await;
    for mut diary in diaries {
        if let Some(manager) = &manager {
            diary.hear_the_rest(manager);
        }
        diary.assert_in_order();
        match (manager.is_some(), setting.tight) {
            (true, false) => diary.assert_nothing_is_lost(),
            (true, true) => diary.assert_losses_show(),
            (false, _) => {}
        }
    }
}

const CREATIONS: [Place; 1] = [Place { name: "manager.create", kinds: 2, attempts: 3 }];

fn keeps_the_law(clients: Vec<Client>, setting: Setting, faults: FaultPlan, schedule: Vec<u8>) -> TestCaseResult {
    let scenario = Scenario::new("clients", move || all_of_them(clients.clone(), setting));
    let run = campaign::run_once(&scenario, Planned::new(faults, schedule, bounds())).expect("one run");
    prop_assume!(!matches!(run.ending, Ending::Void { .. }));
    prop_assert_eq!(run.ending, Ending::Passed, "token: {}", run.token);
    Ok(())
}

fn some_clients() -> impl Strategy<Value = Vec<Client>> {
    vec(clients(ClientSize { visits: 3, acts: 5, ..ClientSize::default() }), 1..=3)
}

proptest! {
    #![proptest_config(config(800))]

    #[test]
    fn every_request_is_refused_by_name_or_ends_once_and_nothing_is_lost(
        clients in some_clients(), faults in fault_plans(&CREATIONS), schedule in schedules(120)
    ) {
        keeps_the_law(clients, Setting { tight: false, stopped: false }, faults, schedule)?;
    }

    #[test]
    fn what_a_client_that_reads_too_slowly_loses_shows_in_the_numbers(
        clients in some_clients(), schedule in schedules(120)
    ) {
        keeps_the_law(clients, Setting { tight: true, stopped: false }, FaultPlan::default(), schedule)?;
    }

    #[test]
    fn whoever_stays_until_a_stop_hears_every_end_before_the_close(
        clients in some_clients(), faults in fault_plans(&CREATIONS), schedule in schedules(120)
    ) {
        keeps_the_law(clients, Setting { tight: false, stopped: true }, faults, schedule)?;
    }
}
