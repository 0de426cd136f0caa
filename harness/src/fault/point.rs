//! Faults at the places that production code names with `nevernone_point::point`.

use std::future::poll_fn;
use std::task::Poll;

use nevernone_point::hook::Replacement;

use super::answer::Answer;
use super::{fault, inject_panic};
use crate::run::context::try_with;
use crate::run::waits::Wait;

/// Puts the explorer behind every `point` of this process.
pub(super) fn install_hook() {
    nevernone_point::hook::install(replacement);
}

/// What a place gives instead of its future; `None` outside a run and for places that no scenario described.
fn replacement(place: &'static str) -> Option<Replacement> {
    let site = try_with(|state| {
        // Told where a described place is never come to: most likely one of the two is misspelt.
        state.tally().came_to(place);
        state.site(place)
    });
    let site = site.flatten()?;
    let fault = fault(place, site.kinds.get()).map(|fault| fault.kind);
    let late = site.late.get();
    // Only what can be sent is held across an await, since production futures often must be; the site is found again.
    Some(Box::pin(async move {
        match fault {
            Some("hang") => hang(place).await,
            Some("late") => tokio::time::sleep(late).await,
            Some("panic") => inject_panic(),
            _ => Answer::default().await,
        }
        let site = try_with(|state| state.site(place)).flatten();
        let site = site.expect("a fault site outlives the futures of its run");
        if fault == Some("err") { (site.err)() } else { (site.ok)() }
    }))
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
