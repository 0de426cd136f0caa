//! A factory whose every creation is a draw.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::manager::{BoxFuture, Candidate, CreateError, Limits, ManagerFactory, Part};

/// Everything that a creation can come to besides success, by the names that reports use.
pub(super) const KINDS: &[&str] = &[
    "nothing",
    "without connections",
    "without user_connections",
    "without room_memberships",
    "without send_to_thread",
    "error",
    "exhausted",
    "panic",
    "late",
];

/// One fault of each sort, where the sorts of missing parts are checked elsewhere.
pub(super) const REPRESENTATIVE: &[&str] = &["nothing", "without send_to_thread", "error", "panic", "late"];

/// All but the one that takes time.
pub(super) const AT_ONCE: &[&str] = KINDS.split_at(8).0;

/// One fault each of those that bring nothing, too little, and something late.
pub(super) const THREE: &[&str] = &["error", "without send_to_thread", "late"];

/// Makes managers as the explorer decides, and counts.
pub(super) struct ChosenFactory {
    kinds: &'static [&'static str],
    begun: Arc<AtomicU32>,
    /// Faults drawn.
    faults: Arc<AtomicU32>,
    /// Creations that are neither finished nor dropped.
    running: Arc<AtomicU32>,
}

impl ChosenFactory {
    pub(super) fn new(kinds: &'static [&'static str]) -> Arc<Self> {
        Arc::new(ChosenFactory { kinds, begun: Arc::default(), faults: Arc::default(), running: Arc::default() })
    }

    /// How many creations were begun.
    pub(super) fn begun(&self) -> u32 {
        // Relaxed here and below: plain counts, of one thread.
        self.begun.load(Ordering::Relaxed)
    }

    /// How many creations had a fault in them.
    pub(super) fn faults(&self) -> u32 {
        self.faults.load(Ordering::Relaxed)
    }

    /// Whether a creation is under way.
    pub(super) fn is_running(&self) -> bool {
        self.running.load(Ordering::Relaxed) > 0
    }
}

impl ManagerFactory for ChosenFactory {
    fn create(&self) -> BoxFuture<'static, Result<Option<Candidate>, CreateError>> {
        self.begun.fetch_add(1, Ordering::Relaxed);
        self.running.fetch_add(1, Ordering::Relaxed);
        let running = Running(Arc::clone(&self.running));
        let (kinds, faults) = (self.kinds, Arc::clone(&self.faults));
        Box::pin(async move {
            let _running = running;
            // One operation of the budget, so that the creation is a place where the explorer can cut.
            tokio::task::consume_budget().await;
            let kind = nevernone::fault("manager.create", kinds).map(|fault| fault.kind);
            faults.fetch_add(kind.is_some().into(), Ordering::Relaxed);
            outcome(kind).await
        })
    }
}

async fn outcome(kind: Option<&str>) -> Result<Option<Candidate>, CreateError> {
    let complete = || Candidate::complete(Limits::default());
    let without = |part| Ok(Some(complete().without(part)));
    match kind {
        None => Ok(Some(complete())),
        Some("nothing") => Ok(None),
        Some("without connections") => without(Part::Connections),
        Some("without user_connections") => without(Part::UserConnections),
        Some("without room_memberships") => without(Part::RoomMemberships),
        Some("without send_to_thread") => without(Part::SendToThread),
        Some("error") => Err(CreateError::new("the connection table could not be allocated")),
        Some("exhausted") => {
            // Something was allocated before the resources ran out; it must not be what anybody gets.
            drop(complete());
            Err(CreateError::new("no file descriptors are left"))
        }
        Some("panic") => nevernone::inject_panic(),
        Some("late") => {
            tokio::time::sleep(nevernone::millis(70)).await;
            Ok(Some(complete()))
        }
        Some(_) => pending().await,
    }
}

/// Counts a creation as under way until it is finished or dropped.
struct Running(Arc<AtomicU32>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
