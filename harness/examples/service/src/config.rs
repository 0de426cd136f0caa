//! What an operator may set.

use std::time::Duration;

/// Addresses, and how patient the startup is.
#[derive(Debug, Clone)]
pub struct Config {
    /// Of the database.
    pub database_url: String,
    /// Of the cache: `host:port` of a memcached, or `memory`.
    pub cache_address: String,
    /// How often each dependency is tried.
    pub attempts: u32,
    /// How long one attempt may take.
    pub attempt_timeout: Duration,
    /// The pause after the first failed attempt; it doubles with each further one.
    pub backoff: Duration,
    /// The pause between two health checks.
    pub health_every: Duration,
}

impl Config {
    /// From `DATABASE_URL` and `CACHE_ADDRESS`, with defaults for a developer's machine.
    pub fn from_environment() -> Self {
        let or = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
        Config {
            database_url: or("DATABASE_URL", "postgres://localhost/users"),
            cache_address: or("CACHE_ADDRESS", "memory"),
            attempts: 5,
            attempt_timeout: Duration::from_secs(3),
            backoff: Duration::from_millis(200),
            health_every: Duration::from_secs(10),
        }
    }

    /// Short pauses and few attempts.
    pub fn for_tests() -> Self {
        Config {
            database_url: "postgres://localhost/nowhere".to_owned(),
            cache_address: "memory".to_owned(),
            attempts: 2,
            attempt_timeout: Duration::from_secs(1),
            backoff: Duration::from_millis(100),
            health_every: Duration::from_secs(10),
        }
    }
}
