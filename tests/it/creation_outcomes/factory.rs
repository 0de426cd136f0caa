//! The mock: exactly the planned outcomes in their order, at times that it notes.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use mockall::{Sequence, mock};
use nevernone_reference::manager::{BoxFuture, Budget, Candidate, CreateError, ManagerFactory};
use tokio::time::Instant;

use crate::support::{Outcome, places};

mock! {
    pub(super) Factory {}

    impl ManagerFactory for Factory {
        fn create(&self) -> BoxFuture<'static, Result<Option<Candidate>, CreateError>>;
    }
}

/// Notes each call before the mock judges it: a call beyond the plan is seen even where nobody tells of its panic.
pub(super) struct Noted {
    pub(super) mock: MockFactory,
    notes: Notes,
}

impl ManagerFactory for Noted {
    fn create(&self) -> BoxFuture<'static, Result<Option<Candidate>, CreateError>> {
        self.notes.asked.lock().unwrap().push(Instant::now());
        self.mock.create()
    }
}

/// What the mock leaves to be looked at.
#[derive(Clone)]
pub(super) struct Notes {
    /// When it was asked.
    pub(super) asked: Arc<Mutex<Vec<Instant>>>,
    /// Whence the managers have their places.
    pub(super) budget: Budget,
}

impl Notes {
    pub(super) fn new() -> Self {
        Self { asked: Arc::default(), budget: Budget::new(places()) }
    }

    /// Expects exactly these outcomes in this order, each after `pause`. One call less fails the checkpoint. One call
    /// more panics in the middle of somebody's attempt, which takes it for a failed creation: see
    /// [`Seen`](super::seen::Seen) for who notices.
    pub(super) fn mock(&self, plan: &[Outcome], pause: Duration) -> Noted {
        let mut factory = MockFactory::new();
        let mut sequence = Sequence::new();
        for outcome in plan.iter().copied() {
            let budget = self.budget.clone();
            factory.expect_create().times(1).in_sequence(&mut sequence).returning(move || {
                let budget = budget.clone();
                // A planned panic comes when the future is polled: mockall's own lock is free again by then.
                Box::pin(async move {
                    if !pause.is_zero() {
                        tokio::time::sleep(pause).await;
                    }
                    outcome.happen_within(&budget).await
                })
            });
        }
        Noted { mock: factory, notes: self.clone() }
    }
}
