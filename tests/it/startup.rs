//! What one relies on when the platform starts and stops: ready means usable, before it nothing is accepted, and
//! whatever interrupts a start leaves nothing behind.

mod interrupted;
mod serving;
mod starting;
mod stopping;

use std::{
    error::Error,
    future::Future,
    num::NonZeroUsize,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use nevernone_reference::{
    agents::{Agent, AgentName},
    backend::{AgentRequest, Backend, SubmitError},
    bridge::BridgeState,
    env::TokioEnv,
    event::{EventKind, UserId},
    manager::{BoxFuture, Candidate, CreateError, ManagerError, ManagerFactory, obtain},
    startup::{Parts, Platform, Settings, StartupError, Step},
    supervisor::{Pace, Request, Supervisor},
};
use serde_json::json;
use tokio::time::{Instant, timeout};
use tracing_test::traced_test;

use crate::support::{Client, Delayed, Outcome, Script, kinds, thread};

const SHORT: Duration = Duration::from_millis(10);

type Tested = Platform<TokioEnv>;

fn platform(parts: Parts) -> Tested {
    Platform::new(TokioEnv::new(), parts).unwrap()
}

fn parts(factory: Arc<dyn ManagerFactory>) -> Parts {
    Parts { settings: Settings::lean(), ..Parts::standard(factory) }
}

fn scripted(outcomes: impl IntoIterator<Item = Outcome>) -> (Tested, Arc<Script>) {
    let script = Script::new(outcomes);
    (platform(parts(script.clone())), script)
}

fn request(text: &str) -> Request {
    Request { agent: AgentName::Triage, thread: thread("thread"), text: text.to_owned() }
}

/// Starts beside the caller, and gives that start a chance to get as far as it can.
async fn begin(platform: &Tested) -> tokio::task::JoinHandle<Result<(), StartupError>> {
    let starting = platform.clone();
    let start = tokio::spawn(async move { starting.start().await });
    tokio::task::yield_now().await;
    start
}

/// Nothing of a start is left: not ready, not wired, bridge as new.
fn assert_pristine(platform: &Tested) {
    let readiness = platform.readiness();
    assert_eq!((platform.is_ready(), readiness.ready, readiness.agents.wired), (false, false, 0));
    assert_eq!(readiness.bridge, "uninitialized");
    assert!(platform.manager().is_none() && platform.cell().get().is_none());
}

/// Ready, and a request's events reach a client.
async fn assert_serves(platform: &Tested) {
    let readiness = platform.readiness();
    assert_eq!((platform.is_ready(), readiness.agents.wired, readiness.agents.total), (true, 8, 8), "{readiness:?}");
    // As a socket shell has it.
    let mut client = Client::attach(&Backend::manager(platform).unwrap(), "thread");
    platform.submit(request("hello invoice")).unwrap();
    let events = client.until_ended(1).await;
    assert_eq!(events.last().unwrap().kind, EventKind::AgentCompleted);
}
