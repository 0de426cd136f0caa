//! The incident's own six tests, by name: here each is one story that is read in ten seconds, in `explored` it is every
//! story within a bound. Every sequence of creation outcomes, with its times, is in `creation_outcomes`.

#[cfg(feature = "check")]
mod explored;

use std::time::Duration;

use futures_util::future::join_all;
use nevernone_reference::{
    agents::Agent,
    bridge::Bridge,
    env::TokioEnv,
    manager::{Candidate, Limits, ManagerError, Part, obtain},
    registry::{Registry, WiringError},
    startup::{Parts, Platform, Settings},
    tools::ToolDispatcher,
};
use tokio::time::Instant;

use crate::support::{Delayed, Outcome, Script, cell, manager};

fn registry() -> Registry {
    Registry::new(Agent::standard(), ToolDispatcher::standard()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn never_none() {
    let (cell, factory) = (cell(), Delayed::new(Duration::from_millis(10), Outcome::Fine));
    let eight_callers_at_once = (0..8).map(|_| obtain(&cell, &factory));
    for answer in join_all(eight_callers_at_once).await {
        answer.unwrap().probe().unwrap();
    }
    assert_eq!(factory.created(), 1);
}

#[test]
fn registry_rejects_none() {
    let registry = registry();
    assert_eq!(registry.wire(None).unwrap_err(), WiringError::NoManager { agents: 8 });
    assert_eq!(registry.wired(), 0);
}

#[test]
fn registry_rejects_incomplete() {
    // What lacks a part never becomes a manager, so the registry cannot even be offered it…
    for part in Part::ALL {
        let refused = Candidate::complete(Limits::default()).without(part).validate().unwrap_err();
        assert_eq!(refused.missing, [part]);
    }
    // … and one that no longer delivers is refused.
    let (registry, closed) = (registry(), manager());
    closed.close_all(1001, "gone");
    let refused = registry.wire(Some(closed)).unwrap_err();
    assert_eq!(refused, WiringError::Incomplete { missing: vec![Part::SendToThread] });
    assert_eq!(registry.wired(), 0);
}

#[tokio::test(start_paused = true)]
async fn bridge_retries() {
    let factory = Script::new([Outcome::Nothing, Outcome::Without(Part::Connections), Outcome::Fine]);
    let (bridge, start) = (Bridge::new(TokioEnv::new(), cell(), factory.clone()), Instant::now());
    bridge.initialize().await.unwrap().probe().unwrap();
    assert_eq!((factory.created(), start.elapsed()), (3, Duration::from_millis(50 + 100)));
}

#[tokio::test(start_paused = true)]
async fn startup_retries() {
    let factory = Script::new([Outcome::Nothing, Outcome::Panic, Outcome::Fine]);
    let parts = Parts { settings: Settings::lean(), ..Parts::standard(factory.clone()) };
    let (platform, start) = (Platform::new(TokioEnv::new(), parts).unwrap(), Instant::now());
    platform.start().await.unwrap();
    assert_eq!((factory.created(), start.elapsed()), (3, Duration::from_millis(100 + 200)));
    assert_eq!((platform.is_ready(), platform.readiness().agents.wired), (true, 8));
}

#[tokio::test(start_paused = true)]
async fn creation_failure_raises() {
    let (cell, factory) = (cell(), Script::new([Outcome::Error]));
    let error = obtain(&cell, &*factory).await.unwrap_err();
    assert!(matches!(error, ManagerError::Failed(_)), "{error}");
    assert!(cell.get().is_none(), "nothing half-made is left");
    obtain(&cell, &*factory).await.unwrap().probe().unwrap();
}
