//! The environment of an explored run.

use std::future::Future;
use std::time::Duration;

use crate::env::{Env, TokioEnv};

/// tokio's paused clock, and tasks whose every poll the explorer chooses.
#[derive(Debug, Clone, Default)]
pub struct ExploredEnv(TokioEnv);

impl Env for ExploredEnv {
    fn now(&self) -> Duration {
        self.0.now()
    }

    fn sleep(&self, wait: Duration) -> impl Future<Output = ()> + Send {
        self.0.sleep(wait)
    }

    fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        // Foreground: a run of the platform is not over before the work that it accepted is.
        drop(nevernone::spawn(name, task));
    }
}
