//! What one start builds and one rollback undoes.

use std::sync::Arc;

use super::{Parts, Step, runs::Runs};
use crate::{
    bridge::Bridge,
    env::Env,
    manager::{ManagerCell, ManagerHandle},
    registry::Registry,
};

/// What lives from one start to its rollback; a second start gets all of it anew.
pub(super) struct Generation<E> {
    pub(super) cell: Arc<ManagerCell>,
    pub(super) bridge: Bridge<E>,
    pub(super) registry: Registry,
    pub(super) runs: Arc<Runs>,
}

impl<E: Env> Generation<E> {
    pub(super) fn new(env: &E, parts: &Parts, registry: &Registry) -> Self {
        let cell = Arc::new(ManagerCell::new());
        let mut bridge = Bridge::new(env.clone(), Arc::clone(&cell), Arc::clone(&parts.factory));
        if let Some(deadline) = parts.settings.attempt_deadline {
            bridge = bridge.with_attempt_deadline(deadline);
        }
        Self { cell, bridge, registry: registry.unwired_copy(), runs: Arc::default() }
    }

    /// Undoes one step; harmless where the step did nothing yet, or was undone before. No undoing waits for anything or
    /// can fail, so a rollback needs no deadline and runs to its end in a destructor too.
    pub(super) fn undo(&self, step: Step) {
        match step {
            Step::Supervisor | Step::SelfTest => {}
            Step::Wiring => self.registry.unwire(),
            Step::Bridge => self.bridge.reset(),
            Step::Manager => {
                // Looked at before the cell is retired, which hides it. A manager that is published in between belongs
                // to a start that finds itself stale and closes it.
                let manager = self.cell.get().cloned();
                self.cell.retire();
                if let Some(manager) = manager {
                    close(&manager);
                }
            }
        }
    }
}

/// Closes every connection of a manager that is done.
pub(super) fn close(manager: &ManagerHandle) {
    manager.close_all(GOING_AWAY, "the platform is stopping");
}

/// The WebSocket close code of a server that goes down.
const GOING_AWAY: u16 = 1001;
