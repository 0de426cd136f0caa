//! Faults: a draw each, at the places that the scenario or the production code names.
//!
//! `site.rs` describing a place of the production code · `point.rs` what the production code then gets · `fake.rs` a
//! dependency without production code · `attempt.rs` what an attempt at any of them meets · `answer.rs` the time that it
//! takes · `fail_point.rs` the places that the `fail` crate knows.

mod answer;
mod attempt;
#[cfg(feature = "fail")]
mod fail_point;
mod fake;
mod point;
mod site;

use std::panic::resume_unwind;

#[cfg(feature = "fail")]
pub use fail_point::{FailPoint, fail_point};
pub use fake::{Fake, FakeSite, fake};
pub use site::{FaultSite, InstalledSite, fault_at};

use crate::choice::{Alternatives, Cost, Kind, Label};
use crate::run::Injected;
use crate::run::context::{State, with};

/// What fires at a place, if anything: the answer to [`fault`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The kind, as it was declared.
    pub kind: &'static str,
    /// Its index among those declared, from 0.
    pub index: usize,
}

/// Draws whether one of `kinds` fires at this place, here and now: `None` is free and first, every kind costs one
/// fault. Each kind counts as declared: one that never fires makes a verdict `vacuous`, if the bounds admit it.
///
/// # Panics
/// Outside a run.
#[track_caller]
pub fn fault(place: &'static str, kinds: &[&'static str]) -> Option<Fault> {
    with(|state| draw(state, place, kinds))
}

/// The same, where the run is at hand.
pub(crate) fn draw(state: &mut State, place: &'static str, kinds: &[&'static str]) -> Option<Fault> {
    let fault = draw_untold(state, place, kinds)?;
    state.note(|| format!("fault at {place}: {}", fault.kind));
    Some(fault)
}

/// The same, where the caller tells of it.
pub(crate) fn draw_untold(state: &mut State, place: &'static str, kinds: &[&'static str]) -> Option<Fault> {
    state.tally().came_to(place);
    state.tally().declare(place, kinds);
    if kinds.is_empty() {
        return None;
    }
    let arity = u32::try_from(kinds.len()).unwrap_or(u32::MAX - 1) + 1;
    let label = Label { kind: Kind::Fault, name: place };
    let value = state.draw(label, Alternatives::FirstFree { arity, rest: Cost::Fault });
    let index = (value as usize).checked_sub(1)?;
    let kind = kinds[index];
    state.tally().fired((place, kind));
    Some(Fault { kind, index })
}

/// Panics as a fault: where such a panic ends a task, that is no failure of its own, and nothing is printed.
///
/// # Panics
/// Always; that is what it is for.
pub fn inject_panic() -> ! {
    resume_unwind(Box::new(Injected))
}
