//! Events of the outside world.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::Run;
use crate::run::context::{try_with, with};
use crate::run::waits::Wait;

/// Waits for a moment that the explorer chooses: at every scheduling point "it happens now" is one more alternative,
/// free and last, the idle points before each movement of the clock included. So a request, a stop or a crash that
/// awaits this first happens at *any* moment, not only before time first passes. Where nothing else can happen, it
/// does.
///
/// Beside a daemon that never rests, such as a ping loop, something else can always happen: the moment can be put off
/// until the run is cut short by the bound on steps, and the search is `incomplete`. Such a scenario gives it a latest
/// moment, by a timeout around it:
///
/// ```
/// use nevernone::{Scenario, Verdict, any_moment, campaign, daemon, millis, secs};
/// use tokio::time::{sleep, timeout};
///
/// let scenario = |latest| {
///     let stop_beside_pings = move || async move {
///         daemon("pings", async {
///             loop {
///                 sleep(millis(900)).await;
///             }
///         });
///         let _latest = timeout(latest, any_moment("a stop is asked for")).await;
///     };
///     Scenario::new("a stop", stop_beside_pings).steps(100)
/// };
/// let verdict = |latest| campaign::check(&scenario(latest), &campaign::Options::default()).verdict;
/// assert_eq!(verdict(secs(3)), Verdict::Verified);
/// assert_eq!(verdict(secs(300)), Verdict::Incomplete, "300 s are more than 100 steps");
/// ```
///
/// Cancel safe: dropped before its moment, it never comes.
///
/// # Panics
/// When awaited outside a run.
pub fn any_moment(name: impl Into<Cow<'static, str>>) -> impl Future<Output = ()> + Send + Sync + 'static {
    any_moment_of(None, name.into())
}

/// The same, of that run and no other.
pub(super) fn any_moment_of(run: Option<Run>, name: Cow<'static, str>) -> AnyMoment {
    AnyMoment { run, name: Some(name), id: None }
}

pub(super) struct AnyMoment {
    run: Option<Run>,
    name: Option<Cow<'static, str>>,
    /// Its place among those that wait, from the first poll on.
    id: Option<u64>,
}

impl Future for AnyMoment {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(run) = &self.run {
            run.demand();
        }
        with(|state| {
            if let Some(id) = self.id {
                let Some(waiting) = state.moments().iter_mut().find(|moment| moment.id == id) else {
                    return Poll::Ready(());
                };
                waiting.waker.clone_from(cx.waker());
                let name = waiting.name.clone();
                state.wait_for(Wait::Moment(name));
                return Poll::Pending;
            }
            let name = self.name.take().unwrap_or_default();
            state.wait_for(Wait::Moment(name.clone()));
            self.id = Some(state.add_moment(name, cx.waker().clone()));
            Poll::Pending
        })
    }
}

impl Drop for AnyMoment {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            // The removed waker is dropped outside the state's borrow.
            let _removed = try_with(|state| {
                let moments = state.moments();
                moments.iter().position(|moment| moment.id == id).map(|place| moments.remove(place))
            });
        }
    }
}
