//! The registry that accepts anything.

use std::sync::{Mutex, PoisonError};

use super::LooseManager;
use crate::agents::{Agent, AgentName};

/// An agent that may or may not be able to tell anybody what it does.
#[derive(Debug)]
struct LooseAgent {
    agent: Agent,
    manager: Option<LooseManager>,
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
    pub fn set_websocket_manager(&self, manager: Option<LooseManager>) {
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
        self.total() > 0
    }

    /// How many agents could tell anybody anything. No check of the time asked this.
    pub fn wired(&self) -> usize {
        let agents = self.agents.lock().unwrap_or_else(PoisonError::into_inner);
        let is_heard = |agent: &&LooseAgent| agent.manager.as_ref().is_some_and(|manager| manager.whole().is_ok());
        agents.iter().filter(is_heard).count()
    }

    /// How many agents there are.
    pub fn total(&self) -> usize {
        self.agents.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    pub(super) fn find(&self, name: AgentName) -> Option<(Agent, Option<LooseManager>)> {
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
