//! The incident's startup, into which each of the four layers can be put.
//!
//! A layer that is in place is the production code of that layer; where it is not, the incident's own way takes its
//! place. This is "revert the four files", without a switch in what is served.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use thiserror::Error;

use super::{Found, Layer, Layers, LooseCell, LooseManager, LooseSupervisor};
use crate::{
    agents::Agent,
    attempts::{self, Layer as Retrying},
    backend::{Readiness, WiredAgents},
    bridge::{Bridge, BridgeError},
    env::Env,
    event::RunId,
    log,
    manager::{ManagerError, ManagerFactory, ManagerHandle, SharedCell, obtain},
    registry::{Registry, Wired, WiringError},
    startup::{StartupError, Supervised, obtain_manager},
    supervisor::{Accepted, Request, Supervisor},
    tools::ToolDispatcher,
};

/// What a pipeline starts from.
#[derive(Clone)]
pub struct Graph {
    /// Makes the manager.
    pub factory: Arc<dyn ManagerFactory>,
    /// Runs requests; perhaps somebody forgot it.
    pub supervisor: Option<Supervisor>,
    /// The agents are those of a second graph, which is built from nothing but `None`s, whatever the first one has.
    pub is_decoy: bool,
}

/// Why a start or a request was refused: in so many words.
#[derive(Debug, Clone, Error)]
pub enum Refusal {
    /// Detection refused.
    #[error(transparent)]
    Startup(#[from] StartupError),
    /// Recovery refused.
    #[error(transparent)]
    Bridge(#[from] BridgeError),
    /// Rejection refused.
    #[error(transparent)]
    Wiring(#[from] WiringError),
    /// Requests are accepted by a platform that has started, whatever layers it has.
    #[error("the platform has not started: start it, and send the request again")]
    NotStarted,
}

/// The startup of the incident with some of the layers in it.
pub struct Pipeline<E> {
    env: E,
    layers: Layers,
    graph: Graph,
    source: Source,
    /// Set by a start that came to its end.
    agents: Mutex<Option<Agents>>,
    latest_run: AtomicU64,
}

/// Where the manager is kept: with prevention and without.
enum Source {
    Prevented(SharedCell),
    Loose(LooseCell),
}

/// Who carries out requests: with rejection and without.
#[derive(Clone)]
enum Agents {
    Wired(Wired),
    Loose(Arc<LooseSupervisor>),
}

impl<E: Env> Pipeline<E> {
    /// A pipeline that is not started.
    pub fn new(env: E, layers: Layers, graph: Graph) -> Self {
        let source = if layers.has(Layer::Prevention) {
            Source::Prevented(SharedCell::default())
        } else {
            Source::Loose(LooseCell::default())
        };
        Self { env, layers, graph, source, agents: Mutex::default(), latest_run: AtomicU64::new(0) }
    }

    /// Starts: detection, recovery and rejection, each as it is, over a cell with prevention or without.
    ///
    /// # Errors
    /// What the first layer in place says that has something to say. Without layers nobody ever says anything.
    pub async fn start(&self) -> Result<(), Refusal> {
        self.detect().await?;
        let recovered = self.recover().await?;
        let offered = if self.graph.is_decoy { None } else { recovered };
        let agents = self.wire(offered)?;
        *self.agents.lock().unwrap_or_else(PoisonError::into_inner) = Some(agents);
        Ok(())
    }

    /// What a consumer meets where the manager is kept, at this moment.
    pub fn look(&self) -> Found {
        match &self.source {
            Source::Prevented(cell) => cell.get().cloned().map_or(Found::NotYet, Found::Whole),
            Source::Loose(cell) => cell.look(),
        }
    }

    /// Accepts a request and runs it to the end.
    ///
    /// # Errors
    /// Where nothing has started; then no event will come.
    ///
    /// # Panics
    /// Never: the number of a run is an id.
    pub async fn run(&self, request: Request) -> Result<RunId, Refusal> {
        let agents = self.agents().ok_or(Refusal::NotStarted)?;
        // Relaxed: only the number's uniqueness matters, and that is the atomic's own.
        let number = self.latest_run.fetch_add(1, Ordering::Relaxed) + 1;
        let run_id = RunId::new(format!("run-{number}")).expect("a short printable text is an id");
        let accepted = Accepted { run_id: run_id.clone(), request };
        // `if self.supervisor: …`, and no else.
        if let Some(supervisor) = &self.graph.supervisor {
            match agents {
                Agents::Wired(wired) => {
                    if let Ok(run) = supervisor.begin(self.env.clone(), wired, accepted) {
                        run.drive().await;
                    }
                }
                Agents::Loose(loose) => drop(loose.carry_out(&accepted, self.env.now())),
            }
        }
        Ok(run_id)
    }

    /// How far it is. The bridge is what the incident took for one: it is there, so it is active.
    pub fn readiness(&self) -> Readiness {
        let agents = self.agents();
        let (wired, total) = match &agents {
            None => (0, Agent::standard().len()),
            Some(Agents::Wired(wired)) => (wired.agents().len(), wired.agents().len()),
            Some(Agents::Loose(loose)) => {
                loose.registry.as_ref().map_or((0, 0), |registry| (registry.wired(), registry.total()))
            }
        };
        let connections = match self.look() {
            Found::Whole(manager) => manager.connection_count(),
            Found::NotYet | Found::Missing | Found::HalfBuilt(_) => 0,
        };
        let (bridge, reason) = match agents {
            Some(_) => ("active", None),
            None => ("uninitialized", Some(Refusal::NotStarted.to_string())),
        };
        let agents = WiredAgents { wired, total };
        Readiness { ready: reason.is_none(), agents, bridge: bridge.to_owned(), connections, reason }
    }

    /// Detection: supervisor first, then three attempts at a manager that delivers. Else one look, whatever it shows.
    async fn detect(&self) -> Result<(), StartupError> {
        let factory = &*self.graph.factory;
        if !self.layers.has(Layer::Detection) {
            drop(self.source.obtain(factory).await);
            return Ok(());
        }
        let _supervised = Supervised::check(self.graph.supervisor).inspect_err(|error| log::startup_failed(error))?;
        if let Source::Prevented(cell) = &self.source {
            return obtain_manager(&self.env, cell, factory).await.map(drop);
        }
        let attempt = || async {
            let manager = self.source.obtain(factory).await?.ok_or(ManagerError::Nothing)?;
            attempts::validate(&manager.whole()?)
        };
        let ended = Retrying::Startup.persist(&self.env, attempt).await.map_err(StartupError::from);
        ended.inspect_err(|error| log::startup_failed(error))
    }

    /// Recovery: three attempts, at anything but `None`. Else one, and `None` goes on its way.
    async fn recover(&self) -> Result<Option<LooseManager>, BridgeError> {
        let factory = &self.graph.factory;
        if !self.layers.has(Layer::Recovery) {
            return Ok(self.source.obtain(&**factory).await.unwrap_or_default());
        }
        if let Source::Prevented(cell) = &self.source {
            let bridge = Bridge::new(self.env.clone(), SharedCell::clone(cell), Arc::clone(factory));
            return bridge.initialize().await.map(|manager| Some(manager.into()));
        }
        let attempt = || async { self.source.obtain(&**factory).await?.ok_or(ManagerError::Nothing) };
        let ended = Retrying::Bridge.persist(&self.env, attempt).await.map_err(BridgeError::from);
        ended.map(Some).inspect_err(|error| log::bridge_failed(error))
    }

    /// Rejection: nothing but a manager gets to the agents. Else anything does.
    fn wire(&self, offered: Option<LooseManager>) -> Result<Agents, WiringError> {
        if !self.layers.has(Layer::Rejection) {
            return Ok(Agents::Loose(Arc::new(LooseSupervisor::over(offered))));
        }
        let registry = Registry::new(Agent::standard(), ToolDispatcher::standard());
        let registry = registry.expect("the standard agents and tools fit together");
        registry.wire_offered(offered.map(|manager| manager.whole()).transpose()).map(Agents::Wired)
    }

    fn agents(&self) -> Option<Agents> {
        self.agents.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Source {
    async fn obtain(&self, factory: &dyn ManagerFactory) -> Result<Option<LooseManager>, ManagerError> {
        match self {
            Self::Prevented(cell) => obtain(cell, factory).await.map(|manager: ManagerHandle| Some(manager.into())),
            Self::Loose(cell) => cell.get_or_make(factory).await,
        }
    }
}
