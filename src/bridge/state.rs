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
        Self(Mutex::new(Facts { initializing: 0, failed: false, active: None, checks: 0 }))
    }
}

impl<M: Clone> Core<M> {
    pub(super) fn begin(&self) -> Begin<'_, M> {
        let mut facts = self.0.lock();
        if let Some(Active { manager, degraded, .. }) = &facts.active {
            let manager = manager.clone();
            return if degraded.is_some() { Begin::Degraded(manager) } else { Begin::Active(manager) };
        }
        facts.initializing += 1;
        Begin::Initializing(Initializing(self))
    }

    /// The state, and why it is Degraded if it is: one look, for a check may end between two.
    pub(super) fn standing(&self) -> (BridgeState, Option<String>) {
        let facts = self.0.lock();
        let state = match &facts.active {
            Some(Active { degraded: None, .. }) => BridgeState::Active,
            Some(Active { degraded: Some(reason), .. }) => return (BridgeState::Degraded, Some(reason.clone())),
            None if facts.initializing > 0 => BridgeState::Initializing,
            None if facts.failed => BridgeState::Failed,
            None => BridgeState::Uninitialized,
        };
        (state, None)
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
        let Some(active) = facts.active.as_mut().filter(|active| active.checked < check) else {
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
                if before { Change::None } else { Change::Degraded(reason) }
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
        facts.active.get_or_insert(Active { manager, degraded: None, checked });
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

#[cfg(test)]
mod tests {
    use super::*;

    fn initializing(core: &Core<u32>) -> Initializing<'_, u32> {
        match core.begin() {
            Begin::Initializing(guard) => guard,
            Begin::Active(_) | Begin::Degraded(_) => panic!("it has a manager"),
        }
    }

    impl Core<u32> {
        fn state(&self) -> BridgeState {
            self.standing().0
        }
    }

    fn active() -> Core<u32> {
        let core = Core::default();
        initializing(&core).succeed(1);
        core
    }

    #[test]
    fn the_state_follows_who_is_under_way_and_who_ended() {
        let core = Core::default();
        let (one, two) = (initializing(&core), initializing(&core));
        assert_eq!(core.state(), BridgeState::Initializing);
        one.fail();
        assert_eq!(core.state(), BridgeState::Initializing, "the other one may still succeed");
        drop(two);
        assert_eq!(core.state(), BridgeState::Failed);
        drop(initializing(&core));
        assert_eq!(core.state(), BridgeState::Failed);
        initializing(&core).succeed(1);
        assert_eq!(core.state(), BridgeState::Active);
    }

    #[test]
    fn a_success_outlives_the_failure_of_another() {
        let core = Core::default();
        let late = initializing(&core);
        initializing(&core).succeed(1);
        late.fail();
        assert_eq!(core.state(), BridgeState::Active);
    }

    #[test]
    fn degraded_comes_back_with_a_good_check_and_each_change_is_told_once() {
        let core = active();
        let check = |found: Result<(), &str>| {
            let (number, _) = core.begin_check().unwrap();
            core.end_check(number, found.map_err(str::to_owned))
        };
        assert_eq!(check(Ok(())), Change::None);
        assert_eq!(check(Err("deaf")), Change::Degraded("deaf".into()));
        assert_eq!(check(Err("mute")), Change::None);
        assert_eq!(core.standing(), (BridgeState::Degraded, Some("mute".to_owned())));
        assert_eq!(check(Ok(())), Change::Recovered);
        assert_eq!(core.state(), BridgeState::Active);
    }

    #[test]
    fn a_check_that_ends_late_says_nothing_new() {
        let core = active();
        let (early, _) = core.begin_check().unwrap();
        let (late, _) = core.begin_check().unwrap();
        assert_eq!(core.end_check(late, Ok(())), Change::None);
        assert_eq!(core.end_check(early, Err("long ago".into())), Change::None);
        assert_eq!(core.state(), BridgeState::Active);
    }

    #[test]
    fn a_check_of_a_former_manager_says_nothing_of_its_successor() {
        let core = active();
        let (former, _) = core.begin_check().unwrap();
        core.reset();
        initializing(&core).succeed(2);
        assert_eq!(core.end_check(former, Err("the former one".into())), Change::None);
        assert_eq!(core.state(), BridgeState::Active);
    }
}
