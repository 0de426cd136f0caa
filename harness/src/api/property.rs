//! What must hold after every step, and what must have held.

use std::borrow::Cow;
use std::panic::Location as Caller;

use crate::run::context::{Goal, Property, with};

/// What a property says: `bool`, or `Option<bool>` with `None` for "nobody can observe it now", as while a lock that
/// a consumer would have to take is held.
pub trait Observation {
    /// Whether it holds; `None` where it cannot be observed.
    fn held(self) -> Option<bool>;
}

impl Observation for bool {
    fn held(self) -> Option<bool> {
        Some(self)
    }
}

impl Observation for Option<bool> {
    fn held(self) -> Option<bool> {
        self
    }
}

/// After every step from now on, `holds` must hold. It runs between steps, must be free of side effects and may use
/// only what a consumer could use synchronously: in the middle of an all-or-none change under a lock the inside *is*
/// partial, and nobody can see it.
///
/// # Panics
/// Outside a run.
#[track_caller]
pub fn always<O: Observation>(name: impl Into<Cow<'static, str>>, mut holds: impl FnMut() -> O + 'static) {
    register(name.into(), Box::new(move || holds().held()), Goal::Always);
}

/// After every step from now on, `happens` must not hold. The rest is as for [`always`].
///
/// # Panics
/// Outside a run.
#[track_caller]
pub fn never<O: Observation>(name: impl Into<Cow<'static, str>>, mut happens: impl FnMut() -> O + 'static) {
    register(name.into(), Box::new(move || happens().held().map(|held| !held)), Goal::Always);
}

/// Like [`always`], for what only the inside can see; named so in reports.
///
/// # Panics
/// Outside a run.
#[track_caller]
pub fn invariant<O: Observation>(name: impl Into<Cow<'static, str>>, mut holds: impl FnMut() -> O + 'static) {
    let name = format!("invariant: {}", name.into());
    register(name.into(), Box::new(move || holds().held()), Goal::Always);
}

/// Counts the runs in which `held` was true: a search in which that never happened has not looked where it was meant
/// to, and its verdict is `vacuous`.
///
/// It counts from where it stands: a call that no run comes to declares nothing, and is missed by nobody. So put it where
/// every run comes by, as at the end of the body, and give it what was seen on the way.
///
/// # Panics
/// Outside a run.
#[track_caller]
pub fn sometimes(name: &'static str, held: bool) {
    with(|state| {
        state.tally().sometimes(name, held);
        // Two executions of one sequence that differ here have different verdicts, so they must not look the same.
        state.history().mix(u64::from(held));
        if held {
            state.note(|| format!("sometimes: {name}"));
        }
    });
}

/// A property of something that is cheap to clone, as the handles of services are. (No kin of `tokio::sync::watch`: it
/// sends nothing, and only looks, whenever the property is asked for.)
///
/// ```
/// let ready = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
/// let holds = nevernone::watch(&ready, |ready| ready.load(std::sync::atomic::Ordering::SeqCst));
/// assert!(holds());
/// ```
pub fn watch<T: Clone + 'static, O>(target: &T, look: impl Fn(&T) -> O + 'static) -> impl Fn() -> O + 'static {
    let target = target.clone();
    move || look(&target)
}

#[track_caller]
fn register(name: Cow<'static, str>, holds: Box<dyn FnMut() -> Option<bool>>, goal: Goal) {
    let caller = Caller::caller();
    with(|state| {
        let id = state.next_id();
        state.properties().push(Property { id, name, caller, holds, goal });
    });
}
