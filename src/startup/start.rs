//! One start: its phases, what interrupts them, and its undoing.

use std::{future::poll_fn, pin::pin};

use super::{
    Source, StartupError, Step, Supervised,
    generation::{Generation, close},
    platform::Shared,
};
use crate::{
    env::Env,
    log,
    race::{Either, race},
    sync::Arc,
};

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

    /// Looks for a stop before each poll of the rest, so that what a stop takes away is never told as a failure.
    async fn run_unless_stopped(&self) -> Result<(), StartupError> {
        let core = &self.shared.core;
        let stale = pin!(poll_fn(|context| core.poll_stale(self.number, context)));
        match race(stale, pin!(self.run_within_deadline())).await {
            Either::First(()) => Err(StartupError::Stopped),
            // Stopped on another thread in the middle of that poll.
            Either::Second(Err(_)) if !core.is_current(self.number) => Err(StartupError::Stopped),
            Either::Second(ended) => ended,
        }
    }

    async fn run_within_deadline(&self) -> Result<(), StartupError> {
        let Some(after) = self.shared.parts.settings.start_deadline else {
            return self.phases().await;
        };
        match race(pin!(self.phases()), pin!(self.shared.env.sleep(after))).await {
            Either::First(ended) => ended,
            Either::Second(()) => {
                let step = self.shared.core.step().unwrap_or(Step::Supervisor);
                Err(StartupError::DeadlineExceeded { after, step })
            }
        }
    }

    async fn phases(&self) -> Result<(), StartupError> {
        let Self { shared, generation, .. } = self;
        let parts = &shared.parts;
        self.enter(Step::Supervisor)?;
        let supervised = Supervised::check(parts.supervisor)?;
        self.enter(Step::Manager)?;
        let attempt_deadline = parts.settings.attempt_deadline;
        let source = Source { cell: &generation.cell, factory: &*parts.factory, attempt_deadline };
        let managed = supervised.obtain_manager(&shared.env, source).await?;
        // A stop that came before the manager was published has not seen it.
        self.enter(Step::Bridge).inspect_err(|_| close(&managed.manager))?;
        let bridged = managed.bridge(&generation.bridge).await?;
        self.enter(Step::Wiring)?;
        let wired = bridged.wire(&generation.registry)?;
        self.enter(Step::SelfTest)?;
        let proven = wired.prove()?;
        live(shared.core.publish(self.number, proven))
    }

    fn enter(&self, step: Step) -> Result<(), StartupError> {
        live(self.shared.core.enter(self.number, step))
    }
}

impl<E: Env> Drop for Start<'_, E> {
    fn drop(&mut self) {
        let core = &self.shared.core;
        if let Some(undo) = core.fail(self.number, self.failure.take()) {
            self.shared.undo(&undo);
        } else if !core.is_current(self.number) {
            // Stopped: the stop undid this generation, but perhaps before this start's last step. Every undoing is
            // harmless when repeated, and nobody else holds the generation.
            for step in Step::UNDO {
                self.generation.undo(step);
            }
        }
    }
}

/// A start that is not the latest any more was stopped.
fn live(live: bool) -> Result<(), StartupError> {
    if live { Ok(()) } else { Err(StartupError::Stopped) }
}
