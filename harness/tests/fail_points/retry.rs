//! A bug as one finds it in services that have fail points already: nothing in the production code names the framework.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use nevernone::{Scenario, Verdict, always, campaign, fail_point, millis, secs, sometimes, watch};
use tokio::sync::OnceCell;
use tokio::time::sleep;

use crate::{connect, search, verified};

/// A service whose startup tries twice.
#[derive(Default)]
struct Service {
    starting: AtomicBool,
    pool: OnceCell<u32>,
    ready: AtomicBool,
}

impl Service {
    /// One startup at a time.
    async fn start(&self, opens_again: bool) -> Result<(), String> {
        if self.starting.swap(true, Ordering::AcqRel) {
            return Err("another startup is under way".to_owned());
        }
        let connected = self.connect_twice(opens_again).await;
        self.starting.store(false, Ordering::Release);
        connected.map(|()| self.ready.store(true, Ordering::Release))
    }

    async fn connect_twice(&self, keeps_trying: bool) -> Result<(), String> {
        for attempt in 1..=2 {
            match self.open() {
                Ok(()) => return Ok(()),
                // Broken: the second reason to fail is taken for a first success.
                Err(_) if attempt == 2 && !keeps_trying => return Ok(()),
                Err(reason) if attempt == 2 => return Err(reason),
                Err(_) => sleep(millis(100)).await,
            }
        }
        Ok(())
    }

    fn open(&self) -> Result<(), String> {
        connect("pool.open")?;
        // Whoever was first opened it.
        let _ = self.pool.set(7);
        Ok(())
    }
}

fn scenario(repaired: bool) -> Scenario {
    let scenario = Scenario::new("a startup with a fail point", move || async move {
        fail_point("pool.open").returns(&["timed out"]).panics();
        let service = Arc::new(Service::default());
        always(
            "ready means connected",
            watch(&service, |service| !service.ready.load(Ordering::Acquire) || service.pool.initialized()),
        );
        let started = service.start(repaired).await;
        sometimes("gave up", started.is_err());
    });
    scenario.faults(2).horizon(secs(10))
}

#[test]
fn a_service_that_is_ready_without_a_pool_is_found_and_its_token_replays_it() {
    let broken = scenario(false);
    let report = search(&broken);
    let failure = report.failure.expect("found");
    assert_eq!((failure.property.as_str(), failure.cost), ("ready means connected", 2));
    assert_eq!(failure.token.matches("fault@pool.open").count(), 2, "{}", failure.token);
    let replayed = campaign::replay(&broken, &failure.token.parse().unwrap()).unwrap();
    assert!(!replayed.drifted, "{replayed}");
    let faults: Vec<_> = replayed.timeline.iter().filter(|entry| entry.what.starts_with("fault at")).collect();
    assert_eq!(faults.len(), 2, "{replayed}");
    assert_eq!((faults[0].what.as_str(), faults[0].at), ("fault at pool.open: timed out", millis(0)));
    assert_eq!((faults[1].what.as_str(), faults[1].at), ("fault at pool.open: timed out", millis(100)));
}

#[test]
fn repaired_it_is_verified() {
    let report = verified(&scenario(true));
    // Both attempts: go on, panic, return and try once more.
    assert_eq!(report.runs, 2 + 3);
    assert_eq!(report.verdict, Verdict::Verified);
}
