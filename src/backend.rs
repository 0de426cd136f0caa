//! What the socket shell needs of the platform, and nothing else.

use crate::event::{RunId, ThreadId, UserId};
use crate::manager::ManagerHandle;
use serde::Serialize;
use serde_json::Value;
use thiserror::Error;

/// The platform as the socket shell sees it. Clones are the same platform.
pub trait Backend: Clone + Send + Sync + 'static {
    /// The manager; `None` until the platform is ready, and again once it stops.
    fn manager(&self) -> Option<ManagerHandle>;

    /// What `/readyz` says. Called for every request to it, so it must not block.
    fn readiness(&self) -> Readiness;

    /// Starts a run, whose events reach the thread through the manager. Must not block: the run goes on after
    /// the call.
    fn submit(&self, request: AgentRequest) -> Result<RunId, SubmitError>;

    /// Refuses further requests and returns once the accepted ones have sent their last event. Called once, at
    /// shutdown; the shell gives it a deadline and drops it after that.
    fn drain(&self) -> impl Future<Output = ()> + Send;
}

/// What a client asks an agent to do. Thread and user are those of its connection, never of its message alone.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentRequest {
    /// Whose connection it came over.
    pub user: UserId,
    /// Where the events go.
    pub thread: ThreadId,
    /// The agent's name as the client gave it; the platform knows which exist.
    pub agent: String,
    /// Whatever the agent wants to know, usually with a `text`.
    pub payload: Value,
}

/// Why a request was not accepted. Nothing was started and no event will come.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SubmitError {
    /// The platform is not ready yet, or not any more.
    #[error("the service is not ready; ask /readyz and send the request again")]
    NotReady,
    /// Events cannot reach anybody at present.
    #[error("real-time events are unavailable: {reason}; send the request again later")]
    RealtimeUnavailable {
        /// What is broken.
        reason: String,
    },
    /// There is no such agent.
    #[error("there is no agent {agent:?}; the agents are {}", known.join(", "))]
    UnknownAgent {
        /// What the client asked for.
        agent: String,
        /// What it can ask for.
        known: Vec<String>,
    },
    /// The request names a tool that does not exist.
    #[error("there is no tool {tool:?}; the tools are {}", known.join(", "))]
    UnknownTool {
        /// What the client asked for.
        tool: String,
        /// What it can ask for.
        known: Vec<String>,
    },
    /// The payload lacks something, or has something of the wrong type.
    #[error("the payload is not usable: {reason}")]
    BadPayload {
        /// What is wrong, and what would be right.
        reason: String,
    },
    /// As many runs as may be are under way.
    #[error("all {limit} runs at a time are in use; send the request again later")]
    TooManyRuns {
        /// The limit.
        limit: usize,
    },
}

impl SubmitError {
    /// A stable name for programs, sent to the client.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotReady => "not_ready",
            Self::RealtimeUnavailable { .. } => "realtime_unavailable",
            Self::UnknownAgent { .. } => "unknown_agent",
            Self::UnknownTool { .. } => "unknown_tool",
            Self::BadPayload { .. } => "bad_payload",
            Self::TooManyRuns { .. } => "too_many_runs",
        }
    }
}

/// What `/readyz` tells, as JSON; 200 if `ready`, else 503.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Readiness {
    /// Whether requests are accepted: everything is wired and the self-test passed.
    pub ready: bool,
    /// How many agents have the manager.
    pub agents: WiredAgents,
    /// The bridge's state in one word.
    pub bridge: String,
    /// Clients connected now.
    pub connections: usize,
    /// Why it is not ready; absent if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// How many agents have the manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct WiredAgents {
    /// Those that have it.
    pub wired: usize,
    /// All.
    pub total: usize,
}
