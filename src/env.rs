//! What the drivers ask of the world: the time, a wait, and a task of its own.
//!
//! Drivers are generic over [`Env`], so the very code that serves production also runs under an explorer that
//! decides when time passes and which task is polled next.

mod tokio;

use std::{future::Future, time::Duration};

pub use self::tokio::TokioEnv;

/// Time, waiting and tasks; everything a driver may ask of its surroundings.
pub trait Env: Clone + Send + Sync + 'static {
    /// Time since an origin that is arbitrary but fixed for this environment; never goes backwards.
    fn now(&self) -> Duration;

    /// Completes once `wait` has passed. Dropping the future ends the wait without a trace.
    fn sleep(&self, wait: Duration) -> impl Future<Output = ()> + Send;

    /// Runs `task` beside the caller. `name` appears in reports only.
    fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static);
}
