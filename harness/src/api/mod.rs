//! What a scenario calls. Ambient, as in loom, shuttle and tokio: the run is found through the thread.

mod balanced;
mod cancel;
mod eventually;
mod heal;
#[cfg(feature = "logs")]
pub mod logs;
mod moment;
mod panic;
mod property;
mod require;
mod restart;
mod run;
mod task;

pub use balanced::balanced;
pub use cancel::{Cancelled, cancellable};
pub use eventually::eventually;
pub use heal::on_heal;
pub use moment::any_moment;
pub use panic::may_panic;
pub use property::{Observation, always, invariant, never, sometimes, watch};
pub use require::require;
pub use restart::restartable;
pub use run::{Run, run};
pub use task::{JoinHandle, daemon, spawn};

use std::time::Duration;

use crate::choice::{Alternatives, Cost, Kind, Label};
use crate::run::context::with;

/// Draws one of `arity` values, all free; 0 is the simplest.
///
/// # Panics
/// If `arity` is 0, or outside a run.
///
/// ```
/// # use nevernone::{Scenario, Verdict, campaign};
/// let scenario = Scenario::new("two-bits", || async {
///     let (a, b) = (nevernone::choose("a", 2), nevernone::choose("b", 2));
///     nevernone::sometimes("both", a + b == 2);
/// });
/// let report = campaign::check(&scenario, &campaign::Options::default());
/// assert_eq!((report.verdict, report.runs), (Verdict::Verified, 4));
/// ```
#[track_caller]
pub fn choose(name: &'static str, arity: u32) -> u32 {
    assert!(arity > 0, "`choose(\"{name}\", 0)` has nothing to choose from; the least arity is 1");
    with(|state| {
        if arity == 1 {
            return 0;
        }
        let value = state.draw(Label { kind: Kind::Value, name }, Alternatives::FirstFree { arity, rest: Cost::Free });
        state.note(|| format!("draws {name} = {value}"));
        value
    })
}

/// Tells the run's history, and its timeline, that something happened. Two executions of one choice sequence must
/// tell the same.
///
/// # Panics
/// Outside a run.
#[track_caller]
pub fn event(name: &str) {
    with(|state| {
        state.history().mix_name(name);
        state.note(|| name.to_owned());
    });
}

/// Virtual milliseconds.
pub fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// Virtual seconds.
pub fn secs(count: u64) -> Duration {
    Duration::from_secs(count)
}
