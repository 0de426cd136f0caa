//! What several models need: a manager and its events, factories, and an environment in which no time passes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use std::{future::ready, pin::pin};

use nevernone_reference::env::Env;
use nevernone_reference::event::{Event, EventKind, RunId, ThreadId, UserId, WireEvent};
use nevernone_reference::manager::{
    Attach, AttachError, Batch, BoxFuture, Candidate, Connection, CreateError, Limits, ManagerFactory, ManagerHandle,
    Outcome,
};
use nevernone_reference::sync::block_on_poll;

pub(crate) fn manager(limits: Limits) -> ManagerHandle {
    Candidate::complete(limits).validate().unwrap()
}

/// The one thread that every model talks to.
pub(crate) fn thread_id() -> ThreadId {
    ThreadId::new("t").unwrap()
}

pub(crate) fn try_follow(manager: &ManagerHandle) -> Result<Connection, AttachError> {
    manager.attach(Attach { user: UserId::new("u").unwrap(), thread: thread_id() })
}

pub(crate) fn follow(manager: &ManagerHandle) -> Connection {
    try_follow(manager).unwrap()
}

/// Sends an event whose payload is `number`.
pub(crate) fn send(manager: &ManagerHandle, number: u64) -> Outcome {
    let event = Event {
        kind: EventKind::ProgressUpdate,
        run_id: RunId::new("r").unwrap(),
        agent_name: "triage".to_owned(),
        timestamp: Duration::ZERO,
        payload: number.into(),
    };
    manager.send_to_thread(&thread_id(), event)
}

/// What waits for a connection now, oldest first.
pub(crate) fn waiting(connection: &mut Connection) -> Vec<WireEvent> {
    match connection.try_batch(usize::MAX) {
        Some(Batch::Frames(frames)) => {
            frames.iter().map(|frame| serde_json::from_slice(&frame.bytes()).unwrap()).collect()
        }
        Some(Batch::Closed(_)) | None => Vec::new(),
    }
}

/// The same, as (seq, payload).
pub(crate) fn numbers(connection: &mut Connection) -> Vec<(u64, u64)> {
    waiting(connection).iter().map(|event| (event.seq, event.payload.as_u64().unwrap())).collect()
}

/// Polls on this thread of the model until there is an answer; one that never comes is a deadlock, which loom reports.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    block_on_poll(|context| future.as_mut().poll(context))
}

/// An environment in which every wait is over at once, and nothing is spawned.
#[derive(Clone)]
pub(crate) struct Hasty;

impl Env for Hasty {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _wait: Duration) -> impl Future<Output = ()> + Send {
        ready(())
    }

    fn spawn(&self, name: &'static str, _task: impl Future<Output = ()> + Send + 'static) {
        panic!("nothing of this model spawns, not even {name}");
    }
}

/// Makes a manager at once, or fails at once; counts how often it was asked. The count is std's: it is no part of the model.
#[derive(Default)]
pub(crate) struct Factory {
    pub(crate) fails: bool,
    asked: AtomicUsize,
}

impl Factory {
    pub(crate) fn good() -> Arc<Self> {
        Arc::default()
    }

    pub(crate) fn failing() -> Arc<Self> {
        Arc::new(Self { fails: true, ..Self::default() })
    }

    pub(crate) fn asked(&self) -> usize {
        // Relaxed: loom runs all its threads on this one.
        self.asked.load(Ordering::Relaxed)
    }
}

impl ManagerFactory for Factory {
    fn create(&self) -> BoxFuture<'static, Result<Option<Candidate>, CreateError>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let fails = self.fails;
        Box::pin(async move {
            if fails { Err(CreateError::new("planned")) } else { Ok(Some(Candidate::complete(Limits::default()))) }
        })
    }
}
