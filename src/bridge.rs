//! The recovery layer: three attempts at the manager, and a state that no cancellation can strand.
//!
#![doc = include_str!("bridge/degraded.md")]

mod state;

use std::{sync::Arc, time::Duration};

use thiserror::Error;

pub use self::state::BridgeState;
use self::state::{Begin, Core};
use crate::{
    attempts::{Effort, Layer},
    env::Env,
    log,
    manager::{ManagerError, ManagerFactory, ManagerHandle, SharedCell},
    retry::Attempts,
};

/// Why the bridge gives no manager.
#[derive(Debug, Clone, Error)]
pub enum BridgeError {
    /// Every attempt failed.
    #[error(
        "no WebSocketManager after {} attempts ({attempts}): agent events and real-time chat are unavailable; \
         fix the last cause, then initialize the bridge again",
        attempts.count()
    )]
    Exhausted {
        /// All of them, in order.
        attempts: Attempts<ManagerError>,
        /// The cause of the last one.
        source: ManagerError,
    },
    /// There is a manager, and it does not deliver.
    #[error("the bridge is degraded ({reason}): real-time events are unavailable; restart the platform if it stays so")]
    Degraded {
        /// What the last check found.
        reason: String,
    },
}

impl From<Attempts<ManagerError>> for BridgeError {
    fn from(attempts: Attempts<ManagerError>) -> Self {
        let source = attempts.last().cause.clone();
        Self::Exhausted { attempts, source }
    }
}

/// The way from agents to the manager. Clones are the same bridge.
#[derive(Clone)]
pub struct Bridge<E> {
    env: E,
    cell: SharedCell,
    factory: Arc<dyn ManagerFactory>,
    attempt_deadline: Option<Duration>,
    core: Arc<Core<ManagerHandle>>,
}

impl<E: Env> Bridge<E> {
    /// A bridge over `cell`, uninitialized; several bridges may share a cell.
    pub fn new(env: E, cell: SharedCell, factory: Arc<dyn ManagerFactory>) -> Self {
        Self { env, cell, factory, attempt_deadline: None, core: Arc::default() }
    }

    /// The same, with an end to each attempt: one that takes longer has failed as cancelled.
    #[must_use]
    pub fn with_attempt_deadline(mut self, deadline: Duration) -> Self {
        self.attempt_deadline = Some(deadline);
        self
    }

    /// The manager: at once where the bridge is active, else after up to three attempts with waits of 50 and 100 ms.
    ///
    /// Callers at the same time each make their attempts, over the one cell. Cancel safe: dropped anywhere, the state
    /// is what it was before, and the next call starts again.
    ///
    /// # Errors
    /// [`BridgeError::Exhausted`] with every attempt; [`BridgeError::Degraded`] where the manager stopped delivering
    /// and still does not.
    pub async fn initialize(&self) -> Result<ManagerHandle, BridgeError> {
        let initializing = match self.core.begin() {
            Begin::Active(manager) => return Ok(manager),
            Begin::Degraded(manager) => return self.recheck(manager),
            Begin::Initializing(guard) => guard,
        };
        let (env, cell, factory) = (&self.env, &*self.cell, &*self.factory);
        let effort = Effort { env, cell, factory, layer: Layer::Bridge, attempt_deadline: self.attempt_deadline };
        match effort.make().await {
            Ok(manager) => {
                initializing.succeed(manager.clone());
                Ok(manager)
            }
            Err(attempts) => {
                initializing.fail();
                let error = BridgeError::from(attempts);
                log::bridge_failed(&error);
                Err(error)
            }
        }
    }

    /// Where the bridge stands, without looking anew.
    pub fn state(&self) -> BridgeState {
        self.standing().0
    }

    /// Why the bridge is degraded, if it is.
    pub fn degraded_because(&self) -> Option<String> {
        self.standing().1
    }

    /// Both at one moment, for whoever tells of both.
    pub fn standing(&self) -> (BridgeState, Option<String>) {
        self.core.standing()
    }

    /// Sends a probe through the manager, if there is one, and tells the state that follows: Active may become
    /// Degraded and come back. A bridge without a manager stays as it is; above all, no check promotes Failed.
    pub fn health_check(&self) -> BridgeState {
        let Some((check, manager)) = self.core.begin_check() else {
            return self.state();
        };
        // Without the lock: a probe takes the manager's own locks.
        let found = manager.probe().map_err(|error| error.to_string());
        match self.core.end_check(check, found) {
            state::Change::Degraded(reason) => log::bridge_degraded(reason),
            state::Change::Recovered => log::bridge_recovered(),
            state::Change::None => {}
        }
        self.state()
    }

    /// Forgets the manager: uninitialized, as in the beginning. Initializations under way may still succeed.
    pub fn reset(&self) {
        self.core.reset();
    }

    fn recheck(&self, manager: ManagerHandle) -> Result<ManagerHandle, BridgeError> {
        self.health_check();
        match self.degraded_because() {
            None => Ok(manager),
            Some(reason) => Err(BridgeError::Degraded { reason }),
        }
    }
}
