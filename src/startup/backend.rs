//! The platform as the socket shell sees it.

use serde_json::Value;

use super::Platform;
use crate::{
    agents::AgentName,
    backend::{AgentRequest, Backend, Readiness, SubmitError},
    env::Env,
    event::RunId,
    manager::ManagerHandle,
    supervisor::Request,
};

impl<E: Env> Backend for Platform<E> {
    fn manager(&self) -> Option<ManagerHandle> {
        Self::manager(self)
    }

    fn readiness(&self) -> Readiness {
        Self::readiness(self)
    }

    fn submit(&self, request: AgentRequest) -> Result<RunId, SubmitError> {
        let agent = request.agent.parse().map_err(|_| unknown(&request.agent))?;
        let text = text(&request.payload)?;
        Self::submit(self, Request { agent, thread: request.thread, text })
    }

    async fn drain(&self) {
        Self::drain(self).await;
    }
}

fn unknown(agent: &str) -> SubmitError {
    let known = AgentName::ALL.iter().map(ToString::to_string).collect();
    SubmitError::UnknownAgent { agent: agent.to_owned(), known }
}

fn text(payload: &Value) -> Result<String, SubmitError> {
    let text = payload.get("text").and_then(Value::as_str);
    let reason = "it needs the request's words, as in {\"text\": \"…\"}";
    text.map(str::to_owned).ok_or_else(|| SubmitError::BadPayload { reason: reason.to_owned() })
}
