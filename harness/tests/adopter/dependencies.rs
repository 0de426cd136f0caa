//! The clients of the two dependencies. Their `connect` would open a socket; under test `point` stands in for it.

use std::collections::BTreeMap;

use tokio::sync::Mutex;

#[derive(Debug, thiserror::Error)]
pub(crate) enum DatabaseError {
    #[error("the pool timed out")]
    PoolTimedOut,
    #[error("nothing listens at {0}")]
    Unreachable(String),
}

#[derive(Debug)]
pub(crate) struct Database {
    users: BTreeMap<u64, &'static str>,
}

impl Database {
    /// There is no such server in a test: whoever is not behind a fault site learns it here.
    pub(crate) async fn connect(url: &str) -> Result<Self, DatabaseError> {
        tokio::task::yield_now().await;
        Err(DatabaseError::Unreachable(url.to_owned()))
    }

    /// A pool that connects when it is first used.
    pub(crate) fn lazy_pool() -> Self {
        Database { users: BTreeMap::from([(1, "Ada"), (2, "Grace")]) }
    }

    pub(crate) async fn name(&self, id: u64) -> String {
        tokio::task::yield_now().await;
        self.users.get(&id).copied().unwrap_or("nobody").to_owned()
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the cache refused: {0}")]
pub(crate) struct CacheError(pub(crate) String);

#[derive(Debug, Default)]
pub(crate) struct Cache {
    names: Mutex<BTreeMap<u64, String>>,
}

impl Cache {
    /// See [`Database::connect`].
    pub(crate) async fn connect(url: &str) -> Result<Self, CacheError> {
        tokio::task::yield_now().await;
        Err(CacheError(format!("nothing listens at {url}")))
    }

    pub(crate) fn in_memory() -> Self {
        Cache::default()
    }

    pub(crate) async fn name(&self, id: u64) -> Option<String> {
        self.names.lock().await.get(&id).cloned()
    }

    pub(crate) async fn remember(&self, id: u64, name: &str) {
        self.names.lock().await.insert(id, name.to_owned());
    }
}
