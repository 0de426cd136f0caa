//! The detection layer: a startup in phases, each of which needs what the one before it gave.
//!
//! ```text
//! Supervised::check → obtain_manager → bridge → wire → prove → Ready
//! ```
//!
//! Each arrow consumes a token that only the former phase can make, so no order but this one compiles. The phases, their
//! order and their undoing are a [`graph`], which systems of other people can declare as well.
//!
//! ```
//! use nevernone_reference::{
//!     agents::AgentName,
//!     env::TokioEnv,
//!     event::ThreadId,
//!     manager::{BoxFuture, Candidate, CreateError, Limits, ManagerFactory},
//!     startup::{Parts, Platform},
//!     supervisor::Request,
//! };
//! use std::sync::Arc;
//!
//! struct InMemory;
//!
//! impl ManagerFactory for InMemory {
//!     fn create(&self) -> BoxFuture<'static, Result<Option<Candidate>, CreateError>> {
//!         Box::pin(async { Ok(Some(Candidate::complete(Limits::default()))) })
//!     }
//! }
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
//! # runtime.block_on(async {
//! let platform = Platform::new(TokioEnv::new(), Parts::standard(Arc::new(InMemory))).unwrap();
//! let request = Request {
//!     agent: AgentName::Optimization,
//!     thread: ThreadId::new("t1").unwrap(),
//!     text: "what is 6 * 7?".to_owned(),
//! };
//! assert!(platform.submit(request.clone()).is_err(), "nothing is accepted before Ready");
//! platform.start().await.unwrap();
//! assert_eq!(platform.readiness().agents.wired, 8);
//! platform.submit(request).unwrap();
//! platform.stop().await;
//! # });
//! ```

mod backend;
mod error;
mod generation;
pub mod graph;
mod parts;
mod phases;
mod platform;
mod runs;
mod start;
mod state;

use std::time::Duration;

pub use self::{
    error::StartupError,
    parts::{Parts, Settings},
    phases::Step,
    platform::Platform,
};
use crate::{
    attempts::{Effort, Layer},
    bridge::Bridge,
    env::Env,
    log,
    manager::{ManagerCell, ManagerFactory, ManagerHandle},
    registry::{Registry, Wired},
    supervisor::Supervisor,
};

/// First phase done: there is a supervisor.
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct Supervised(Supervisor);

/// A manager that the startup itself has seen deliver.
#[derive(Debug, Clone)]
#[must_use]
pub struct ValidatedManager(ManagerHandle);

/// Second phase done: there is a manager.
#[derive(Debug, Clone)]
#[must_use]
pub struct Managed {
    supervisor: Supervisor,
    manager: ManagerHandle,
}

/// Third phase done: the bridge is active.
#[derive(Debug, Clone)]
#[must_use]
pub struct Bridged(Managed);

/// Fourth phase done: every agent has the manager.
#[derive(Debug, Clone)]
#[must_use]
pub struct WiredUp {
    supervisor: Supervisor,
    wired: Wired,
}

/// Last phase done: every agent's own way to a receiver was tried and works.
#[derive(Debug, Clone)]
#[must_use]
pub struct Proven {
    pub(crate) supervisor: Supervisor,
    pub(crate) wired: Wired,
}

/// Where a manager comes from, and how long one attempt may take.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// Where it is kept.
    pub cell: &'a ManagerCell,
    /// Who makes it.
    pub factory: &'a dyn ManagerFactory,
    /// An attempt that takes longer counts as cancelled; `None` waits as long as it takes.
    pub attempt_deadline: Option<Duration>,
}

impl Supervised {
    /// Checked before anything else: without a supervisor a manager is of no use, and the two errors differ.
    pub fn check(supervisor: Option<Supervisor>) -> Result<Self, StartupError> {
        supervisor.map(Self).ok_or(StartupError::SupervisorMissing)
    }

    /// Gets the manager in up to three attempts with waits of 100 and 200 ms. Cancel safe, as
    /// [`obtain_manager`] is.
    pub async fn obtain_manager<E: Env>(self, env: &E, source: Source<'_>) -> Result<Managed, StartupError> {
        let ValidatedManager(manager) = attempt_manager(env, source).await?;
        Ok(Managed { supervisor: self.0, manager })
    }
}

impl Managed {
    /// Activates the bridge. Cancel safe, as [`Bridge::initialize`] is.
    pub async fn bridge<E: Env>(self, bridge: &Bridge<E>) -> Result<Bridged, StartupError> {
        bridge.initialize().await?;
        Ok(Bridged(self))
    }
}

impl Bridged {
    /// Wires every agent and the tool dispatcher, all or none.
    pub fn wire(self, registry: &Registry) -> Result<WiredUp, StartupError> {
        let Managed { supervisor, manager } = self.0;
        let wired = registry.wire(Some(manager))?;
        Ok(WiredUp { supervisor, wired })
    }
}

impl WiredUp {
    /// Sends an event through what each agent and the dispatcher hold, and receives it. "Not null" proves nothing.
    pub fn prove(self) -> Result<Proven, StartupError> {
        let Self { supervisor, wired } = self;
        for agent in wired.agents() {
            let name = agent.agent.name.as_str();
            agent.manager.probe().map_err(|source| StartupError::SelfTest { consumer: name, source })?;
        }
        let dispatcher = wired.dispatcher().manager.probe();
        dispatcher.map_err(|source| StartupError::SelfTest { consumer: "tool dispatcher", source })?;
        Ok(Proven { supervisor, wired })
    }
}

impl ValidatedManager {
    /// The manager.
    pub fn handle(&self) -> &ManagerHandle {
        &self.0
    }
}

/// The second phase alone: a manager from `cell`, in up to three attempts, with waits of 100 and 200 ms.
///
/// A failure of a creation that was only joined counts as an attempt. Cancel safe: dropped anywhere, it leaves the
/// cell filled or empty, and a later call starts with three new attempts.
///
/// # Errors
/// [`StartupError::ManagerUnavailable`] with every attempt.
pub async fn obtain_manager<E: Env>(
    env: &E,
    cell: &ManagerCell,
    factory: &dyn ManagerFactory,
) -> Result<ValidatedManager, StartupError> {
    let source = Source { cell, factory, attempt_deadline: None };
    attempt_manager(env, source).await.inspect_err(|error| log::startup_failed(error))
}

async fn attempt_manager<E: Env>(env: &E, source: Source<'_>) -> Result<ValidatedManager, StartupError> {
    let Source { cell, factory, attempt_deadline } = source;
    let effort = Effort { env, cell, factory, layer: Layer::Startup, attempt_deadline };
    Ok(ValidatedManager(effort.make().await?))
}
