//! The bridge's state, derived from facts instead of stored: nobody can forget to put it back.

use crate::sync::Mutex;

/// Where a bridge stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BridgeState {
    /// Nobody has initialized it, or nobody to the end.
    Uninitialized,
    /// Somebody is initializing it right now.
    Initializing,
    /// It has a manager that delivers.
    Active,
    /// It has a manager that did not deliver at the last check.
    Degraded,
    /// The last initialization that ended failed.
    Failed,
}

impl BridgeState {
    /// One word, as `/readyz` says it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Uninitialized => "uninitialized",
            Self::Initializing => "initializing",
            Self::Active => "active",
            Self::Degraded => "degraded",
            Self::Failed => "failed",
        }
    }
}

/// What the state follows from.
struct Facts<M> {
    /// Initializations under way; each is a live [`Initializing`], so none can be forgotten.
    initializing: usize,
    /// Whether the last initialization that ended did so badly. Without meaning while there is a manager.
    failed: bool,
    active: Option<Active<M>>,
    /// Checks begun so far, over all managers.
    checks: u64,
}

struct Active<M> {
    manager: M,
    /// What the latest check found wrong.
    degraded: Option<String>,
    /// The latest check that was believed: an older one that ends later says nothing new.
    checked: u64,
}

/// The bridge's shared part; driven by whoever initializes and checks.
pub(super) struct Core<M>(Mutex<Facts<M>>);

/// What an initialization finds.
pub(super) enum Begin<'a, M> {
    Active(M),
    Degraded(M),
    Initializing(Initializing<'a, M>),
}

/// What a check changed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    None,
    Degraded(String),
    Recovered,
}

/// An initialization under way; dropped before its end it leaves everything as it was.
#[must_use]
pub(super) struct Initializing<'a, M>(&'a Core<M>);

impl<M> Default for Core<M> {
    fn default() -> Self {
        Self(Mutex::new(Facts {
            initializing: 0,
            failed: false,
            active: None,
            checks: 0,
        }))
    }
}

impl<M: Clone> Core<M> {
    pub(super) fn begin(&self) -> Begin<'_, M> {
        let mut facts = self.0.lock();
        if let Some(Active {
            manager, degraded, ..
        }) = &facts.active
        {
            let manager = manager.clone();
            return if degraded.is_some() {
                Begin::Degraded(manager)
            } else {
                Begin::Active(manager)
            };
        }
        facts.initializing += 1;
        Begin::Initializing(Initializing(self))
    }

    pub(super) fn state(&self) -> BridgeState {
        let facts = self.0.lock();
        match &facts.active {
            Some(Active { degraded: None, .. }) => BridgeState::Active,
            Some(Active {
                degraded: Some(_), ..
            }) => BridgeState::Degraded,
            None if facts.initializing > 0 => BridgeState::Initializing,
            None if facts.failed => BridgeState::Failed,
            None => BridgeState::Uninitialized,
        }
    }

    pub(super) fn degraded_because(&self) -> Option<String> {
        self.0
            .lock()
            .active
            .as_ref()
            .and_then(|active| active.degraded.clone())
    }

    /// The number of a new check, and what to check; `None` where there is nothing to.
    pub(super) fn begin_check(&self) -> Option<(u64, M)> {
        let mut facts = self.0.lock();
        let manager = facts.active.as_ref()?.manager.clone();
        facts.checks += 1;
        Some((facts.checks, manager))
    }

    pub(super) fn end_check(&self, check: u64, found: Result<(), String>) -> Change {
        let mut facts = self.0.lock();
        let Some(active) = facts
            .active
            .as_mut()
            .filter(|active| active.checked < check)
        else {
            return Change::None;
        };
        active.checked = check;
        match (found, active.degraded.is_some()) {
            (Ok(()), true) => {
                active.degraded = None;
                Change::Recovered
            }
            (Err(reason), before) => {
                active.degraded = Some(reason.clone());
                if before {
                    Change::None
                } else {
                    Change::Degraded(reason)
                }
            }
            (Ok(()), false) => Change::None,
        }
    }

    pub(super) fn reset(&self) {
        let mut facts = self.0.lock();
        facts.failed = false;
        let before = facts.active.take();
        drop(facts);
        // Outside the lock: it may be the manager's last holder.
        drop(before);
    }
}

impl<M> Initializing<'_, M> {
    /// Ends well. Where another one ended well before, its manager stays: both came from the one cell.
    pub(super) fn succeed(self, manager: M) {
        let mut facts = self.0.0.lock();
        let checked = facts.checks;
        facts.active.get_or_insert(Active {
            manager,
            degraded: None,
            checked,
        });
        facts.failed = false;
    }

    /// Ends badly.
    pub(super) fn fail(self) {
        self.0.0.lock().failed = true;
    }
}

impl<M> Drop for Initializing<'_, M> {
    fn drop(&mut self) {
        self.0.0.lock().initializing -= 1;
    }
}
