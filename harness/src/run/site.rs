//! A place in production code, as a scenario described it.

use std::any::Any;
use std::cell::Cell;
use std::fmt;
use std::time::Duration;

/// What can go wrong at a place.
pub(crate) const KINDS: &[&str] = &["err", "hang", "late", "panic"];

type Make = Box<dyn Fn() -> Box<dyn Any>>;

/// A place that the scenario described.
pub(crate) struct Site {
    pub(crate) place: &'static str,
    pub(crate) kinds: Cell<&'static [&'static str]>,
    pub(crate) late: Cell<Duration>,
    /// Each makes a `Result` of the place's own type.
    pub(crate) ok: Make,
    pub(crate) err: Make,
}

impl Site {
    pub(crate) fn new(place: &'static str, ok: Make, err: Make) -> Self {
        Site { place, kinds: Cell::new(KINDS), late: Cell::new(Duration::from_millis(250)), ok, err }
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site").field("place", &self.place).field("kinds", &self.kinds.get()).finish_non_exhaustive()
    }
}
