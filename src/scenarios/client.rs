//! A client: follows a thread, asks, and tells what it heard.

use crate::agents::AgentName;
use crate::event::{Event, EventKind, RunId, ThreadId, UserId, WireEvent};
use crate::manager::{Attach, Batch, Connection, ManagerHandle};
use crate::supervisor::Request;
use std::time::Duration;

/// The events of one request to an agent that uses a tool, in order.
pub(super) const FIVE: [EventKind; 5] = [
    EventKind::AgentStarted,
    EventKind::AgentThinking,
    EventKind::ToolExecuting,
    EventKind::ToolCompleted,
    EventKind::AgentCompleted,
];

/// A request that leads to [`FIVE`].
pub(super) fn request(thread: &ThreadId) -> Request {
    let text = "what is 6 * 7?".to_owned();
    Request { agent: AgentName::Optimization, thread: thread.clone(), text }
}

/// An event of nobody's run.
pub(super) fn event() -> Event {
    Event {
        kind: EventKind::ProgressUpdate,
        run_id: RunId::new("run").expect("a valid name"),
        agent_name: "triage".to_owned(),
        timestamp: Duration::ZERO,
        payload: serde_json::Value::Null,
    }
}

pub(super) fn thread() -> ThreadId {
    ThreadId::new("thread").expect("a valid name")
}

/// Follows a thread from now on.
pub(super) fn attach(manager: &ManagerHandle, thread: ThreadId) -> Connection {
    let user = UserId::new("user").expect("a valid name");
    manager.attach(Attach { user, thread }).expect("there is room for a connection")
}

/// The kinds of the thread's events up to the terminal one. Attached before this returns.
pub(super) fn tail(manager: &ManagerHandle, thread: ThreadId) -> impl Future<Output = Vec<EventKind>> + use<> {
    let mut connection = attach(manager, thread);
    async move {
        let is_last = |event: &WireEvent| event.kind.is_terminal();
        hear(&mut connection, is_last).await.events.iter().map(|event| event.kind).collect()
    }
}

/// What a client heard.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) events: Vec<WireEvent>,
    /// The code with which it was closed, if that came first.
    pub(super) closed: Option<u16>,
}

/// Listens up to the event that is the last one, or to the close.
pub(super) async fn hear(connection: &mut Connection, is_last: impl Fn(&WireEvent) -> bool) -> Heard {
    let mut events: Vec<WireEvent> = Vec::new();
    while !events.last().is_some_and(&is_last) {
        match connection.next_batch(1).await {
            Batch::Frames(frames) => events.extend(frames.iter().map(|frame| read(&frame.bytes()))),
            Batch::Closed(close) => return Heard { events, closed: Some(close.code) },
        }
    }
    Heard { events, closed: None }
}

pub(super) fn read(frame: &[u8]) -> WireEvent {
    serde_json::from_slice(frame).expect("the manager sends events as JSON")
}
