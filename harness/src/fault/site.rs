//! Describing a place of the production code.

use std::panic::Location;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use crate::run::context::with;
use crate::run::site::{Place, Site};

/// Lets the explorer decide, at every attempt, what the production code's `nevernone_point::point` of this name gives:
/// `ok`, or one of the faults `err`, `hang` (never returns), `late` (returns, but only after a while) and `panic`.
/// The real future is not polled. Holds for the rest of the run.
///
/// `ok` and `err` are answers, which no connection gives at once: the place is pending first, and a request, a cancellation
/// or another task can come before the answer, in any order and for nothing. No virtual time passes; that is what `late`
/// is for.
///
/// ```
/// use nevernone::{Scenario, Verdict, campaign, fault_at, sometimes};
///
/// async fn connect() -> Result<u32, String> {
///     nevernone_point::point("db.connect", async { Err("no database in a test".to_owned()) }).await
/// }
///
/// let scenario = Scenario::new("a-connection", || async {
///     fault_at("db.connect").ok(|| 7_u32).err(|| "refused".to_owned()).only(&["err"]);
///     let answer = connect().await;
///     sometimes("refused", answer == Err("refused".to_owned()));
///     sometimes("connected", answer == Ok(7));
/// });
/// let report = campaign::check(&scenario, &campaign::Options::default());
/// assert_eq!((report.verdict, report.runs), (Verdict::Verified, 2));
/// ```
///
/// Where connectors are passed in as arguments, [`fake`](crate::fake) does the same without a line in production code.
///
/// # Panics
/// Outside a run. A point whose output is no `Result` of exactly these two types fails the run at the point's line.
#[track_caller]
pub fn fault_at(place: &'static str) -> FaultSite<()> {
    super::point::install_hook();
    FaultSite { place, described_at: Location::caller(), ok: () }
}

/// A place being described: `ok` and `err` say which values it gives.
#[derive(Debug)]
#[must_use = "a fault site takes effect once both `ok` and `err` are given"]
pub struct FaultSite<O> {
    place: &'static str,
    described_at: &'static Location<'static>,
    ok: O,
}

impl FaultSite<()> {
    /// What the place gives when nothing is wrong.
    pub fn ok<T, F: Fn() -> T + 'static>(self, make: F) -> FaultSite<F> {
        FaultSite { place: self.place, described_at: self.described_at, ok: make }
    }
}

impl<O> FaultSite<O> {
    /// The error that it gives when one is chosen; from here on the site is in effect.
    ///
    /// # Panics
    /// Outside a run.
    #[track_caller]
    pub fn err<T, E, F>(self, make: F) -> InstalledSite
    where
        O: Fn() -> T + 'static,
        F: Fn() -> E + 'static,
        T: 'static,
        E: 'static,
    {
        let place = Arc::new(Place::new(self.place, self.described_at));
        let site = Rc::new(Site::new(Arc::clone(&place), self.ok, make));
        with(|state| state.install_site(site));
        InstalledSite { place }
    }
}

/// A site in effect, to be made more precise.
#[derive(Debug)]
pub struct InstalledSite {
    place: Arc<Place>,
}

impl InstalledSite {
    /// Only these of `err`, `hang`, `late` and `panic` can happen.
    ///
    /// # Panics
    /// If a name is none of the four.
    #[track_caller]
    #[expect(clippy::return_self_not_must_use, reason = "the site is changed in place")]
    pub fn only(self, kinds: &'static [&'static str]) -> Self {
        self.place.only(kinds);
        self
    }

    /// How late a late answer is, in virtual time; 250 ms where nothing is said.
    #[expect(clippy::return_self_not_must_use, reason = "the site is changed in place")]
    pub fn late_by(self, delay: Duration) -> Self {
        self.place.late_by(delay);
        self
    }
}
