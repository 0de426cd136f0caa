//! A service of two subsystems under tokio-graceful-shutdown 0.20: stopped at any moment of its start, failing, panicking.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use nevernone::prelude::*;
use tokio::sync::watch;
use tokio_graceful_shutdown::errors::GracefulShutdownError;
use tokio_graceful_shutdown::{SubsystemBuilder, SubsystemHandle, Toplevel};
use tokio_util::sync::CancellationToken;

/// Counts whoever is at work.
struct AtWork(Arc<AtomicUsize>);

impl AtWork {
    fn begin(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        AtWork(Arc::clone(count))
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn database(handle: &mut SubsystemHandle, ready: watch::Sender<bool>) -> Result<(), String> {
    point("db.connect", async { Err::<(), _>("there is no database in a test".to_owned()) }).await?;
    ready.send_replace(true);
    handle.on_shutdown_requested().await;
    Ok(())
}

async fn web(handle: &mut SubsystemHandle, mut ready: watch::Receiver<bool>) -> Result<(), String> {
    tokio::select! {
        biased;
        () = handle.on_shutdown_requested() => return Ok(()),
        found = ready.wait_for(|ready| *ready) => { found.map_err(|_| "the database is gone".to_owned())?; }
    }
    sometimes("serves", true);
    handle.on_shutdown_requested().await;
    Ok(())
}

#[nevernone::test(faults = 1, cost = 1)]
async fn once_the_service_has_ended_nobody_is_at_work() {
    fault_at("db.connect").ok(|| ()).err(|| "refused".to_owned());
    let at_work = Arc::new(AtomicUsize::new(0));
    let (counted, token) = (Arc::clone(&at_work), CancellationToken::new());
    let service = Toplevel::new_with_shutdown_token(
        async move |handle: &mut SubsystemHandle| {
            let (sender, receiver) = watch::channel(false);
            let (one, other) = (AtWork::begin(&counted), AtWork::begin(&counted));
            handle.start(SubsystemBuilder::new("database", async move |handle: &mut SubsystemHandle| {
                let _one = one;
                database(handle, sender).await
            }));
            handle.start(SubsystemBuilder::new("web", async move |handle: &mut SubsystemHandle| {
                let _other = other;
                web(handle, receiver).await
            }));
        },
        token.clone(),
    );
    daemon("operator", async move {
        any_moment("SIGTERM arrives").await;
        token.cancel();
    });
    let ended = service.handle_shutdown_requests(secs(1)).await;
    sometimes("a clean end", ended.is_ok());
    sometimes("a failed end", matches!(ended, Err(GracefulShutdownError::SubsystemsFailed(_))));
    // Who does not stop in time is aborted, which takes the runtime another poll.
    let late = matches!(ended, Err(GracefulShutdownError::ShutdownTimeout(_)));
    sometimes("a late end", late);
    let left = at_work.load(Ordering::Relaxed);
    assert!(late || left == 0, "{left} subsystems still at work after the service has ended: {ended:?}");
    eventually("nobody is at work", secs(1), move || at_work.load(Ordering::Relaxed) == 0).await;
}
