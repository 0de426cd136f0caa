//! A factory whose every creation comes to what the explorer chooses, and which remembers that.

use std::sync::{Arc, Mutex};

use nevernone::{fault, millis};
use nevernone_reference::manager::{BoxFuture, Candidate, CreateError, ManagerFactory};

use crate::{creation_outcomes::OUTCOMES, support::Outcome};

/// The failures of [`OUTCOMES`], in their order, by the names that a story uses; then the success that takes time.
const KINDS: [&str; OUTCOMES.len()] = [
    "nothing",
    "without connections",
    "without user_connections",
    "without room_memberships",
    "without send_to_thread",
    "error",
    "panic",
    "late",
];

#[derive(Clone)]
pub(crate) struct Chosen {
    kinds: &'static [&'static str],
    outcomes: Arc<Mutex<Vec<Outcome>>>,
}

impl Chosen {
    /// Whatever a creation can come to, late ones included.
    pub(crate) fn any() -> Self {
        Self { kinds: &KINDS, outcomes: Arc::default() }
    }

    /// The same without those that take time.
    pub(crate) fn at_once() -> Self {
        Self { kinds: &KINDS[..OUTCOMES.len() - 1], ..Self::any() }
    }

    /// In order, of all creations so far.
    pub(crate) fn outcomes(&self) -> Vec<Outcome> {
        self.outcomes.lock().unwrap().clone()
    }
}

impl ManagerFactory for Chosen {
    fn create(&self) -> BoxFuture<'static, Result<Option<Candidate>, CreateError>> {
        let chosen = self.clone();
        Box::pin(async move {
            // So that others can join the creation, or give it up, while it is under way.
            tokio::task::yield_now().await;
            let outcome = fault("manager.create", chosen.kinds).map_or(OUTCOMES[0], |fault| {
                OUTCOMES.get(fault.index + 1).copied().unwrap_or(Outcome::Late(millis(70)))
            });
            chosen.outcomes.lock().unwrap().push(outcome);
            outcome.happen().await
        })
    }
}
