//! Places that production code names with `fail::fail_point!`. Needs the feature `fail`.

use crate::run::context::with;
use crate::run::fail_points::PANIC;

/// Lets the explorer decide, at every hit, what the production code's `fail::fail_point!` of this name does: go on, or one
/// of the faults that are added to it by [`returns`](FailPoint::returns) and [`panics`](FailPoint::panics). Each hit
/// is one draw, as in [`fault`](crate::fault). Holds for the rest of the run; outside a run the points are off.
///
/// ```
/// use fail::fail_point;
/// use nevernone::{Scenario, Verdict, campaign, sometimes};
///
/// fn connect() -> Result<u32, String> {
///     fail_point!("db.connect", |why| Err(why.unwrap_or_default()));
///     Ok(7)
/// }
///
/// let scenario = Scenario::new("two attempts", || async {
///     nevernone::fail_point("db.connect").returns(&["refused", "too many connections"]);
///     let connected = connect().or_else(|_| connect());
///     sometimes("gave up", connected == Err("refused".to_owned()));
/// });
/// let report = campaign::check(&scenario.faults(2), &campaign::Options::default());
/// // It goes on; or it returns one of two, and then the second attempt goes on or does as well.
/// assert_eq!((report.verdict, report.runs), (Verdict::Verified, 1 + 2 * 3));
/// ```
///
/// **How.** A callback at the hit cannot make a fail point return, so when the draw says "return", the execution is
/// abandoned, and the run is executed again with the same answers, this time with the `return` in its place. The body may
/// therefore be called several times for one run.
///
/// **One at a time.** The registry belongs to the process. A run that drives fail points is executed alone: runs of other
/// tests and of other workers wait, so `--jobs` makes such a search no faster. What cannot wait is code that is in no run, on
/// a thread that a run started or in a test of the same binary that is none of ours: where it comes to a point at the
/// wrong moment, it takes the `return` that the run was meant to have. So keep such tests in a binary of their own, as
/// `fail` advises for all of its tests.
///
/// # Panics
/// Outside a run.
#[must_use = "nothing happens at a fail point until `returns` or `panics` is added"]
#[track_caller]
pub fn fail_point(name: &'static str) -> FailPoint {
    with(|state| state.drive_fail_point(name));
    FailPoint { name }
}

/// A fail point that the run drives, to be told what can happen at it.
#[derive(Debug)]
pub struct FailPoint {
    name: &'static str,
}

impl FailPoint {
    /// It can return early with each of these texts, which the point's closure is given; each counts as a kind of fault.
    ///
    /// # Panics
    /// If a text has `->` in it, which `fail` reads as the beginning of another action, or is `panic`, which is the name of
    /// another kind. Outside a run.
    #[track_caller]
    #[expect(clippy::return_self_not_must_use, reason = "the point is changed in place")]
    pub fn returns(self, texts: &'static [&'static str]) -> Self {
        for text in texts {
            assert!(!text.contains("->"), "a fail point cannot return `{text}`: `fail` reads two actions there");
            assert!(*text != PANIC, "`{PANIC}` is the name of another kind: use `panics`, or another text");
        }
        with(|state| state.add_fail_point_kinds(self.name, texts));
        self
    }

    /// It can panic. That is an injected panic: where it ends a task, it is no failure of its own.
    ///
    /// # Panics
    /// Outside a run.
    #[track_caller]
    #[expect(clippy::return_self_not_must_use, reason = "the point is changed in place")]
    pub fn panics(self) -> Self {
        with(|state| state.add_fail_point_kinds(self.name, &[PANIC]));
        self
    }
}
