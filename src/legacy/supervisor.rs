//! The supervisor everything about which is optional.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};

use super::{LooseManager, LooseRegistry};
use crate::{
    agents::AgentName,
    event::{Event, EventKind, RunId, ThreadId},
    log,
    supervisor::{Accepted, Request},
    tools::ToolDispatcher,
};

/// The supervisor of the second graph: everything that it needs is optional.
pub struct LooseSupervisor {
    /// To be injected later.
    pub manager: Option<LooseManager>,
    /// To be injected later.
    pub registry: Option<Arc<LooseRegistry>>,
    /// To be injected later.
    pub tools: Option<ToolDispatcher>,
    latest_run: AtomicU64,
}

impl LooseSupervisor {
    /// Builds the graph from nothing, as the service factory did.
    pub fn from_factory() -> Self {
        Self::over(None)
    }

    /// Builds the graph over whatever is given.
    pub fn over(manager: Option<LooseManager>) -> Self {
        let supervisor = Self { manager, registry: None, tools: None, latest_run: AtomicU64::new(0) };
        supervisor.with_registry()
    }

    /// The registry that "wires" itself to the manager the supervisor has, perhaps none.
    fn with_registry(mut self) -> Self {
        let registry = LooseRegistry::new();
        registry.set_websocket_manager(self.manager.clone());
        self.registry = Some(Arc::new(registry));
        self.tools = Some(ToolDispatcher::standard());
        self
    }

    /// Accepts a request and runs it to the end: the result is right, and perhaps nobody hears of it.
    pub fn run(&self, agent: AgentName, thread: &ThreadId, text: &str) -> Option<RunId> {
        // Relaxed: only the number's uniqueness matters, and that is the atomic's own.
        let number = self.latest_run.fetch_add(1, Ordering::Relaxed) + 1;
        let run_id = RunId::new(format!("legacy-{number}")).ok()?;
        let request = Request { agent, thread: thread.clone(), text: text.to_owned() };
        self.carry_out(&Accepted { run_id: run_id.clone(), request }, Duration::ZERO)?;
        Some(run_id)
    }

    /// The same events as the platform's own supervisor tells, to whoever may hear them.
    pub(super) fn carry_out(&self, accepted: &Accepted, now: Duration) -> Option<()> {
        let Accepted { run_id, request } = accepted;
        let (agent, manager) = self.registry.as_ref()?.find(request.agent)?;
        log::run_accepted(run_id, agent.name, &request.thread);
        let mut told = 0;
        let mut tell = |kind, payload| {
            let (run_id, agent_name) = (run_id.clone(), agent.name.to_string());
            tell(manager.as_ref(), &request.thread, Event { kind, run_id, agent_name, timestamp: now, payload });
            told += 1;
        };
        tell(EventKind::AgentStarted, json!({"text_length": request.text.chars().count()}));
        tell(EventKind::AgentThinking, json!({"tool": agent.tool}));
        let mut result = Value::Null;
        if let (Some(tool), Some(tools)) = (agent.tool, &self.tools) {
            tell(EventKind::ToolExecuting, json!({ "tool": tool }));
            result = tools.run(tool, &request.text).unwrap_or_default();
            tell(EventKind::ToolCompleted, json!({"tool": tool, "result": result}));
        }
        tell(EventKind::AgentCompleted, json!({ "result": result }));
        // None is lost, as far as anybody asked.
        log::run_ended(run_id, EventKind::AgentCompleted.name(), told, 0);
        Some(())
    }

    /// Green: the supervisor exists, its registry exists, its tools exist.
    pub fn is_healthy(&self) -> bool {
        self.tools.is_some() && self.registry.as_ref().is_some_and(|registry| registry.is_healthy())
    }
}

/// `if self.websocket_manager: …`, and no else.
fn tell(manager: Option<&LooseManager>, thread: &ThreadId, event: Event) {
    if let Some(manager) = manager {
        manager.send_to_thread(thread, event);
    }
}
