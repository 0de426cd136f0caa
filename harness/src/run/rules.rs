//! What a scenario declared about its runs as a whole, and how far a run is: chaos, or heal.

use std::time::Duration;

/// Declared before a run's first step; nothing, unless the scenario says so.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rules {
    /// The chaos phase lasts at least that long.
    pub(crate) chaos_for: Option<Duration>,
    /// A run that goes beyond this virtual time is cut short.
    pub(crate) horizon: Option<Duration>,
    /// Whoever is alive when the foreground has ended fails the run.
    pub(crate) deny_leaks: bool,
}

/// The heal phase, as far as it has come.
#[derive(Default)]
pub(crate) struct Heal {
    /// From here on there are no draws: no faults, no cuts, first-in-first-out.
    pub(crate) begun: bool,
    /// An `eventually` has waited through chaos for as long as it may wait at all.
    pub(crate) due: bool,
    /// What is to be run when it begins.
    pub(crate) hooks: Vec<Box<dyn FnOnce()>>,
}
