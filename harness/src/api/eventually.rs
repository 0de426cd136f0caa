//! What must come true once the faults are over.

use std::borrow::Cow;
use std::future::{Future, poll_fn};
use std::panic::Location as Caller;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::time::Instant;

use super::Observation;
use crate::ending::{Failure, Location};
use crate::run::context::{Goal, Property, State, try_with, with};
use crate::run::waits::Wait;

/// tokio's timers tick in milliseconds. What comes true at the very end of the time came in time, whoever is polled first
/// there, so the time is over one tick later.
const TICK: Duration = Duration::from_millis(1);

/// Waits until `holds` has held after some step, and fails the run if it has not within `within` of virtual time
/// after the faults are over.
///
/// A run has a *chaos phase*, in which everything is a choice, and then at most one *heal phase*: no faults, no cuts,
/// no cancellations, no choices at all; tasks run first-in-first-out, and what waits in
/// [`any_moment`](crate::any_moment) happens as soon as nothing is ready. It begins with the hooks of
/// [`on_heal`](crate::on_heal), where nothing is ready and
///
/// - the scenario's own [`chaos_for`](crate::Scenario::chaos_for) has passed; where it declares none,
/// - every foreground task waits in an `eventually` or for a task that does, so that nobody of the foreground can
///   meet a fault any more; or
/// - an `eventually` has waited for `within`. So each gets its chance, even where a daemon retries for ever.
///
/// `within` counts from the beginning of the heal phase, or from the first poll where that comes later. What holds
/// already needs neither heal nor time.
///
/// A task that awaits an `eventually` beside something else, as in `join!`, counts as waiting in it.
///
/// Cancel safe: dropped, nothing is demanded any more.
///
/// ```
/// use std::{cell::Cell, rc::Rc};
/// use nevernone::{Scenario, Verdict, campaign, daemon, eventually, fault, millis, secs, watch};
///
/// let scenario = Scenario::new("a retry loop", || async {
///     let connected = Rc::new(Cell::new(false));
///     let done = connected.clone();
///     drop(daemon("connects", async move {
///         while fault("connect", &["refused"]).is_some() {
///             tokio::time::sleep(millis(100)).await;
///         }
///         done.set(true);
///     }));
///     eventually("connected", secs(1), watch(&connected, |connected| connected.get())).await;
/// });
/// // Faults in any number: without a heal phase there would be a run in which every attempt meets one.
/// let report = campaign::check(&scenario.chaos_for(millis(250)), &campaign::Options::default());
/// assert_eq!(report.verdict, Verdict::Verified);
/// ```
///
/// # Panics
/// When awaited outside a run.
#[track_caller]
pub fn eventually<O: Observation>(
    name: impl Into<Cow<'static, str>>,
    within: Duration,
    mut holds: impl FnMut() -> O + 'static,
) -> impl Future<Output = ()> {
    let name = name.into();
    let caller = Caller::caller();
    async move {
        let mut deadline = pin!(tokio::time::sleep(within));
        let id = with(State::next_id);
        let _registered = Registered(id);
        // Boxed where it is handed over: until then the future is as `Send` as the property.
        let mut holds = Some(move || holds().held());
        let mut counts = false;
        poll_fn(|cx| {
            if let Some(holds) = holds.take() {
                let (goal, holds) = (Goal::Once(cx.waker().clone()), Box::new(holds));
                with(|state| state.properties().push(Property { id, name: name.clone(), caller, holds, goal }));
            } else if !with(|state| state.properties().iter().any(|property| property.id == id)) {
                return Poll::Ready(());
            }
            let (healing, chaos_has_an_end) = with(|state| {
                state.wait_for(Wait::Eventually(name.clone()));
                (state.heal.begun, state.rules.chaos_for.is_some())
            });
            if healing && !counts {
                counts = true;
                deadline.as_mut().reset(Instant::now() + within.saturating_add(TICK));
            }
            let waits = counts || !chaos_has_an_end;
            if waits && deadline.as_mut().poll(cx).is_ready() {
                with(
                    |state| if counts { state.fail(not_within(&name, within, caller)) } else { state.heal.due = true },
                );
            }
            Poll::Pending
        })
        .await;
    }
}

/// Takes a property back when dropped.
struct Registered(u64);

impl Drop for Registered {
    fn drop(&mut self) {
        let id = self.0;
        let _removed = try_with(|state| {
            let properties = state.properties();
            properties.iter().position(|property| property.id == id).map(|place| properties.remove(place))
        });
    }
}

fn not_within(name: &str, within: Duration, caller: &'static Caller<'static>) -> Failure {
    Failure {
        property: name.to_owned(),
        message: format!("did not come true within {within:?} of virtual time after the faults were over"),
        location: Some(Location::from(caller)),
    }
}
