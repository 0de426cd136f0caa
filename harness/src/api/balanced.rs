//! What must be given back.

use std::borrow::Cow;
use std::fmt::Debug;
use std::panic::Location as Caller;

use crate::ending::{Failure, Location};
use crate::run::context::with;

/// What `value` is now it must be again when the run is over: permits, connections, entries of a table. It is asked once
/// here, and once when every task, daemons and tasks of `tokio::spawn` included, has been dropped; so what a guard gives
/// back is given back by then, and what was forgotten is missed. Only runs in which nothing else failed are asked.
///
/// `value` must be free of side effects, and at the end nothing of tokio's runtime is left for it to use.
///
/// ```
/// use std::sync::Arc;
/// use nevernone::{Scenario, Verdict, balanced, campaign, spawn};
/// use tokio::sync::Semaphore;
///
/// let scenario = |forgets: bool| Scenario::new("permits", move || async move {
///     let permits = Arc::new(Semaphore::new(3));
///     let left = permits.clone();
///     balanced("permits", move || left.available_permits());
///     let permit = permits.acquire().await.unwrap();
///     if forgets {
///         permit.forget();
///     }
/// });
/// let verdict = |forgets| campaign::check(&scenario(forgets), &campaign::Options::default()).verdict;
/// assert_eq!((verdict(false), verdict(true)), (Verdict::Verified, Verdict::Failed));
/// ```
///
/// # Panics
/// Outside a run.
#[track_caller]
pub fn balanced<V>(name: impl Into<Cow<'static, str>>, value: impl Fn() -> V + 'static)
where
    V: PartialEq + Debug + 'static,
{
    let name = name.into();
    let caller = Caller::caller();
    let before = value();
    let judge = move || {
        let after = value();
        (before != after).then(|| Failure {
            property: name.into_owned(),
            message: format!("was {before:?} when it was declared, and is {after:?} after the run"),
            location: Some(Location::from(caller)),
        })
    };
    with(|state| state.at_end.push(Box::new(judge)));
}
