//! The rejection layer: eight agents and a tool dispatcher get their manager all at once, or none of them does.
//!
//! A reader sees 0 or all, never something between: the whole wiring is built aside and becomes visible by one
//! assignment under the lock.

use std::{collections::BTreeSet, sync::Arc};

use thiserror::Error;

use crate::{
    agents::{Agent, AgentName},
    contain::discard,
    log,
    manager::{ManagerHandle, Part},
    sync::Mutex,
    tools::{Prepared, ToolDispatcher},
};

/// Why a registry cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RegistryError {
    /// An empty registry would be "fully wired" with nothing in it.
    #[error("the registry was given no agents: list at least one in the platform's parts")]
    NoAgents,
    /// Two agents of one name: requests could reach only one of them.
    #[error("agent {agent} is registered twice: remove one of the two from the platform's parts")]
    Duplicate {
        /// The name.
        agent: AgentName,
    },
    /// The agent's tool is not among the dispatcher's.
    #[error(
        "agent {agent} uses the tool {tool}, which the dispatcher does not have: register the tool or change the agent"
    )]
    UnknownTool {
        /// The agent.
        agent: AgentName,
        /// The tool that is missing.
        tool: &'static str,
    },
}

/// Why a manager was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WiringError {
    /// There is no manager.
    #[error(
        "the WebSocketManager is None: without it agent events and real-time chat are lost for {agents}/{agents} \
         agents; see the startup order, the manager must be created and validated before agents are wired"
    )]
    NoManager {
        /// How many agents would have been wired to nothing.
        agents: usize,
    },
    /// The manager lacks what agents need of it.
    #[error(
        "the WebSocketManager is incomplete, it lacks a working {}: without it agent events and real-time chat are \
         lost; see the startup order, the manager must be validated before agents are wired and closed after them",
        crate::attempts::names(missing)
    )]
    Incomplete {
        /// What is missing or does not work, never empty.
        missing: Vec<Part>,
    },
    /// An agent's tool could not prepare for it.
    #[error(
        "agent {agent} ({number}/{total}) could not be set up: {cause}; agents are wired all or none, so no agent got \
         this manager, and what the agents before it had taken was given back: fix the cause, then wire again"
    )]
    SetUp {
        /// The agent.
        agent: AgentName,
        /// Its place in the order of registration, from 1.
        number: usize,
        /// How many agents there are.
        total: usize,
        /// In the tool's own words.
        cause: String,
    },
}

/// An agent that can run, because it has its manager.
#[derive(Debug, Clone)]
pub struct WiredAgent {
    /// Which agent.
    pub agent: Agent,
    /// Where its events go.
    pub manager: ManagerHandle,
}

/// The tool dispatcher with the manager through which tool events go.
#[derive(Debug, Clone)]
pub struct WiredDispatcher {
    /// The tools.
    pub tools: ToolDispatcher,
    /// Where the tools' events go.
    pub manager: ManagerHandle,
}

/// The proof that every agent and the dispatcher have their manager; nothing runs without it.
#[derive(Debug, Clone)]
pub struct Wired(Arc<Wiring>);

#[derive(Debug)]
struct Wiring {
    /// One for each registered agent, in the order of registration; never empty.
    agents: Vec<WiredAgent>,
    dispatcher: WiredDispatcher,
    /// One for each agent, held for as long as anybody holds the wiring.
    _prepared: AllPrepared,
}

/// What tools keep for agents, in the order in which they took it; given back in reverse.
#[derive(Debug, Default)]
struct AllPrepared(Vec<Prepared>);

impl Drop for AllPrepared {
    fn drop(&mut self) {
        while let Some(prepared) = self.0.pop() {
            // Foreign code: what one agent's does not keep the others from being given back.
            discard(prepared);
        }
    }
}

impl Wired {
    /// Every agent.
    pub fn agents(&self) -> &[WiredAgent] {
        &self.0.agents
    }

    /// The agent `name`, if it is registered.
    pub fn agent(&self, name: AgentName) -> Option<&WiredAgent> {
        self.0.agents.iter().find(|wired| wired.agent.name == name)
    }

    /// The tools.
    pub fn dispatcher(&self) -> &WiredDispatcher {
        &self.0.dispatcher
    }
}

/// A manager, none, or what lacks parts.
#[cfg(feature = "check")]
pub(crate) type Offered = Result<Option<ManagerHandle>, crate::manager::Incomplete>;

/// The agents and the dispatcher, wired or not.
#[derive(Debug)]
pub struct Registry {
    /// Not empty, names distinct, each tool known to the dispatcher.
    agents: Arc<[Agent]>,
    dispatcher: ToolDispatcher,
    /// All or nothing: there is no value of this type for "some".
    wired: Mutex<Option<Wired>>,
}

impl Registry {
    /// A registry of these agents, wired to nothing yet.
    pub fn new(agents: Vec<Agent>, dispatcher: ToolDispatcher) -> Result<Self, RegistryError> {
        if agents.is_empty() {
            return Err(RegistryError::NoAgents);
        }
        let mut names = BTreeSet::new();
        for agent in &agents {
            if !names.insert(agent.name) {
                return Err(RegistryError::Duplicate { agent: agent.name });
            }
            if let Some(tool) = agent.tool.filter(|tool| !dispatcher.has(tool)) {
                return Err(RegistryError::UnknownTool { agent: agent.name, tool });
            }
        }
        Ok(Self { agents: agents.into(), dispatcher, wired: Mutex::new(None) })
    }

    /// A registry of the same agents and tools, wired to nothing.
    #[must_use]
    pub fn unwired_copy(&self) -> Self {
        let (agents, dispatcher) = (Arc::clone(&self.agents), self.dispatcher.clone());
        Self { agents, dispatcher, wired: Mutex::new(None) }
    }

    /// Gives `manager` to every agent and to the dispatcher at once, in place of whatever they had.
    ///
    /// Takes an `Option` because the incident's callers had one: here is where `None` ends.
    ///
    /// Each agent's tool prepares for it first ([`Tool::prepare`](crate::tools::Tool::prepare)), one after the other in the
    /// order of registration, while everybody still sees what was wired before.
    ///
    /// # Errors
    /// Where there is no manager, or none that delivers, or an agent cannot be set up; what was wired before stays, and
    /// what was prepared for the agents before that one is given back in reverse.
    pub fn wire(&self, manager: Option<ManagerHandle>) -> Result<Wired, WiringError> {
        let accepted = self.accept(manager).and_then(|manager| Ok((self.prepare(&manager)?, manager)));
        let (prepared, manager) = accepted.inspect_err(|error| log::registry_refused(error))?;
        let wire = |agent: &Agent| WiredAgent { agent: agent.clone(), manager: manager.clone() };
        let agents = self.agents.iter().map(wire).collect();
        let dispatcher = WiredDispatcher { tools: self.dispatcher.clone(), manager: manager.clone() };
        let wired = Wired(Arc::new(Wiring { agents, dispatcher, _prepared: prepared }));
        let before = self.wired.lock().replace(wired.clone());
        // Outside the lock: it may be the last holder of an older manager.
        drop(before);
        log::registry_wired(wired.agents().len(), self.total());
        Ok(wired)
    }

    /// Gives every agent what may lack parts, which no handle can: only what is kept as a warning has such a thing.
    #[cfg(feature = "check")]
    pub(crate) fn wire_offered(&self, offered: Offered) -> Result<Wired, WiringError> {
        let offered = offered.map_err(|incomplete| WiringError::Incomplete { missing: incomplete.missing });
        self.wire(offered.inspect_err(|error| log::registry_refused(error))?)
    }

    /// Takes the manager from every agent at once; runs that hold the wiring keep it to their end.
    pub fn unwire(&self) {
        let before = self.wired.lock().take();
        drop(before);
    }

    /// The present wiring.
    pub fn current(&self) -> Option<Wired> {
        self.wired.lock().clone()
    }

    /// How many agents have a manager: 0 or [`total`](Self::total).
    pub fn wired(&self) -> usize {
        self.wired.lock().as_ref().map_or(0, |wired| wired.agents().len())
    }

    /// How many agents there are, at least one.
    pub fn total(&self) -> usize {
        self.agents.len()
    }

    /// How many clients are connected to the manager that the agents have.
    pub(crate) fn connections(&self) -> usize {
        // Under the lock instead of through a clone, which might be the last: destructors of tools are foreign code.
        self.wired.lock().as_ref().map_or(0, |wired| wired.dispatcher().manager.connection_count())
    }

    fn prepare(&self, manager: &ManagerHandle) -> Result<AllPrepared, WiringError> {
        let mut all = AllPrepared::default();
        for (place, agent) in self.agents.iter().enumerate() {
            let prepared = match agent.tool {
                None => Ok(Prepared::nothing()),
                Some(tool) => self.dispatcher.prepare(tool, agent.name, manager),
            };
            let (agent, number, total) = (agent.name, place + 1, self.total());
            all.0.push(prepared.map_err(|cause| WiringError::SetUp { agent, number, total, cause })?);
        }
        Ok(all)
    }

    fn accept(&self, manager: Option<ManagerHandle>) -> Result<ManagerHandle, WiringError> {
        let manager = manager.ok_or(WiringError::NoManager { agents: self.total() })?;
        // A handle was complete once; it may have been closed since.
        let probed = manager.probe();
        probed.map_err(|_| WiringError::Incomplete { missing: vec![Part::SendToThread] })?;
        Ok(manager)
    }
}
