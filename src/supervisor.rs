//! Runs requests: picks the agent, runs its tool, tells the thread. However a run ends, its thread hears it once.

mod run;

use std::{future::poll_fn, task::Poll, time::Duration};

use serde_json::{Value, json};

pub use self::run::Finished;
use self::run::Narrator;
use crate::{
    agents::AgentName,
    env::Env,
    event::{EventKind, RunId, ThreadId},
    registry::{Wired, WiredAgent},
    tools::ToolError,
};

/// What somebody wants of an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Which agent.
    pub agent: AgentName,
    /// Who hears of it.
    pub thread: ThreadId,
    /// What it is about.
    pub text: String,
}

/// How a run shares its thread of execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pace {
    /// Gives way once before its tool computes, so that many runs take turns.
    #[default]
    Considerate,
    /// Never gives way: one poll runs everything.
    Immediate,
    /// Waits this long before its tool computes.
    Thinking(Duration),
}

/// The supervisor: it runs nothing without a [`Wired`], so it cannot be built from missing dependencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Supervisor {
    /// How its runs share their thread of execution.
    pub pace: Pace,
}

/// No agent of that name is registered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("agent {agent} is not registered on this platform: list it in the platform's parts or ask another agent")]
pub struct NotRegistered {
    /// The agent that was asked for.
    pub agent: AgentName,
}

/// An accepted run. Dropped before its end, at whatever point, it tells its thread `agent_error`.
#[must_use = "a run that is dropped ends in agent_error"]
pub struct Run<E: Env> {
    env: E,
    pace: Pace,
    wired: Wired,
    agent: WiredAgent,
    narrator: Narrator<E>,
    text: String,
}

impl Supervisor {
    /// Accepts a request as the run `run_id`; from here on its thread hears exactly one terminal event.
    pub fn begin<E: Env>(&self, env: E, wired: Wired, accepted: Accepted) -> Result<Run<E>, NotRegistered> {
        let Accepted { run_id, request } = accepted;
        let agent = wired.agent(request.agent).ok_or(NotRegistered { agent: request.agent })?.clone();
        let narrator = Narrator::new(env.clone(), agent.manager.clone(), run_id, &request);
        Ok(Run { env, pace: self.pace, wired, agent, narrator, text: request.text })
    }
}

/// A request with the run that it becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Unique within the platform.
    pub run_id: RunId,
    /// What is wanted.
    pub request: Request,
}

impl<E: Env> Run<E> {
    /// Which run this is.
    pub fn run_id(&self) -> &RunId {
        self.narrator.run_id()
    }

    /// Runs to the end and tells the thread each step.
    ///
    /// Not cancel safe for the *request*, but safe for those who wait: dropped anywhere, it tells `agent_error`.
    pub async fn drive(mut self) -> Finished {
        self.narrator.tell(EventKind::AgentStarted, json!({"text_length": self.text.chars().count()}));
        self.narrator.tell(EventKind::AgentThinking, json!({"tool": self.agent.agent.tool}));
        self.give_way().await;
        let outcome = self.use_tool();
        match outcome {
            Ok(result) => self.narrator.finish(EventKind::AgentCompleted, json!({ "result": result })),
            Err(error) => {
                let payload = json!({"code": code(&error), "message": error.to_string()});
                self.narrator.finish(EventKind::AgentError, payload)
            }
        }
    }

    async fn give_way(&self) {
        match self.pace {
            Pace::Immediate => {}
            Pace::Considerate => yield_once().await,
            Pace::Thinking(wait) => self.env.sleep(wait).await,
        }
    }

    /// The result of the agent's tool, or null for an agent that uses none and so tells of none.
    fn use_tool(&mut self) -> Result<Value, ToolError> {
        let Some(tool) = self.agent.agent.tool else {
            return Ok(Value::Null);
        };
        let dispatcher = self.wired.dispatcher();
        self.narrator.tell_through(&dispatcher.manager, EventKind::ToolExecuting, json!({ "tool": tool }));
        let result = dispatcher.tools.run(tool, &self.text)?;
        let payload = json!({"tool": tool, "result": result});
        self.narrator.tell_through(&dispatcher.manager, EventKind::ToolCompleted, payload);
        Ok(result)
    }
}

fn code(error: &ToolError) -> &'static str {
    match error {
        ToolError::Unknown { .. } => "tool_unknown",
        ToolError::TooLong { .. } => "text_too_long",
        ToolError::Failed { .. } => "tool_failed",
        ToolError::Panicked { .. } => "tool_panicked",
    }
}

/// Pending once, woken at once: whoever else is ready goes first.
async fn yield_once() {
    let mut yielded = false;
    poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
