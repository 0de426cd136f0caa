//! A pool of bb8 0.9 while it starts.

use bb8::{Builder, ManageConnection, Pool, RunError};
use nevernone::prelude::*;
use tokio::time::Instant;

#[derive(Debug)]
struct Refused;

/// What a user of the pool writes anyway: how to connect. Here the explorer says what comes of it.
struct Manager(Fake<u32, Refused>);

impl ManageConnection for Manager {
    type Connection = u32;
    type Error = Refused;

    async fn connect(&self) -> Result<u32, Refused> {
        self.0.call().await
    }

    async fn is_valid(&self, _connection: &mut u32) -> Result<(), Refused> {
        Ok(())
    }

    fn has_broken(&self, _connection: &mut u32) -> bool {
        false
    }
}

/// The reaper looks at the operating system's clock, which no run controls, so the pool has none.
fn pool() -> Builder<Manager> {
    Pool::builder().max_size(2).min_idle(1).connection_timeout(secs(5)).idle_timeout(None).max_lifetime(None)
}

/// `connection_timeout` bounds `get`. Whoever awaits `build` waits for the first connection without any bound.
#[nevernone::test(faults = 1, expect_failed_by = "stuck")]
async fn a_pool_is_built_or_refused() {
    let connect = fake("connect").ok(|| 7).err(|| Refused).only(&["err", "hang"]);
    let built = pool().build(Manager(connect)).await;
    sometimes("built", built.is_ok());
}

#[nevernone::test(faults = 3)]
async fn an_early_caller_gets_a_connection_or_an_error() {
    let pool = pool().build_unchecked(Manager(fake("connect").ok(|| 7).err(|| Refused)));
    let other = spawn("another caller", {
        let pool = pool.clone();
        async move { pool.get().await.is_ok() }
    });
    any_moment("a request arrives").await;
    let served = pool.get().await.map(|connection| *connection);
    sometimes("served", matches!(served, Ok(7)));
    sometimes("timed out", matches!(served, Err(RunError::TimedOut)));
    sometimes("the other was served as well", other.await && served.is_ok());
}

/// Without retries, a caller whose connection is refused is not told: it waits for its deadline, and for nobody.
#[nevernone::test(faults = 1, expect_failed_by = "panic")]
async fn a_caller_waits_only_while_somebody_connects() {
    let connect = fake("connect").ok(|| 7).err(|| Refused).only(&["err"]);
    let pool = pool().retry_connection(false).build_unchecked(Manager(connect));
    let begun = Instant::now();
    let served = pool.get().await.map(|connection| *connection);
    assert!(served.is_ok() || begun.elapsed() < secs(5), "waited for {:?} while nobody connected", begun.elapsed());
}
