//! Faults at the places that production code names with `nevernone_point::point`.

use std::any::Any;
use std::cell::Cell;
use std::fmt;
use std::future::pending;
use std::time::Duration;

use nevernone_point::hook::Replacement;

use crate::api;
use crate::run::context::try_with;

/// What can go wrong at a place.
pub(crate) const KINDS: &[&str] = &["err", "hang", "late", "panic"];

type Make = Box<dyn Fn() -> Box<dyn Any>>;

/// A place that the scenario described.
pub(crate) struct Site {
    pub(crate) place: &'static str,
    pub(crate) kinds: Cell<&'static [&'static str]>,
    pub(crate) late: Cell<Duration>,
    /// Each makes a `Result` of the place's own type.
    ok: Make,
    err: Make,
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

/// Puts the explorer behind every `point` of this process.
pub(crate) fn install_hook() {
    nevernone_point::hook::install(replacement);
}

/// What a place gives instead of its future; `None` outside a run and for places that no scenario described.
fn replacement(place: &'static str) -> Option<Replacement> {
    let site = try_with(|state| state.site(place)).flatten()?;
    let fault = api::fault(place, site.kinds.get()).map(|fault| fault.kind);
    let late = site.late.get();
    // Only what can be sent is held across an await, since production futures often must be; the site is found again.
    Some(Box::pin(async move {
        match fault {
            Some("hang") => pending::<()>().await,
            Some("late") => tokio::time::sleep(late).await,
            Some("panic") => api::inject_panic(),
            _ => {}
        }
        let site = try_with(|state| state.site(place)).flatten();
        let site = site.expect("a fault site outlives the futures of its run");
        if fault == Some("err") { (site.err)() } else { (site.ok)() }
    }))
}
