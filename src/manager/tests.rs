//! What a consumer of the manager relies on.

mod bounds;
mod budget;
mod creation;
mod delivery;
mod edges;
mod validation;

use super::*;
use crate::event::{EventKind, RunId, WireEvent};
use serde_json::json;
use std::time::Duration;

fn manager(limits: Limits) -> ManagerHandle {
    Candidate::complete(limits).validate().expect("a complete candidate")
}

fn thread(name: &str) -> ThreadId {
    ThreadId::new(name).expect("a thread")
}

fn attach(manager: &ManagerHandle, name: &str) -> Connection {
    try_attach(manager, name).expect("attached")
}

fn try_attach(manager: &ManagerHandle, name: &str) -> Result<Connection, AttachError> {
    manager.attach(Attach { user: UserId::new("u").expect("a user"), thread: thread(name) })
}

fn event(number: u64) -> Event {
    Event {
        kind: EventKind::ProgressUpdate,
        run_id: RunId::new("r").expect("a run"),
        agent_name: "triage".to_owned(),
        timestamp: Duration::ZERO,
        payload: json!(number),
    }
}

fn send(manager: &ManagerHandle, name: &str, number: u64) -> Outcome {
    manager.send_to_thread(&thread(name), event(number))
}

/// What waits for a connection, as (thread, seq, payload).
fn received(connection: &mut Connection) -> Vec<(String, u64, u64)> {
    let Some(Batch::Frames(frames)) = connection.try_batch(usize::MAX) else {
        return Vec::new();
    };
    let told = |frame: &crate::event::Frame| {
        let event: WireEvent = serde_json::from_slice(&frame.bytes()).expect("an event");
        (event.thread_id, event.seq, event.payload.as_u64().expect("a number"))
    };
    frames.iter().map(told).collect()
}

fn told(name: &str, seq: u64, payload: u64) -> (String, u64, u64) {
    (name.to_owned(), seq, payload)
}
