//! What must hold here and now.

use std::borrow::Cow;
use std::panic::{Location as Caller, resume_unwind};

use crate::ending::{Failure, Location};
use crate::run::Unmet;
use crate::run::context::with;

/// Fails the run on the spot, by this name and at the caller's line, unless `held`: an assertion that reports, and
/// [`Scenario::expect_failed_by`](crate::Scenario::expect_failed_by), can tell from every other one. (A failed
/// `assert!` is the property `panic`.) The calling task ends there, as by a panic; catching that changes nothing.
///
/// ```
/// use nevernone::{Scenario, campaign, choose, require};
///
/// let scenario = Scenario::new("dice", || async {
///     require("no six", choose("pips", 6) < 5);
/// });
/// let report = campaign::check(&scenario, &campaign::Options::default());
/// assert_eq!(report.failure.unwrap().property, "no six");
/// ```
///
/// # Panics
/// If not `held`; outside a run.
#[track_caller]
pub fn require(name: impl Into<Cow<'static, str>>, held: bool) {
    let caller = Caller::caller();
    let failed = with(|state| {
        if held {
            return false;
        }
        state.fail(Failure {
            property: name.into().into_owned(),
            message: "does not hold".to_owned(),
            location: Some(Location::from(caller)),
        });
        true
    });
    if failed {
        resume_unwind(Box::new(Unmet));
    }
}
