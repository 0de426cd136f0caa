//! A pool of bb8 0.9 while it starts.

use bb8::{Builder, ManageConnection, Pool, RunError};
use nevernone::{any_moment, fault_at, point, secs, sometimes, spawn};

#[derive(Debug)]
struct Refused;

struct Manager;

impl ManageConnection for Manager {
    type Connection = u32;
    type Error = Refused;

    async fn connect(&self) -> Result<u32, Refused> {
        point("connect", async { Err(Refused) }).await
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

/// `connection_timeout` bounds `get`. Whoever awaits `build` waits for a connection without any bound.
#[nevernone::test(faults = 1, expect_failed_by = "stuck")]
async fn a_pool_is_built_or_refused() {
    fault_at("connect").ok(|| 7_u32).err(|| Refused).only(&["err", "hang"]);
    let pool = pool().build(Manager).await;
    sometimes("built", pool.is_ok());
}

#[nevernone::test(faults = 3)]
async fn an_early_caller_gets_a_connection_or_an_error() {
    fault_at("connect").ok(|| 7_u32).err(|| Refused);
    let pool = pool().build_unchecked(Manager);
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

/// Without retries, a caller that waits for a connection which is refused waits until its deadline, for nobody.
#[nevernone::test(faults = 1, expect_failed_by = "panic")]
async fn a_caller_waits_only_while_somebody_connects() {
    fault_at("connect").ok(|| 7_u32).err(|| Refused).only(&["err"]);
    let pool = pool().retry_connection(false).build_unchecked(Manager);
    let begun = tokio::time::Instant::now();
    let served = pool.get().await.map(|connection| *connection);
    assert!(served.is_ok() || begun.elapsed() < secs(5), "waited for {:?} while nobody connected", begun.elapsed());
}
