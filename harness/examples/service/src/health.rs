//! The background task: asks the dependencies, from time to time, whether they are still there.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::PgPool;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::cache::Cache;

/// What a check found last.
#[derive(Debug, Clone, Default)]
pub struct Health(Arc<AtomicBool>);

impl Health {
    /// Whether both dependencies answered.
    pub fn is_good(&self) -> bool {
        // Relaxed, here and below: a gauge that nothing else depends on.
        self.0.load(Ordering::Relaxed)
    }

    /// Checks until `stop` says so, or nobody is left who could say it.
    pub async fn watch(self, every: Duration, database: PgPool, cache: Cache, mut stop: watch::Receiver<bool>) {
        let mut ticks = interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => return,
                _ = ticks.tick() => {}
            }
            let good = cache.ping().await.is_ok() && !database.is_closed();
            self.0.store(good, Ordering::Relaxed);
        }
    }
}
