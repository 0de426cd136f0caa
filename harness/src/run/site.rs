//! A place where a dependency is met, as a scenario described it.

use std::any::{Any, TypeId, type_name};
use std::fmt;
use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What can go wrong at a place.
pub(crate) const KINDS: &[&str] = &["err", "hang", "late", "panic"];

/// How late an answer is where nothing is said.
const LATE: Duration = Duration::from_millis(250);

/// A place that the scenario described; may be sent and shared, since values that are hold it.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) name: &'static str,
    /// The scenario's line.
    pub(crate) described_at: &'static Location<'static>,
    plan: Mutex<Plan>,
}

/// What can happen at a place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) kinds: &'static [&'static str],
    /// Of virtual time.
    pub(crate) late: Duration,
}

impl Place {
    pub(crate) fn new(name: &'static str, described_at: &'static Location<'static>) -> Self {
        Place { name, described_at, plan: Mutex::new(Plan { kinds: KINDS, late: LATE }) }
    }

    pub(crate) fn plan(&self) -> Plan {
        // A plan is copied as a whole.
        *self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// # Panics
    /// If a kind is none of [`KINDS`].
    #[track_caller]
    pub(crate) fn only(&self, kinds: &'static [&'static str]) {
        for kind in kinds {
            assert!(KINDS.contains(kind), "`{kind}` is no kind of fault; there are {}", KINDS.join(", "));
        }
        self.plan.lock().unwrap_or_else(PoisonError::into_inner).kinds = kinds;
    }

    pub(crate) fn late_by(&self, delay: Duration) {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner).late = delay;
    }
}

type Make = Box<dyn Fn() -> Box<dyn Any>>;

/// A place of the production code, and what it gives there.
pub(crate) struct Site {
    pub(crate) place: Arc<Place>,
    /// The type of what `ok` and `err` make, and its name.
    pub(crate) output: TypeId,
    pub(crate) output_name: &'static str,
    /// Each makes a `Result` of the place's own type.
    pub(crate) ok: Make,
    pub(crate) err: Make,
}

impl Site {
    pub(crate) fn new<T: 'static, E: 'static>(
        place: Arc<Place>,
        ok: impl Fn() -> T + 'static,
        err: impl Fn() -> E + 'static,
    ) -> Self {
        Site {
            place,
            output: TypeId::of::<Result<T, E>>(),
            output_name: type_name::<Result<T, E>>(),
            ok: Box::new(move || Box::new(Ok::<T, E>(ok()))),
            err: Box::new(move || Box::new(Err::<T, E>(err()))),
        }
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site").field("place", &self.place).finish_non_exhaustive()
    }
}
