//! A platform that knows every agent but one, and whose runs end at once with what they were asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use nevernone_reference::backend::{AgentRequest, Backend, Readiness, SubmitError, WiredAgents};
use nevernone_reference::event::{Event, EventKind, RunId};
use nevernone_reference::manager::{ManagerHandle, Outcome};

/// No such agent.
pub(super) const UNKNOWN: char = '?';

#[derive(Clone)]
pub(super) struct Recorder {
    manager: ManagerHandle,
    runs: Arc<AtomicU64>,
}

impl Recorder {
    pub(super) fn new(manager: ManagerHandle) -> Self {
        Self { manager, runs: Arc::default() }
    }
}

impl Backend for Recorder {
    fn manager(&self) -> Option<ManagerHandle> {
        Some(self.manager.clone())
    }

    fn readiness(&self) -> Readiness {
        let agents = WiredAgents { wired: 1, total: 1 };
        Readiness { ready: true, agents, bridge: "active".to_owned(), connections: 1, reason: None }
    }

    fn submit(&self, request: AgentRequest) -> Result<RunId, SubmitError> {
        if request.agent.starts_with(UNKNOWN) {
            return Err(SubmitError::UnknownAgent { agent: request.agent, known: vec!["any other".to_owned()] });
        }
        // The only writer is the session's own task.
        let number = self.runs.fetch_add(1, Ordering::Relaxed);
        let run_id = RunId::new(format!("r{number}")).expect("an id");
        let event = Event {
            kind: EventKind::AgentCompleted,
            run_id: run_id.clone(),
            agent_name: request.agent,
            timestamp: Duration::ZERO,
            payload: request.payload,
        };
        let sent = self.manager.send_to_thread(&request.thread, event);
        assert_eq!(sent, Outcome::Delivered(1), "the client is attached");
        Ok(run_id)
    }

    async fn drain(&self) {}
}
