//! A startup as people write it: a spawned warm-up, a oneshot, retries with pauses between them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use nevernone::{Scenario, Verdict, always, any_moment, fault, millis, sometimes, spawn};
use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::search;

#[derive(Default)]
struct Service {
    database: OnceLock<&'static str>,
    ready: AtomicBool,
}

impl Service {
    /// The real one connects in a task of its own, so that a caller who gives up stops nothing.
    async fn start(self: Arc<Self>, publish_early: bool) -> Result<(), &'static str> {
        let (tell, told) = oneshot::channel();
        let service = Arc::clone(&self);
        tokio::spawn(async move {
            if publish_early {
                service.ready.store(true, Ordering::SeqCst);
            }
            for attempt in 1..=3 {
                if fault("database", &["refused"]).is_none() {
                    let _ = service.database.set("connected");
                    let _ = tell.send(());
                    return;
                }
                if attempt < 3 {
                    sleep(millis(100 * attempt)).await;
                }
            }
        });
        told.await.map_err(|_gone| "no database after three attempts")?;
        self.ready.store(true, Ordering::SeqCst);
        Ok(())
    }
}

fn startup(publish_early: bool) -> Scenario {
    Scenario::new("startup", move || async move {
        let service = Arc::new(Service::default());
        let seen = Arc::clone(&service);
        always("ready means connected", move || !seen.ready.load(Ordering::SeqCst) || seen.database.get().is_some());
        let start = spawn("startup", Arc::clone(&service).start(publish_early));
        any_moment("a request").await;
        sometimes("the request came early", !service.ready.load(Ordering::SeqCst));
        sometimes("the request came late", service.ready.load(Ordering::SeqCst));
        let started = start.await;
        sometimes("it gave up", started.is_err());
        assert_eq!(started.is_ok(), service.ready.load(Ordering::SeqCst));
    })
    .faults(3)
}

#[test]
fn a_startup_with_a_spawned_task_is_verified() {
    let report = search(&startup(false));
    assert_eq!((report.verdict, report.lane), (Verdict::Verified, 1), "{report:#?}");
}

#[test]
fn what_a_spawned_task_publishes_too_early_is_found() {
    let report = search(&startup(true));
    let failure = report.failure.expect("found");
    assert_eq!((failure.property.as_str(), failure.cost), ("ready means connected", 1));
}
