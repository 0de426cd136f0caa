//! The environment of production: tokio's clock, timers and tasks.

use std::{future::Future, time::Duration};

use tokio::time::Instant;

use super::Env;

/// [`Env`] on the tokio runtime that the caller runs in; obeys tokio's paused clock in tests.
///
/// ```
/// use nevernone_reference::env::{Env, TokioEnv};
/// use std::time::Duration;
///
/// let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
/// runtime.block_on(async {
///     let env = TokioEnv::new();
///     let before = env.now();
///     env.sleep(Duration::from_millis(1)).await;
///     assert!(env.now() - before >= Duration::from_millis(1));
/// });
/// ```
#[derive(Debug, Clone)]
pub struct TokioEnv {
    origin: Instant,
}

impl TokioEnv {
    /// An environment whose clock starts at zero now. Works outside a runtime too.
    pub fn new() -> Self {
        Self { origin: Instant::now() }
    }
}

impl Default for TokioEnv {
    fn default() -> Self {
        Self::new()
    }
}

impl Env for TokioEnv {
    fn now(&self) -> Duration {
        self.origin.elapsed()
    }

    /// # Panics
    /// Where no tokio runtime with time enabled is entered.
    fn sleep(&self, wait: Duration) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(wait)
    }

    /// # Panics
    /// Where no tokio runtime is entered. A panic of `task` ends that task alone.
    fn spawn(&self, _name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        // Nobody joins: every task that is spawned here reports its own end (a terminal event, a ticket's drop).
        drop(tokio::spawn(task));
    }
}
