//! What the outside world does once the faults are over.

use crate::run::context::with;

/// Runs `hook` when the run's heal phase begins (see [`eventually`](crate::eventually)), to start again what faults
/// have killed; it may spawn tasks. In the heal phase already, it runs at once. A run without a heal phase drops it.
///
/// ```
/// use std::{cell::Cell, rc::Rc};
/// use nevernone::{Scenario, Verdict, campaign, daemon, eventually, fault, on_heal, secs, watch};
///
/// let scenario = Scenario::new("a watchman", || async {
///     let serves = Rc::new(Cell::new(false));
///     let start = {
///         let serves = serves.clone();
///         move || {
///             let serves = serves.clone();
///             drop(daemon("service", async move { serves.set(fault("start", &["dies"]).is_none()) }));
///         }
///     };
///     start();
///     on_heal(start);
///     eventually("serves", secs(1), watch(&serves, |serves| serves.get())).await;
/// });
/// let report = campaign::check(&scenario, &campaign::Options::default());
/// assert_eq!(report.verdict, Verdict::Verified);
/// ```
///
/// # Panics
/// Outside a run.
#[track_caller]
pub fn on_heal(hook: impl FnOnce() + 'static) {
    let mut hook = Some(hook);
    let healing = with(|state| {
        if !state.heal.begun {
            state.heal.hooks.extend(hook.take().map(|hook| Box::new(hook) as Box<dyn FnOnce()>));
        }
        state.heal.begun
    });
    if let (true, Some(hook)) = (healing, hook) {
        hook();
    }
}
