//! What a client is told about a run. An [`Event`] has no sequence number yet: the manager gives it, so
//! that no sender can forge or repeat one, and what a client reads is a [`WireEvent`].

pub use crate::id::{ConnectionId, IdError, LONGEST_ID, RunId, ThreadId, UserId};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt::Write as _;
use std::time::Duration;

/// Room for `,"seq":18446744073709551615}`, so that numbering an event allocates nothing.
const NUMBER_ROOM: usize = 28;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A run began.
    AgentStarted,
    /// The agent works on the request.
    AgentThinking,
    /// A tool was called.
    ToolExecuting,
    /// A tool returned; `payload.result` is what it computed.
    ToolCompleted,
    /// The run ended well. Terminal.
    AgentCompleted,
    /// The run ended badly. Terminal.
    AgentError,
    /// A long step tells how far it is.
    ProgressUpdate,
}

impl EventKind {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AgentStarted => "agent_started",
            Self::AgentThinking => "agent_thinking",
            Self::ToolExecuting => "tool_executing",
            Self::ToolCompleted => "tool_completed",
            Self::AgentCompleted => "agent_completed",
            Self::AgentError => "agent_error",
            Self::ProgressUpdate => "progress_update",
        }
    }

    /// Whether this is the last event of its run.
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::AgentCompleted | Self::AgentError)
    }
}

/// One thing that happened in a run, as its sender knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// In which run.
    pub run_id: RunId,
    /// To which agent.
    pub agent_name: String,
    /// When, on the sender's injected clock; told in whole milliseconds.
    pub timestamp: Duration,
    /// Whatever belongs to the kind.
    pub payload: Value,
}

/// An event as a client reads it. Unknown fields are ignored.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct WireEvent {
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventKind,
    /// In which run.
    pub run_id: String,
    /// In which thread.
    pub thread_id: String,
    /// To which agent.
    pub agent_name: String,
    /// Milliseconds on the platform's clock.
    pub timestamp: u64,
    /// Whatever belongs to the kind.
    pub payload: Value,
    /// The event's place in its thread, from 1. A gap means that an event was dropped.
    pub seq: u64,
}

/// One serialised message, shared and not copied by all who send it. Always UTF-8, since only a `String` becomes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    text: Bytes,
    audience: Audience,
}

/// For whom a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Audience {
    /// An event: for whoever follows the thread, also later.
    Thread,
    /// A reply: for the one connection that caused it.
    Connection,
}

impl Frame {
    /// A reply to one connection, outside the thread's numbering.
    pub fn reply(text: String) -> Self {
        Self { text: text.into(), audience: Audience::Connection }
    }

    /// The text's bytes, shared.
    pub fn bytes(&self) -> Bytes {
        self.text.clone()
    }

    /// Size in bytes.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether a later connection of the same thread may get it, too.
    pub(crate) fn is_for_thread(&self) -> bool {
        self.audience == Audience::Thread
    }
}

/// An event's JSON but for the number and the closing brace. Serialising is the dear part and happens
/// before any lock; the number is appended under the lock that orders the thread.
pub(crate) struct Unnumbered(String);

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: EventKind,
    run_id: &'a RunId,
    thread_id: &'a ThreadId,
    agent_name: &'a str,
    timestamp: u64,
    payload: &'a Value,
}

impl Unnumbered {
    pub(crate) fn new(thread: &ThreadId, event: &Event) -> serde_json::Result<Self> {
        let timestamp = u64::try_from(event.timestamp.as_millis()).unwrap_or(u64::MAX);
        let body = Body {
            kind: event.kind,
            run_id: &event.run_id,
            thread_id: thread,
            agent_name: &event.agent_name,
            timestamp,
            payload: &event.payload,
        };
        let mut json = serde_json::to_string(&body)?;
        json.pop();
        json.reserve(NUMBER_ROOM);
        Ok(Self(json))
    }

    /// Upper bound of the finished frame's size in bytes.
    pub(crate) fn len(&self) -> usize {
        self.0.len() + NUMBER_ROOM
    }

    pub(crate) fn number(mut self, seq: u64) -> Frame {
        // Writing to a `String` cannot fail.
        let _ = write!(self.0, ",\"seq\":{seq}}}");
        Frame { text: self.0.into(), audience: Audience::Thread }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event() -> Event {
        Event {
            kind: EventKind::ToolCompleted,
            run_id: RunId::new("r1").expect("an id"),
            agent_name: "triage".into(),
            timestamp: Duration::from_millis(1_234),
            payload: json!({"result": "a}\"b"}),
        }
    }

    #[test]
    fn a_kind_is_named_as_on_the_wire() {
        let kinds =
            [EventKind::AgentStarted, EventKind::AgentThinking, EventKind::ToolExecuting, EventKind::ToolCompleted];
        for kind in
            kinds.into_iter().chain([EventKind::AgentCompleted, EventKind::AgentError, EventKind::ProgressUpdate])
        {
            assert_eq!(json!(kind), kind.name());
        }
    }

    #[test]
    fn the_wire_has_every_field_of_the_contract() {
        let thread = ThreadId::new("t1").expect("an id");
        let frame = Unnumbered::new(&thread, &event()).expect("serialises").number(u64::MAX);
        let value: Value = serde_json::from_slice(&frame.bytes()).expect("JSON");
        assert_eq!(
            value,
            json!({
                "type": "tool_completed", "run_id": "r1", "thread_id": "t1", "agent_name": "triage",
                "timestamp": 1_234, "payload": {"result": "a}\"b"}, "seq": u64::MAX
            })
        );
    }

    #[test]
    fn the_length_told_before_numbering_is_never_too_small() {
        let thread = ThreadId::new("t1").expect("an id");
        let body = Unnumbered::new(&thread, &event()).expect("serialises");
        let told = body.len();
        assert!(body.number(u64::MAX).len() <= told);
    }

    #[test]
    fn a_run_ends_with_completion_or_error_only() {
        assert!(EventKind::AgentCompleted.is_terminal() && EventKind::AgentError.is_terminal());
        assert!(!EventKind::ToolCompleted.is_terminal());
    }
}
