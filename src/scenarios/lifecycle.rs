//! Starts that are stopped, doubled, crashed; stops beside requests; a platform that degrades and comes back.

use std::sync::Arc;

use nevernone::{always, any_moment, restartable, sometimes, spawn, watch};

use super::client::{FIVE, attach, hear, request, tail, thread};
use super::env::ExploredEnv;
use super::factory::{ChosenFactory, REPRESENTATIVE};
use crate::backend::SubmitError;
use crate::bridge::BridgeState;
use crate::event::{EventKind, ThreadId};
use crate::startup::{Parts, Platform, Settings, StartupError};

type Explored = Platform<ExploredEnv>;

/// A platform whose every creation is a draw of these kinds, watched: ready means wired to a manager that delivers.
fn platform(kinds: &'static [&'static str]) -> (Explored, Arc<ChosenFactory>) {
    let factory = ChosenFactory::new(kinds);
    let parts = Parts { settings: Settings::lean(), ..Parts::standard(factory.clone()) };
    let platform = Platform::new(ExploredEnv::default(), parts).expect("the standard parts are valid");
    always(
        "ready means wired",
        watch(&platform, |platform: &Explored| {
            let readiness = platform.readiness();
            !readiness.ready || readiness.agents.wired == readiness.agents.total
        }),
    );
    (platform, factory)
}

async fn start(platform: Explored) -> Result<(), StartupError> {
    platform.start().await
}

/// Nothing of a start is left that anybody could meet.
fn is_pristine(platform: &Explored) -> bool {
    let readiness = platform.readiness();
    !platform.is_ready()
        && platform.manager().is_none()
        && platform.cell().get().is_none()
        && (readiness.agents.wired, readiness.bridge.as_str()) == (0, "uninitialized")
}

async fn assert_serves(platform: &Explored) {
    let manager = platform.manager().expect("a platform that started has a manager");
    let events = tail(&manager, thread());
    platform.submit(request(&thread())).expect("a platform that started accepts a request");
    assert_eq!(events.await, FIVE);
}

/// A stop at any moment of a start wins and leaves nothing behind, whatever the start still does; and the platform
/// starts again.
pub(super) async fn stop_during_start() {
    let (platform, factory) = platform(&["nothing", "late"]);
    let starting = spawn("startup", start(platform.clone()));
    any_moment("a stop arrives").await;
    let was_begun = factory.begun() > 0;
    let was_ready = platform.is_ready();
    platform.stop().await;
    let stopped = is_pristine(&platform);
    let started = starting.await;
    sometimes("the stop came in the middle of the start", was_begun && !was_ready);
    sometimes("the stop came after the start", was_ready);
    if was_begun {
        assert!(stopped, "after a stop: {:?}", platform.readiness());
        assert!(is_pristine(&platform), "after a stop, and what the start did then: {:?}", platform.readiness());
        assert!(was_ready || started.is_err(), "a start that was stopped says that it succeeded");
    }
    let before = factory.begun();
    match platform.start().await {
        Ok(()) => assert_serves(&platform).await,
        Err(error) => assert_eq!(factory.begun() - before, 3, "the next start gave up early: {error}"),
    }
}

/// Two starts at once: one does the work, and the other one is told so or finds it done.
pub(super) async fn two_starts() {
    let (platform, factory) = platform(REPRESENTATIVE);
    let first = spawn("first start", start(platform.clone()));
    let second = spawn("second start", start(platform.clone()));
    let (first, second) = (first.await, second.await);
    let is_told = |ended: &Result<(), StartupError>| matches!(ended, Err(StartupError::AlreadyStarting));
    sometimes("the second start was told of the first", is_told(&second));
    sometimes("both found it started", first.is_ok() && second.is_ok());
    assert!(!(is_told(&first) && is_told(&second)), "each start was told of the other, and nobody started");
    let started = first.is_ok() || second.is_ok();
    assert_eq!(platform.is_ready(), started, "first: {first:?}, second: {second:?}");
    assert!(factory.begun() <= 6, "{} creations for two starts", factory.begun());
    if started {
        assert_serves(&platform).await;
    }
}

/// The process crashes anywhere in its start, and starts again.
pub(super) async fn crash_and_second_start() {
    let factory = ChosenFactory::new(&["nothing", "late"]);
    let made = Arc::clone(&factory);
    let started = restartable("platform", move || {
        let factory = Arc::clone(&made);
        async move {
            // What outlives the process is the world: the factory's resources.
            assert!(!factory.is_running(), "a creation of the process that crashed goes on");
            let parts = Parts { settings: Settings::lean(), ..Parts::standard(factory.clone()) };
            let platform = Platform::new(ExploredEnv::default(), parts).expect("the standard parts are valid");
            let before = factory.begun();
            let started = platform.start().await;
            if started.is_ok() {
                assert_serves(&platform).await;
            }
            (started, factory.begun() - before)
        }
    });
    let (started, attempts) = started.await;
    sometimes("it crashed on the way", factory.begun() > attempts);
    assert!(started.is_ok() || attempts == 3, "the start after a crash gave up after {attempts} attempts");
    assert!(!factory.is_running());
}

/// A stop beside requests that arrive at any moment: each is refused in so many words, or its client hears its end.
pub(super) async fn drain_vs_arrivals() {
    let (platform, _) = platform(&[]);
    platform.start().await.expect("nothing fails here");
    let manager = platform.manager().expect("it is ready");
    let stopping = spawn("stop", {
        let platform = platform.clone();
        async move { platform.stop().await }
    });
    let arrive = |name: &'static str| {
        let (platform, thread) = (platform.clone(), ThreadId::new(name).expect("a valid name"));
        // Attached before the stop: who comes later is refused at the door.
        let mut connection = attach(&manager, thread.clone());
        spawn(name, async move {
            any_moment("a request arrives").await;
            let accepted = platform.submit(request(&thread));
            if let Err(refused) = accepted {
                assert_eq!(refused, SubmitError::NotReady);
                return false;
            }
            let heard = hear(&mut connection, |event| event.kind.is_terminal()).await;
            let last = heard.events.last().map(|event| event.kind);
            assert_eq!(last, Some(EventKind::AgentCompleted), "accepted, and closed with {:?} first", heard.closed);
            true
        })
    };
    let (one, two) = (arrive("one"), arrive("two"));
    let (one, two) = (one.await, two.await);
    sometimes("a request was accepted", one || two);
    sometimes("a request was refused", !one || !two);
    stopping.await;
    assert!(is_pristine(&platform));
}

/// The manager goes down under a ready platform. Degraded is loud: requests are refused with a reason, or their client
/// is closed; and a new start brings everything back.
pub(super) async fn degraded_and_back() {
    let (platform, _) = platform(&[]);
    platform.start().await.expect("nothing fails here");
    let manager = platform.manager().expect("it is ready");
    let mut connection = attach(&manager, thread());
    let outage = spawn("outage", {
        let platform = platform.clone();
        async move {
            any_moment("the manager goes down").await;
            manager.close_all(INTERNAL_ERROR, "it broke");
            any_moment("somebody looks").await;
            assert_eq!(platform.health_check(), BridgeState::Degraded);
            let readiness = platform.readiness();
            assert!(!readiness.ready && readiness.reason.is_some(), "degraded, and quiet about it: {readiness:?}");
        }
    });
    any_moment("a request arrives").await;
    let is_known = platform.bridge().state() == BridgeState::Degraded;
    let asked = platform.submit(request(&thread()));
    sometimes("a request was refused with the reason", asked.is_err());
    match asked {
        Ok(_) => {
            assert!(!is_known, "a platform that knows that it is degraded accepted a request");
            let heard = hear(&mut connection, |event| event.kind.is_terminal()).await;
            let kinds: Vec<EventKind> = heard.events.iter().map(|event| event.kind).collect();
            sometimes("a client was closed in the middle", heard.closed.is_some());
            assert!(kinds == FIVE || heard.closed == Some(INTERNAL_ERROR), "{kinds:?}, closed: {:?}", heard.closed);
        }
        Err(refused) => assert!(matches!(refused, SubmitError::RealtimeUnavailable { .. }), "{refused}"),
    }
    outage.await;
    platform.stop().await;
    platform.start().await.expect("nothing fails here");
    assert_serves(&platform).await;
}

/// The WebSocket close code of a server that broke.
const INTERNAL_ERROR: u16 = 1011;
