//! The handle of a run, for code that is handed into types of production.

use std::borrow::Cow;
use std::future::Future;
use std::sync::Arc;

use super::JoinHandle;
use crate::fault::Fault;
use crate::run::identity::Identity;

/// The run that this is called in, as a value: `Clone + Send + Sync`, so that it can enter the state of an axum router, or
/// a connector that a pool wants to send about. Its methods are the functions of the same names; the handle makes sure
/// that they act on this run and on no other.
///
/// ```
/// use axum::Router;
/// use axum::body::Body;
/// use axum::extract::State;
/// use axum::http::{Request, StatusCode};
/// use axum::routing::get;
/// use nevernone::{Run, Scenario, Verdict, campaign, sometimes};
/// use tower::ServiceExt as _;
///
/// async fn user(State(run): State<Run>) -> StatusCode {
///     run.any_moment("the database answers").await;
///     match run.fault("users", &["gone"]) {
///         None => StatusCode::OK,
///         Some(_) => StatusCode::SERVICE_UNAVAILABLE,
///     }
/// }
///
/// let scenario = Scenario::new("a fake behind a router", || async {
///     let router = Router::new().route("/users/1", get(user)).with_state(nevernone::run());
///     let request = Request::get("/users/1").body(Body::empty()).unwrap();
///     let status = router.oneshot(request).await.unwrap().status();
///     sometimes("served", status == StatusCode::OK);
/// });
/// let report = campaign::check(&scenario, &campaign::Options::default());
/// assert_eq!((report.verdict, report.runs), (Verdict::Verified, 2));
/// ```
///
/// # Panics
/// Outside a run.
#[track_caller]
pub fn run() -> Run {
    Run { identity: Identity::current() }
}

/// A handle of one run; see [`run()`].
///
/// # Panics
/// Every method panics, and says what to do instead, where its run is not being executed on this thread: after its end, in
/// a later run, on a thread of one's own. So does the future of [`any_moment`](Run::any_moment), wherever it is polled.
#[derive(Debug, Clone)]
pub struct Run {
    identity: Arc<Identity>,
}

impl Run {
    /// As [`event`](crate::event).
    #[track_caller]
    pub fn event(&self, name: &str) {
        self.demand();
        super::event(name);
    }

    /// As [`choose`](crate::choose).
    #[track_caller]
    pub fn choose(&self, name: &'static str, arity: u32) -> u32 {
        self.demand();
        super::choose(name, arity)
    }

    /// As [`fault`](crate::fault).
    #[track_caller]
    pub fn fault(&self, place: &'static str, kinds: &[&'static str]) -> Option<Fault> {
        self.demand();
        crate::fault::fault(place, kinds)
    }

    /// As [`sometimes`](crate::sometimes).
    #[track_caller]
    pub fn sometimes(&self, name: &'static str, held: bool) {
        self.demand();
        super::sometimes(name, held);
    }

    /// As [`require`](crate::require).
    #[track_caller]
    pub fn require(&self, name: impl Into<Cow<'static, str>>, held: bool) {
        self.demand();
        super::require(name, held);
    }

    /// As [`any_moment`](crate::any_moment).
    pub fn any_moment(&self, name: impl Into<Cow<'static, str>>) -> impl Future<Output = ()> + Send + Sync + 'static {
        super::moment::any_moment_of(Some(self.clone()), name.into())
    }

    /// As [`spawn`](crate::spawn).
    #[must_use = "a task runs without its handle; `drop` the handle to say that nobody waits for it"]
    #[track_caller]
    pub fn spawn<F>(&self, name: impl Into<Cow<'static, str>>, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.demand();
        super::spawn(name, future)
    }

    /// As [`daemon`](crate::daemon).
    #[track_caller]
    pub fn daemon<F>(&self, name: impl Into<Cow<'static, str>>, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.demand();
        super::daemon(name, future)
    }

    /// # Panics
    /// If this thread does not execute this very run.
    #[track_caller]
    pub(crate) fn demand(&self) {
        self.identity.demand();
    }
}
