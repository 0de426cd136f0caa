//! What one start builds and one rollback undoes.

use std::sync::Arc;

use super::{Parts, Step, runs::Runs};
use crate::{
    bridge::Bridge,
    env::Env,
    manager::{ManagerHandle, SharedCell},
    registry::Registry,
};

/// What lives from one start to its rollback; a second start gets all of it anew.
pub(super) struct Generation<E> {
    pub(super) cell: SharedCell,
    pub(super) bridge: Bridge<E>,
    pub(super) registry: Registry,
    pub(super) runs: Arc<Runs>,
}

impl<E: Env> Generation<E> {
    pub(super) fn new(env: &E, parts: &Parts, registry: &Registry) -> Self {
        let cell = SharedCell::default();
        let mut bridge = Bridge::new(env.clone(), SharedCell::clone(&cell), Arc::clone(&parts.factory));
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        bridge::BridgeState,
        manager::{BoxFuture, Candidate, CreateError, Limits, ManagerFactory},
        sync::block_on_poll,
    };

    /// An environment in which nobody has to wait.
    #[derive(Clone)]
    struct Still;

    impl Env for Still {
        fn now(&self) -> Duration {
            Duration::ZERO
        }

        async fn sleep(&self, _wait: Duration) {
            panic!("nothing fails here, so nothing waits");
        }

        fn spawn(&self, _name: &'static str, _task: impl Future<Output = ()> + Send + 'static) {}
    }

    struct InMemory;

    impl ManagerFactory for InMemory {
        fn create(&self) -> BoxFuture<'static, Result<Option<Candidate>, CreateError>> {
            Box::pin(async { Ok(Some(Candidate::complete(Limits::default()))) })
        }
    }

    #[test]
    fn each_step_is_undone_by_itself_and_twice_is_as_good_as_once() {
        let parts = Parts::standard(Arc::new(InMemory));
        let registry = Registry::new(parts.agents.clone(), parts.tools.clone()).unwrap();
        let generation = Generation::new(&Still, &parts, &registry);
        let mut initialized = Box::pin(generation.bridge.initialize());
        let manager = block_on_poll(|context| initialized.as_mut().poll(context)).unwrap();
        drop(initialized);
        generation.registry.wire(Some(manager.clone())).unwrap();

        let seen = || {
            let state = generation.bridge.state();
            (generation.registry.wired(), state, manager.probe().is_ok())
        };
        assert_eq!(seen(), (8, BridgeState::Active, true));
        let steps = [
            (Step::SelfTest, (8, BridgeState::Active, true)),
            (Step::Wiring, (0, BridgeState::Active, true)),
            (Step::Bridge, (0, BridgeState::Uninitialized, true)),
            (Step::Manager, (0, BridgeState::Uninitialized, false)),
        ];
        for (step, expected) in steps {
            for _ in 0..2 {
                generation.undo(step);
                assert_eq!(seen(), expected, "{step}");
            }
        }
        assert!(generation.cell.is_retired());
    }
}
