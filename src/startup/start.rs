//! One start: its phases, what interrupts them, and its undoing.

use std::future::poll_fn;

use super::{StartupError, generation::Generation, graph::Up, phases::SELF_TEST, platform::Shared};
use crate::{env::Env, log, sync::Arc};

/// A start under way; dropped before it is ready, it undoes what it began.
pub(super) struct Start<'a, E: Env> {
    shared: &'a Shared<E>,
    number: u64,
    generation: Arc<Generation<E>>,
    /// What to tell of it, once it has failed.
    failure: Option<String>,
}

impl<'a, E: Env> Start<'a, E> {
    /// The start that [`Core::begin`](super::state::Core::begin) gave this number and generation.
    pub(super) fn new(shared: &'a Shared<E>, (number, generation): (u64, Arc<Generation<E>>)) -> Self {
        Self { shared, number, generation, failure: None }
    }

    /// Starts to the end; when this returns, the platform is ready or everything is undone.
    pub(super) async fn run(mut self) -> Result<u64, StartupError> {
        let ended = self.run_unless_stopped().await;
        match &ended {
            Ok(()) | Err(StartupError::Stopped) => {}
            Err(error) => {
                log::startup_failed(error);
                self.failure = Some(error.to_string());
            }
        }
        ended.map(|()| self.number)
    }

    /// A stop is looked at before each phase and each poll, so what a stop takes away is never told as a failure.
    async fn run_unless_stopped(&self) -> Result<(), StartupError> {
        let Self { shared, generation, .. } = self;
        let stale = poll_fn(|context| shared.core.poll_stale(self.number, context));
        match shared.plan.start_unless(&shared.env, Arc::clone(generation), stale).await {
            Ok(up) => self.publish(up),
            // Stopped on another thread in the middle of that poll.
            Err(_) if !shared.core.is_current(self.number) => Err(StartupError::Stopped),
            Err(error) => Err(error.into()),
        }
    }

    fn publish(&self, up: Up<E, Arc<Generation<E>>, StartupError>) -> Result<(), StartupError> {
        let proven = up.made(SELF_TEST).expect("the plan has this phase, and it ended well").clone();
        if self.shared.core.publish(self.number, proven) {
            up.keep();
            Ok(())
        } else {
            // Stopped on another thread, which undid this generation, but perhaps before this start's last phases. Every
            // undoing is harmless when repeated, and nobody else holds the generation.
            drop(up);
            Err(StartupError::Stopped)
        }
    }
}

impl<E: Env> Drop for Start<'_, E> {
    /// By now the phases are undone, however the start ended.
    fn drop(&mut self) {
        if self.shared.core.fail(self.number, self.failure.take()) {
            self.shared.renew();
        }
    }
}
