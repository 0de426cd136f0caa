//! How a run can end.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::uncontrolled::Uncontrolled;

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// Every foreground task ended and every property held.
    Passed,
    /// A property did not hold.
    Failed(Failure),
    /// The choice at `position` turned out to be none: a cut that denied nothing, a movement of the clock without a
    /// timer. The run is another run's double and does not count.
    Void {
        /// The draw whose answer was void.
        position: usize,
    },
    /// The run was stopped before its end.
    CutShort(CutShort),
    /// Something that no choice explains.
    Uncontrolled(Uncontrolled),
}

/// Why a run was stopped before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CutShort {
    /// It took as many steps as it was allowed.
    Steps(u32),
    /// The next thing would have happened beyond the declared virtual time.
    Horizon(Duration),
}

impl fmt::Display for CutShort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CutShort::Steps(limit) => write!(f, "a run was stopped after {limit} steps"),
            CutShort::Horizon(horizon) => write!(f, "a run was stopped at its horizon of {horizon:?}"),
        }
    }
}

/// A place in the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Location {
    /// As the compiler was given it.
    pub file: String,
    /// From 1.
    pub line: u32,
}

impl From<&std::panic::Location<'_>> for Location {
    fn from(location: &std::panic::Location<'_>) -> Self {
        Location { file: location.file().to_owned(), line: location.line() }
    }
}

/// A property that did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Its name: the scenario's own, or `panic`, `stuck` or `leak`.
    pub property: String,
    /// What was wrong.
    pub message: String,
    /// The property's own line, where there is one.
    pub location: Option<Location>,
}
