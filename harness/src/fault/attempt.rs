//! One attempt at a place: what it comes to, and when.

use std::future::{Future, poll_fn};
use std::task::Poll;

use super::answer::Answer;
use super::{fault, inject_panic};
use crate::run::context::try_with;
use crate::run::site::Place;
use crate::run::waits::Wait;

/// Which of its two answers a place gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    Ok,
    Err,
}

/// Draws, here and now, what this attempt meets; the future takes the time of it, or panics.
///
/// # Panics
/// Outside a run.
pub(super) fn attempt(place: &Place) -> impl Future<Output = Given> + Send + Sync + use<> {
    let (name, plan) = (place.name, place.plan());
    let fault = fault(name, plan.kinds).map(|fault| fault.kind);
    // Only what can be sent is held across an await, since production futures often must be.
    async move {
        match fault {
            Some("hang") => hang(name).await,
            Some("late") => tokio::time::sleep(plan.late).await,
            Some("panic") => inject_panic(),
            _ => Answer::default().await,
        }
        if fault == Some("err") { Given::Err } else { Given::Ok }
    }
}

/// Never returns; says so, and takes the waker as a real dependency would, so that a stuck run can tell where it hangs.
async fn hang(place: &'static str) {
    let mut taken = None;
    poll_fn(|cx| {
        taken = Some(cx.waker().clone());
        let _ = try_with(|state| state.wait_for(Wait::Hang(place)));
        Poll::<()>::Pending
    })
    .await;
}
