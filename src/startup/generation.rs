//! What one start builds and one rollback undoes.

use std::{sync::Arc, time::Duration};

use super::{Parts, runs::Runs};
use crate::{
    bridge::Bridge,
    env::Env,
    manager::{ManagerFactory, ManagerHandle, SharedCell},
    registry::Registry,
    supervisor::Supervisor,
};

/// What lives from one start to its rollback; a second start gets all of it anew. The phases of a start work on it.
pub(super) struct Generation<E> {
    pub(super) env: E,
    pub(super) supervisor: Option<Supervisor>,
    pub(super) factory: Arc<dyn ManagerFactory>,
    pub(super) attempt_deadline: Option<Duration>,
    pub(super) cell: SharedCell,
    pub(super) bridge: Bridge<E>,
    pub(super) registry: Registry,
    pub(super) runs: Arc<Runs>,
}

impl<E: Env> Generation<E> {
    pub(super) fn new(env: &E, parts: &Parts, registry: &Registry) -> Self {
        let cell = SharedCell::default();
        let (factory, attempt_deadline) = (Arc::clone(&parts.factory), parts.settings.attempt_deadline);
        let mut bridge = Bridge::new(env.clone(), SharedCell::clone(&cell), Arc::clone(&factory));
        if let Some(deadline) = attempt_deadline {
            bridge = bridge.with_attempt_deadline(deadline);
        }
        let (env, registry, supervisor) = (env.clone(), registry.unwired_copy(), parts.supervisor);
        Self { env, supervisor, factory, attempt_deadline, cell, bridge, registry, runs: Arc::default() }
    }

    /// Retires the cell and closes the manager that was in it: the one that the start was given, where somebody else
    /// retired the cell before.
    pub(super) fn close_manager(&self, given: Option<ManagerHandle>) {
        // Looked at before the cell is retired, which hides it.
        let manager = self.cell.get().cloned().or(given);
        self.cell.retire();
        if let Some(manager) = manager {
            manager.close_all(GOING_AWAY, "the platform is stopping");
        }
    }
}

/// The WebSocket close code of a server that goes down.
const GOING_AWAY: u16 = 1001;
