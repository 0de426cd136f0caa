//! **What not to do.** The incident as it was: a second object graph, built by a factory out of nothing.
//!
//! Nothing here races, nothing fails, every check is green, and no event reaches anybody:
//! - the registry takes `None` for a manager and says so at INFO, as if it were news like any other;
//! - the factory builds a supervisor whose every dependency is `None`, "to be injected later", and nobody does;
//! - the health checks ask whether the objects exist, not whether an event arrives.
//!
//! Kept apart, so that the scenario `legacy/none-wired` can show what the rest of this crate makes impossible to write.
//! Nothing outside that scenario may use it.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};
use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    agents::{Agent, AgentName},
    event::{Event, EventKind, RunId, ThreadId},
    manager::ManagerHandle,
    tools::ToolDispatcher,
};

/// An agent that may or may not be able to tell anybody what it does.
#[derive(Debug)]
struct LooseAgent {
    agent: Agent,
    manager: Option<ManagerHandle>,
}

/// The registry that accepts anything.
#[derive(Debug)]
pub struct LooseRegistry {
    agents: Mutex<Vec<LooseAgent>>,
}

impl LooseRegistry {
    /// Eight agents, wired to nothing.
    pub fn new() -> Self {
        let loose = |agent| LooseAgent { agent, manager: None };
        Self { agents: Mutex::new(Agent::standard().into_iter().map(loose).collect()) }
    }

    /// Sets the manager of every agent, whatever it is.
    #[expect(clippy::needless_pass_by_value, reason = "the signature is the incident's own")]
    pub fn set_websocket_manager(&self, manager: Option<ManagerHandle>) {
        let mut agents = self.agents.lock().unwrap_or_else(PoisonError::into_inner);
        let total = agents.len();
        let mut set = 0;
        for agent in agents.iter_mut() {
            agent.manager.clone_from(&manager);
            set += 1;
        }
        let what = if manager.is_none() { "set to None" } else { "set" };
        tracing::info!("WebSocket manager {what} for {set}/{total} agents");
    }

    /// "Are there agents?", asked as if it meant "can they be heard?"
    pub fn is_healthy(&self) -> bool {
        !self.agents.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// How many agents could tell anybody anything. No check of the time asked this.
    pub fn wired(&self) -> usize {
        let agents = self.agents.lock().unwrap_or_else(PoisonError::into_inner);
        agents.iter().filter(|agent| agent.manager.is_some()).count()
    }

    fn find(&self, name: AgentName) -> Option<(Agent, Option<ManagerHandle>)> {
        let agents = self.agents.lock().unwrap_or_else(PoisonError::into_inner);
        let found = agents.iter().find(|loose| loose.agent.name == name)?;
        Some((found.agent.clone(), found.manager.clone()))
    }
}

impl Default for LooseRegistry {
    fn default() -> Self {
        Self::new()
    }
}

/// The supervisor of the second graph: everything that it needs is optional.
pub struct LooseSupervisor {
    /// To be injected later.
    pub manager: Option<ManagerHandle>,
    /// To be injected later.
    pub registry: Option<Arc<LooseRegistry>>,
    /// To be injected later.
    pub tools: Option<ToolDispatcher>,
    latest_run: AtomicU64,
}

impl LooseSupervisor {
    /// Builds the graph from nothing, as the service factory did.
    pub fn from_factory() -> Self {
        let supervisor = Self { manager: None, registry: None, tools: None, latest_run: AtomicU64::new(0) };
        supervisor.with_registry()
    }

    /// The registry that "wires" itself to the manager the supervisor has: none.
    fn with_registry(mut self) -> Self {
        let registry = LooseRegistry::new();
        registry.set_websocket_manager(self.manager.clone());
        self.registry = Some(Arc::new(registry));
        self.tools = Some(ToolDispatcher::standard());
        self
    }

    /// Accepts a request and runs it to the end: the result is right, and nobody hears of it.
    pub fn run(&self, agent: AgentName, thread: &ThreadId, text: &str) -> Option<RunId> {
        // Relaxed: only the number's uniqueness matters, and that is the atomic's own.
        let number = self.latest_run.fetch_add(1, Ordering::Relaxed) + 1;
        let run_id = RunId::new(format!("legacy-{number}")).ok()?;
        let (agent, manager) = self.registry.as_ref()?.find(agent)?;
        let tell = |kind, payload| {
            let agent_name = agent.name.to_string();
            tell(
                manager.as_ref(),
                thread,
                Event { kind, run_id: run_id.clone(), agent_name, timestamp: Duration::ZERO, payload },
            );
        };
        tell(EventKind::AgentStarted, Value::Null);
        tell(EventKind::AgentThinking, Value::Null);
        if let (Some(tool), Some(tools)) = (agent.tool, &self.tools) {
            tell(EventKind::ToolExecuting, json!({ "tool": tool }));
            let result = tools.run(tool, text).ok();
            tell(EventKind::ToolCompleted, json!({"tool": tool, "result": result}));
        }
        tell(EventKind::AgentCompleted, Value::Null);
        Some(run_id)
    }

    /// Green: the supervisor exists, its registry exists, its tools exist.
    pub fn is_healthy(&self) -> bool {
        self.tools.is_some() && self.registry.as_ref().is_some_and(|registry| registry.is_healthy())
    }
}

/// `if self.websocket_manager: …`, and no else.
fn tell(manager: Option<&ManagerHandle>, thread: &ThreadId, event: Event) {
    if let Some(manager) = manager {
        let _outcome = manager.send_to_thread(thread, event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[tracing_test::traced_test]
    fn the_incident_is_green_and_mute() {
        let supervisor = LooseSupervisor::from_factory();
        assert!(logs_contain("INFO"));
        assert!(logs_contain("WebSocket manager set to None for 8/8 agents"));
        let thread = ThreadId::new("t").unwrap();
        assert!(supervisor.run(AgentName::Triage, &thread, "hello there").is_some());
        assert!(supervisor.is_healthy());
        assert_eq!(supervisor.registry.unwrap().wired(), 0);
    }
}
