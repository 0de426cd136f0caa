//! Trying again, with growing pauses.

use std::future::Future;

use tokio::time::{sleep, timeout};

use super::cache::CacheError;
use super::config::Config;

/// Why the service did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The pool's last error.
    #[error("no database: {0}")]
    Database(#[from] sqlx::Error),
    /// The cache's last error.
    #[error("no cache: {0}")]
    Cache(#[from] CacheError),
    /// The last attempt took too long.
    #[error("{0} did not answer in time")]
    TimedOut(&'static str),
}

/// Tries as often as is configured; a late answer is a failed attempt.
pub async fn retry<T, E, Fut>(config: &Config, what: &'static str, connect: impl Fn() -> Fut) -> Result<T, StartError>
where
    E: Into<StartError>,
    Fut: Future<Output = Result<T, E>>,
{
    let mut pause = config.backoff;
    let mut attempt = 1;
    loop {
        let error = match timeout(config.attempt_timeout, connect()).await {
            Ok(Ok(connected)) => return Ok(connected),
            Ok(Err(error)) => error.into(),
            Err(_elapsed) => StartError::TimedOut(what),
        };
        if attempt >= config.attempts {
            return Err(error);
        }
        attempt += 1;
        sleep(pause).await;
        pause *= 2;
    }
}
