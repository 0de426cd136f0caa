//! What a scenario declared about its runs as a whole, and how far a run is: chaos, or heal.

use std::time::Duration;

/// Movements of the clock: more than the attempts of most startups, so that an event can come between any two of them even
/// where the code under test gave its startup to `tokio::spawn`.
const REST: u32 = 10;

/// Declared before a run's first step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    /// The chaos phase lasts at least that long.
    pub(crate) chaos_for: Option<Duration>,
    /// A run that goes beyond this virtual time is cut short.
    pub(crate) horizon: Option<Duration>,
    /// Whoever is alive when the foreground has ended fails the run.
    pub(crate) deny_leaks: bool,
    /// After so many movements of the clock in which only the background ran, an event of the outside world waits no longer.
    pub(crate) rest: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Rules { chaos_for: None, horizon: None, deny_leaks: false, rest: REST }
    }
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
