//! Log lines as properties: what must never be said, and what must have been. Needs the feature `logs`.
//!
//! A run's lines are what its code gives to `tracing` on the run's thread, each as `LEVEL target: message field=value …`.
//! They are kept from the first call of this module in a run, so that runs that ask for none pay for none; a body that
//! wants all of them begins with [`capture`]. What follows is said of every line that was kept, earlier ones included.
//!
//! While a run is executed its thread's lines go nowhere else. A replay tells those of level INFO and above in its
//! timeline.
//!
//! ```
//! use nevernone::{Scenario, Verdict, campaign, fault, logs};
//!
//! let scenario = Scenario::new("says so", || async {
//!     logs::forbid("set to None");
//!     logs::require("manager set to");
//!     let manager = if fault("factory", &["nothing"]).is_some() { "None" } else { "a manager" };
//!     tracing::info!(agents = 8, "WebSocket manager set to {manager}");
//! });
//! let report = campaign::check(&scenario, &campaign::Options::default());
//! assert_eq!(report.verdict, Verdict::Failed);
//! assert_eq!(report.failure.unwrap().property, "forbidden log line: set to None");
//! ```

use std::borrow::Cow;
use std::cell::Cell;
use std::panic::Location as Caller;
use std::rc::Rc;

use crate::ending::{Failure, Location};
use crate::run::context::{Goal, Property, try_with, with};
use crate::run::log_lines;

/// Keeps the run's lines from here on.
///
/// # Panics
/// Outside a run.
#[track_caller]
pub fn capture() {
    with(|_| log_lines::keep());
}

/// The lines that were kept so far.
///
/// # Panics
/// Outside a run.
#[track_caller]
pub fn lines() -> Vec<String> {
    capture();
    let mut lines = Vec::new();
    log_lines::find(0, |line| {
        lines.push(line.to_owned());
        false
    });
    lines
}

/// Fails the run after the step in which a line with `text` in it was logged, or at the run's end where it was logged
/// while tasks were dropped.
///
/// # Panics
/// Outside a run.
#[track_caller]
pub fn forbid(text: impl Into<Cow<'static, str>>) {
    capture();
    let text = text.into();
    let name = format!("forbidden log line: {text}");
    let caller = Caller::caller();
    let looked_at = Rc::new(Cell::new(0));
    let look = {
        let name = name.clone();
        move || {
            let from = looked_at.replace(log_lines::count());
            log_lines::find(from, |line| line.contains(&*text)).map(|line| Failure {
                property: name.clone(),
                message: format!("logged: {line}"),
                location: Some(Location::from(caller)),
            })
        }
    };
    let holds = {
        let look = look.clone();
        move || {
            if let Some(failure) = look() {
                // A property itself, and the engine's own.
                let _ = try_with(|state| state.fail(failure));
            }
            Some(true)
        }
    };
    with(|state| {
        let id = state.next_id();
        let holds = Box::new(holds);
        state.properties().push(Property { id, name: name.into(), caller, holds, goal: Goal::Always });
        state.at_end.push(Box::new(look));
    });
}

/// Fails a run that nothing else has failed if, when everything in it has been dropped, no line with `text` in it was
/// logged.
///
/// # Panics
/// Outside a run.
#[track_caller]
pub fn require(text: impl Into<Cow<'static, str>>) {
    capture();
    let text = text.into();
    let caller = Caller::caller();
    let judge = move || match log_lines::find(0, |line| line.contains(&*text)) {
        Some(_) => None,
        None => Some(Failure {
            property: format!("required log line: {text}"),
            message: format!("none of the {} lines of the run has it", log_lines::count()),
            location: Some(Location::from(caller)),
        }),
    };
    with(|state| state.at_end.push(Box::new(judge)));
}
