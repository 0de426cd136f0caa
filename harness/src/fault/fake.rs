//! A dependency that is no production code at all: for services whose connectors are passed in.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use super::attempt::{Given, attempt};
use crate::api::{Run, run};
use crate::run::context::with;
use crate::run::site::Place;

/// Makes a dependency out of nothing: each call of it gives `ok`, or meets one of the faults `err`, `hang`, `late` and
/// `panic`, as the explorer decides, exactly as at a place that [`fault_at`](crate::fault_at) describes. For services
/// whose connectors are arguments or traits: not a line of production code changes.
///
/// As an argument, `Fn() -> impl Future`:
///
/// ```
/// use nevernone::{Scenario, Verdict, campaign, fake, sometimes};
///
/// /// The service's own: tries twice.
/// async fn start<F: Future<Output = Result<u32, String>>>(connect: impl Fn() -> F) -> Result<u32, String> {
///     match connect().await {
///         Ok(pool) => Ok(pool),
///         Err(_first) => connect().await,
///     }
/// }
///
/// let scenario = Scenario::new("two attempts", || async {
///     let database = fake("db.connect").ok(|| 7_u32).err(|| "refused".to_owned()).only(&["err"]);
///     let started = start(move || database.call()).await;
///     sometimes("started", started == Ok(7));
///     sometimes("gave up", started.is_err());
/// });
/// let report = campaign::check(&scenario.faults(2), &campaign::Options::default());
/// assert_eq!((report.verdict, report.runs), (Verdict::Verified, 3)); // ok, err ok, err err
/// ```
///
/// Behind a trait; a [`Fake`] is `Clone + Send + Sync`, whatever it gives:
///
/// ```
/// use nevernone::{Fake, Scenario, Verdict, campaign, fake};
///
/// trait Connect: Send + Sync {
///     fn connect(&self) -> impl Future<Output = Result<u32, String>> + Send;
/// }
///
/// impl Connect for Fake<u32, String> {
///     fn connect(&self) -> impl Future<Output = Result<u32, String>> + Send {
///         self.call()
///     }
/// }
///
/// async fn start(connector: impl Connect) -> bool {
///     connector.connect().await.is_ok()
/// }
///
/// let scenario = Scenario::new("a trait", || async {
///     start(fake("db.connect").ok(|| 7).err(|| "refused".to_owned()).only(&["err", "late"])).await;
/// });
/// let report = campaign::check(&scenario, &campaign::Options::default());
/// assert_eq!((report.verdict, report.runs), (Verdict::Verified, 3));
/// ```
///
/// # Panics
/// Outside a run.
#[track_caller]
pub fn fake(place: &'static str) -> FakeSite<()> {
    FakeSite { run: run(), place: Place::new(place, Location::caller()), ok: () }
}

/// A fake being described: `ok` and `err` say which values it gives.
#[derive(Debug)]
#[must_use = "a fake is there once both `ok` and `err` are given"]
pub struct FakeSite<O> {
    run: Run,
    place: Place,
    ok: O,
}

impl FakeSite<()> {
    /// What it gives when nothing is wrong.
    pub fn ok<T, F: Fn() -> T + Send + Sync + 'static>(self, make: F) -> FakeSite<F> {
        FakeSite { run: self.run, place: self.place, ok: make }
    }
}

impl<O> FakeSite<O> {
    /// The error that it gives when one is chosen.
    ///
    /// # Panics
    /// Outside a run.
    #[track_caller]
    pub fn err<T, E, F>(self, make: F) -> Fake<T, E>
    where
        O: Fn() -> T + Send + Sync + 'static,
        F: Fn() -> E + Send + Sync + 'static,
    {
        let place = Arc::new(self.place);
        with(|state| state.describe(Arc::clone(&place)));
        Fake { run: self.run, place, ok: Arc::new(self.ok), err: Arc::new(make) }
    }
}

/// A dependency that fails as the explorer decides; see [`fake`]. A clone is the same one.
pub struct Fake<T, E> {
    run: Run,
    place: Arc<Place>,
    ok: Arc<dyn Fn() -> T + Send + Sync>,
    err: Arc<dyn Fn() -> E + Send + Sync>,
}

impl<T, E> Fake<T, E> {
    /// Only these of `err`, `hang`, `late` and `panic` can happen, to every clone.
    ///
    /// # Panics
    /// If a name is none of the four.
    #[must_use]
    #[track_caller]
    pub fn only(self, kinds: &'static [&'static str]) -> Self {
        self.place.only(kinds);
        self
    }

    /// How late a late answer is, in virtual time; 250 ms where nothing is said.
    #[must_use]
    pub fn late_by(self, delay: Duration) -> Self {
        self.place.late_by(delay);
        self
    }
}

impl<T: 'static, E: 'static> Fake<T, E> {
    /// One attempt; what it meets is drawn when it is first polled. Keeps nothing of `self` borrowed.
    ///
    /// Cancel safe: what a dropped attempt would have given is never made.
    ///
    /// # Errors
    /// What `err` makes, where the explorer chooses so.
    ///
    /// # Panics
    /// Where the explorer chooses so. When called or polled in any other run than its own, or in none.
    #[track_caller]
    pub fn call(&self) -> impl Future<Output = Result<T, E>> + Send + Sync + 'static + use<T, E> {
        self.run.demand();
        let fake = self.clone();
        async move {
            fake.run.demand();
            match attempt(&fake.place).await {
                Given::Ok => Ok((fake.ok)()),
                Given::Err => Err((fake.err)()),
            }
        }
    }
}

impl<T, E> Clone for Fake<T, E> {
    fn clone(&self) -> Self {
        Fake {
            run: self.run.clone(),
            place: Arc::clone(&self.place),
            ok: Arc::clone(&self.ok),
            err: Arc::clone(&self.err),
        }
    }
}

impl<T, E> fmt::Debug for Fake<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fake").field("place", &self.place).finish_non_exhaustive()
    }
}
