//! The whole startup beside a bridge that somebody else initializes and a request that comes early: one lattice of trees.

use nevernone::explore::Bounds;
use nevernone::{Scenario, any_moment, cancellable, never, sometimes, spawn};

use super::client::{FIVE, request, tail, thread};
use super::env::ExploredEnv;
use super::factory::{AT_ONCE, ChosenFactory, KINDS, THREE};
use crate::backend::SubmitError;
use crate::bridge::BridgeError;
use crate::startup::{Parts, Platform, Settings, StartupError};

type Explored = Platform<ExploredEnv>;

/// Every kind that comes at once, in nearly any number; every kind, a few of everything; few kinds, many of everything.
pub(super) fn lattice() -> [Scenario; 3] {
    [
        // Of six creations at most: only the runs in which all of them fail are left to the nightly search.
        Scenario::new("startup/full-faults", || async {
            sometimes("the bridge gave up", full_startup(AT_ONCE).await.bridge_failed);
        })
        .faults(5)
        .preemptions(0)
        .cancellations(0),
        Scenario::new("startup/full-bounded", || async {
            // Two faults are never enough for three attempts.
            full_startup(KINDS).await;
        })
        .faults(2)
        .preemptions(2)
        .cancellations(1),
        Scenario::new("startup/full-representative", || async {
            sometimes("the startup failed", full_startup(THREE).await.startup_failed);
        })
        .within(Bounds {
            preemptions: Some(3),
            cancellations: Some(1),
            stalls: Some(0),
            ..Bounds::unbounded()
        }),
    ]
}

/// Who ran out of attempts.
struct Ended {
    bridge_failed: bool,
    startup_failed: bool,
}

/// Eight agents; the startup's three attempts beside those of a bridge over the same cell; a request at any moment, which
/// is refused in so many words or answered with all of its events. The startup may be cancelled anywhere.
async fn full_startup(kinds: &'static [&'static str]) -> Ended {
    let factory = ChosenFactory::new(kinds);
    let parts = Parts { settings: Settings::lean(), ..Parts::standard(factory.clone()) };
    let platform = Platform::new(ExploredEnv::default(), parts).expect("the standard parts are valid");
    never("it is ready and not all of it is wired", half_built(platform.clone()));
    let (cell, bridge) = (platform.cell(), platform.bridge());
    let bridging = spawn("bridge", async move { bridge.initialize().await });
    let starting = spawn("startup", cancellable("startup", start(platform.clone())));
    any_moment("a request arrives").await;
    let early = ask(&platform).await;
    sometimes("a request overtook the startup", !early);
    sometimes("a request came after the startup", early);
    let (bridged, started) = (bridging.await, starting.await);
    match &started {
        Ok(Ok(())) => assert!(ask(&platform).await, "a platform that started refused a request"),
        Ok(Err(error)) => assert_told(error, factory.begun()),
        Err(_cancelled) => assert!(!platform.is_ready() && cell.get().is_none(), "a cancelled start left something"),
    }
    if let Err(BridgeError::Exhausted { attempts, .. }) = &bridged {
        assert!(attempts.count() <= 3, "{attempts}");
    }
    assert!(factory.begun() <= 6, "{} creations for two times three attempts", factory.begun());
    Ended { bridge_failed: bridged.is_err(), startup_failed: matches!(started, Ok(Err(_))) }
}

async fn start(platform: Explored) -> Result<(), StartupError> {
    platform.start().await
}

/// Looked at after every step, so the cheap question comes first; and as long as it is ready, its manager is the same and
/// nobody closes it, so one probe is enough.
fn half_built(platform: Explored) -> impl FnMut() -> bool {
    let mut delivers = false;
    move || {
        if !platform.is_ready() {
            return false;
        }
        delivers = delivers || platform.manager().is_some_and(|manager| manager.probe().is_ok());
        let agents = platform.readiness().agents;
        !((agents.wired, agents.total) == (8, 8) && delivers)
    }
}

/// Whether it was answered; else it was refused.
async fn ask(platform: &Explored) -> bool {
    let request = request(&thread());
    let Some(manager) = platform.manager() else {
        let refused = platform.submit(request).expect_err("no manager, and the request was accepted");
        assert_eq!(refused, SubmitError::NotReady);
        return false;
    };
    let events = tail(&manager, thread());
    platform.submit(request).expect("a ready platform accepts a request");
    assert_eq!(events.await, FIVE, "the events of one request, in order");
    true
}

/// Only the factory fails here: every attempt is told, and there were as many.
fn assert_told(error: &StartupError, begun: u32) {
    match error {
        StartupError::ManagerUnavailable { attempts, .. } => assert!(attempts.count() <= 3 && begun > 0, "{error}"),
        StartupError::Bridge(BridgeError::Exhausted { .. }) => {}
        other => panic!("nothing else fails here: {other}"),
    }
}
