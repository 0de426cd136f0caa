//! Requests at any moment of a startup.

use std::sync::Arc;

use nevernone::{always, any_moment, cancellable, logs, sometimes, spawn, watch};

use super::client::{FIVE, request, tail};
use super::env::ExploredEnv;
use super::factory::{ChosenFactory, REPRESENTATIVE};
use crate::backend::SubmitError;
use crate::event::ThreadId;
use crate::startup::{Parts, Platform, Settings, StartupError};

/// The whole startup, cancelled anywhere, tried again; a request at any moment of it, the waits between attempts
/// included. It is refused in so many words, or all of its events arrive.
pub(super) async fn early_request() {
    let factory = ChosenFactory::new(REPRESENTATIVE);
    let parts = Parts { settings: Settings::lean(), ..Parts::standard(factory.clone()) };
    let platform = Platform::new(ExploredEnv::default(), parts).expect("the standard parts are valid");
    let wired = |platform: &Platform<ExploredEnv>| {
        let readiness = platform.readiness();
        !readiness.ready || readiness.agents.wired == readiness.agents.total
    };
    let complete = |platform: &Platform<ExploredEnv>| match platform.cell().get() {
        Some(manager) => manager.probe().is_ok(),
        None => true,
    };
    logs::forbid("set to None");
    always("a published manager is complete", watch(&platform, complete));
    always("ready means wired", watch(&platform, wired));
    let starting = spawn("startup", start_again_if_cancelled(platform.clone(), factory.clone()));
    any_moment("a request arrives").await;
    let waiting_after = if factory.is_running() { 0 } else { factory.begun() };
    let early = ask(&platform).await;
    if early == Asked::Refused {
        sometimes("a request came before the first attempt", factory.begun() == 0);
        sometimes("a request came in the wait after attempt 1", waiting_after == 1);
        sometimes("a request came in the wait after attempt 2", waiting_after == 2);
    }
    sometimes("a request came after the startup", early == Asked::Served);
    let started = starting.await;
    sometimes("the startup failed", started.is_err());
    if started.is_ok() {
        logs::require("WebSocketManager validated on attempt");
    }
    let late = ask(&platform).await;
    let expected = if started.is_ok() { Asked::Served } else { Asked::Refused };
    assert_eq!(late, expected, "after a startup that ended with {started:?}");
}

/// A start that may be cancelled anywhere; the next one then has its three attempts as if it were the first.
async fn start_again_if_cancelled(
    platform: Platform<ExploredEnv>,
    factory: Arc<ChosenFactory>,
) -> Result<(), StartupError> {
    let first = cancellable("startup", {
        let platform = platform.clone();
        async move { platform.start().await }
    });
    if let Ok(ended) = first.await {
        return ended;
    }
    let begun_before = factory.begun();
    let second = platform.start().await;
    let begun = factory.begun() - begun_before;
    assert!(second.is_ok() || begun == 3, "after a cancelled start the next one gave up after {begun} attempts");
    second
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Refused,
    Served,
}

/// Connects, if the platform lets one in, sends a request, and reads its events to the terminal one.
async fn ask(platform: &Platform<ExploredEnv>) -> Asked {
    let thread = ThreadId::new("thread").expect("a valid name");
    let request = request(&thread);
    let Some(manager) = platform.manager() else {
        let refused = platform.submit(request).expect_err("no manager, and the request was accepted");
        assert_eq!(refused, SubmitError::NotReady);
        return Asked::Refused;
    };
    let events = tail(&manager, thread);
    platform.submit(request).expect("a ready platform accepts a request");
    let kinds = events.await;
    assert_eq!(kinds, FIVE, "the events of one request, in order");
    Asked::Served
}
