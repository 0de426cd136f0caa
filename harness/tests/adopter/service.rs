//! The service: two dependencies behind `tokio::sync::OnceCell`, a startup with retries and timeouts, one route.
//! Nothing here knows of the tests but the two `point`s, a line per external dependency.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use nevernone_point::point;
use tokio::sync::OnceCell;
use tokio::time::{sleep, timeout};

use crate::dependencies::{Cache, CacheError, Database, DatabaseError};

/// How the startup deals with dependencies that are slow or away.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Config {
    pub(crate) attempts: u32,
    pub(crate) attempt_timeout: Duration,
    pub(crate) pause: Duration,
}

impl Config {
    pub(crate) fn for_tests() -> Self {
        Config { attempts: 2, attempt_timeout: Duration::from_secs(1), pause: Duration::from_millis(100) }
    }
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    #[error("no database: {0}")]
    Database(#[from] DatabaseError),
    #[error("no cache: {0}")]
    Cache(#[from] CacheError),
    #[error("{0} did not answer in time, at any attempt")]
    TimedOut(&'static str),
    #[error("it was not finished: {0}")]
    Unfinished(#[from] tokio::task::JoinError),
}

/// The service; a clone is another handle to the same one.
#[derive(Debug, Clone)]
pub(crate) struct App {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: Config,
    database: OnceCell<Database>,
    cache: OnceCell<Cache>,
    /// Stored after both cells are filled, with release ordering: who loads it sees them filled.
    ready: AtomicBool,
}

impl App {
    pub(crate) fn new(config: Config) -> Self {
        let (database, cache) = (OnceCell::new(), OnceCell::new());
        App { inner: Arc::new(Inner { config, database, cache, ready: AtomicBool::new(false) }) }
    }

    /// Connects both dependencies, then is ready. May be called again after it failed or was dropped.
    pub(crate) async fn start(self) -> Result<(), StartError> {
        self.connect_database().await?;
        self.connect_cache().await?;
        self.announce_ready();
        Ok(())
    }

    /// Starts in a task of its own: whoever asked for it may go away.
    pub(crate) async fn start_detached(self) -> Result<(), StartError> {
        tokio::spawn(self.start()).await?
    }

    pub(crate) fn is_ready(&self) -> bool {
        // Acquire: see `Inner::ready`.
        self.inner.ready.load(Ordering::Acquire)
    }

    pub(crate) fn fully_wired(&self) -> bool {
        self.inner.database.get().is_some() && self.inner.cache.get().is_some()
    }

    pub(crate) fn router(&self) -> Router {
        Router::new().route("/users/{id}", get(user)).with_state(self.clone())
    }

    pub(crate) async fn connect_database(&self) -> Result<(), StartError> {
        let connect = || async {
            let connected = point("db.connect", Database::connect("postgres://db/users"));
            self.inner.database.get_or_try_init(|| connected).await.map(drop)
        };
        self.retry("the database", connect).await
    }

    pub(crate) async fn connect_cache(&self) -> Result<(), StartError> {
        let connect = || async {
            let connected = point("cache.connect", Cache::connect("redis://cache"));
            self.inner.cache.get_or_try_init(|| connected).await.map(drop)
        };
        self.retry("the cache", connect).await
    }

    pub(crate) fn announce_ready(&self) {
        // Release: see `Inner::ready`.
        self.inner.ready.store(true, Ordering::Release);
    }

    /// Tries as often as is configured; a late answer is a failed attempt.
    async fn retry<E, Fut>(&self, what: &'static str, connect: impl Fn() -> Fut) -> Result<(), StartError>
    where
        E: Into<StartError>,
        Fut: Future<Output = Result<(), E>>,
    {
        let config = self.inner.config;
        let mut last = StartError::TimedOut(what);
        for attempt in 1..=config.attempts {
            match timeout(config.attempt_timeout, connect()).await {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(error)) => last = error.into(),
                Err(_elapsed) => last = StartError::TimedOut(what),
            }
            if attempt < config.attempts {
                sleep(config.pause).await;
            }
        }
        Err(last)
    }
}

/// Refuses until the service is ready. What a half-built one would do is answer 500.
async fn user(State(app): State<App>, Path(id): Path<u64>) -> Result<String, StatusCode> {
    if !app.is_ready() {
        return Err(StatusCode::SERVICE_UNAVAILABLE);
    }
    let cache = app.inner.cache.get().ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
    let database = app.inner.database.get().ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
    if let Some(name) = cache.name(id).await {
        return Ok(name);
    }
    let name = database.name(id).await;
    cache.remember(id, &name).await;
    Ok(name)
}
