//! `src/startup.rs` as many services have it: all state is in a static.
//!
//! ```diff
//! -pub struct App(Arc<Shared>);
//! +pub struct App(&'static Shared);
//! +
//! +static SHARED: OnceLock<Shared> = OnceLock::new();
//! ...
//! -        App(Arc::new(Shared {
//! +        App(SHARED.get_or_init(|| Shared {
//! ```

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::PgPool;
use tokio::sync::{Mutex, OnceCell, watch};

use super::cache::{Cache, CacheError};
use super::config::Config;
use super::health::Health;
use super::retry::{StartError, retry};

/// The service of this process, for jobs that are handed no state.
static CURRENT: OnceLock<App> = OnceLock::new();

/// The service; a clone is another handle to the same one.
#[derive(Debug, Clone)]
pub struct App(&'static Shared);

static SHARED: OnceLock<Shared> = OnceLock::new();

#[derive(Debug)]
struct Shared {
    config: Config,
    database: OnceCell<PgPool>,
    cache: OnceCell<Cache>,
    /// Stored, with release ordering, when both cells are filled: who loads it sees them filled.
    ready: AtomicBool,
    /// Held while somebody starts the service.
    starting: Mutex<()>,
    health: Health,
    stop: watch::Sender<bool>,
}

impl App {
    /// A service that is not started.
    pub fn new(config: Config) -> Self {
        App(SHARED.get_or_init(|| Shared {
            config,
            database: OnceCell::new(),
            cache: OnceCell::new(),
            ready: AtomicBool::new(false),
            starting: Mutex::new(()),
            health: Health::default(),
            stop: watch::Sender::new(false),
        }))
    }

    /// Connects both dependencies; then the service is ready, and is this process's current one. May be called again after
    /// it failed, or was given up.
    pub async fn start(self) -> Result<(), StartError> {
        let _one_at_a_time = self.0.starting.lock().await;
        if self.is_ready() { Ok(()) } else { self.connect().await }
    }

    async fn connect(&self) -> Result<(), StartError> {
        let database = retry(&self.0.config, "the database", || self.connect_database()).await?;
        let cache = retry(&self.0.config, "the cache", || self.connect_cache()).await?;
        self.0.ready.store(true, Ordering::Release);
        // There may be one already, where tests start several.
        let _ = CURRENT.set(self.clone());
        let (health, every, stop) = (self.health().clone(), self.0.config.health_every, self.0.stop.subscribe());
        tokio::spawn(health.watch(every, database.clone(), cache.clone(), stop));
        Ok(())
    }

    /// Ends the background task and closes the pool.
    pub async fn stop(&self) {
        self.0.ready.store(false, Ordering::Release);
        self.0.stop.send_replace(true);
        if let Some(database) = self.database() {
            database.close().await;
        }
    }

    /// The one that was started in this process.
    pub fn current() -> Option<&'static App> {
        CURRENT.get()
    }

    /// Whether requests may come.
    pub fn is_ready(&self) -> bool {
        self.0.ready.load(Ordering::Acquire)
    }

    /// Whether both dependencies are there.
    pub fn fully_wired(&self) -> bool {
        self.database().is_some() && self.cache().is_some()
    }

    /// The pool, once it is connected.
    pub fn database(&self) -> Option<&PgPool> {
        self.0.database.get()
    }

    /// The cache, once it is connected.
    pub fn cache(&self) -> Option<&Cache> {
        self.0.cache.get()
    }

    /// What the background task found last.
    pub fn health(&self) -> &Health {
        &self.0.health
    }

    async fn connect_database(&self) -> Result<&PgPool, sqlx::Error> {
        let connect =
            || async { nevernone_point::point("db.connect", PgPool::connect(&self.0.config.database_url)).await };
        self.0.database.get_or_try_init(connect).await
    }

    async fn connect_cache(&self) -> Result<&Cache, CacheError> {
        let connect =
            || async { nevernone_point::point("cache.connect", Cache::connect(&self.0.config.cache_address)).await };
        self.0.cache.get_or_try_init(connect).await
    }
}
