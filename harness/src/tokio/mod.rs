//! tokio, with tasks and a `select!` that a run controls: write `use nevernone::tokio` where the code under test says
//! `tokio`, in a test or behind a `cfg`, and its tasks come in every order, cuts included. Outside a run all of this is plain
//! tokio.
//!
//! ```
//! use nevernone::{Scenario, Verdict, campaign, millis, tokio};
//! use tokio::sync::oneshot;
//! use tokio::time::{Instant, sleep, timeout};
//!
//! async fn start() -> Result<&'static str, tokio::task::JoinError> {
//!     let (ready, is_ready) = oneshot::channel();
//!     let accepts = tokio::spawn(async move {
//!         sleep(millis(20)).await;
//!         let _ = ready.send(());
//!         "accepted"
//!     });
//!     tokio::select! {
//!         _ = is_ready => {}
//!         () = sleep(millis(100)) => accepts.abort(),
//!     }
//!     accepts.await
//! }
//!
//! let scenario = Scenario::new("starts in time", || async {
//!     let begin = Instant::now();
//!     assert_eq!(timeout(millis(200), start()).await.unwrap().unwrap(), "accepted");
//!     assert_eq!(begin.elapsed(), millis(20)); // virtual time
//! });
//! assert_eq!(campaign::check(&scenario, &campaign::Options::default()).verdict, Verdict::Verified);
//!
//! // The same code outside a run.
//! let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
//! assert_eq!(runtime.block_on(start()).unwrap(), "accepted");
//! ```
//!
//! # Same types
//! [`JoinError`](task::JoinError), [`AbortHandle`](task::AbortHandle), [`Id`](task::Id) and everything that is not named
//! below *are* tokio's, so an error type with `#[from] JoinError` stays as it is. tokio alone can make them, so a task of the
//! run stands beside a small task of tokio's own, which ends as it ends: who is woken, what a set joins first and what an
//! abort comes too late for is decided by tokio's code. [`task::JoinHandle`] and [`task::JoinSet`] are thin types around
//! tokio's with the same methods and bounds, because somebody must see whether a panic is told to anybody. A `JoinHandle`
//! of ours turns into tokio's by `into()`.
//!
//! # Inside a run
//! - [`spawn`] and `JoinSet::spawn` start tasks of the run: they are polled in every order, cut like others, and listed where
//!   a run is stuck. The run does not wait for them; they are dropped at its end, and `leaks = "deny"` names them. They are
//!   called after the line that spawns them. As long as one is alive it may meet a fault, so the run heals when an
//!   [`eventually`](crate::eventually) has waited its time, and not before.
//! - **Abort** is what it is in tokio: the task is dropped when it has its next turn, one step among the others. Whoever joins
//!   it is told after its destructors have run.
//! - **A panic** becomes a `JoinError`. It fails the run where nobody is told: the handle is dropped, or nobody awaits it
//!   until the run ends. A `JoinSet` that is dropped or shut down tells nobody. What the explorer injected fails nothing.
//! - **[`select!`]** draws the branch that it polls first, among those that are not disabled, whenever it is polled: as many
//!   free alternatives as branches. `biased;` draws nothing, and where the order does not matter it keeps the tree small.
//! - **Time.** [`Instant`](::tokio::time::Instant), `sleep`, `timeout` and `interval` are tokio's, and follow the run's virtual clock.
//!
//! # What stays tokio's own
//! Tasks that go another way do what they do without this module: `Handle::spawn`, and `tokio::spawn` in a crate that
//! names tokio itself, join the lane; a `LocalSet` polls its own tasks in its own order; `spawn_blocking` starts a thread
//! and makes a search `incomplete`. A crate that asks `tokio::task::try_id` itself finds no task. [`JoinSet::spawn_on`](task::JoinSet::spawn_on)
//! takes the run's runtime for every other. Sockets, files and signals are not there in a run: tokio says so by name.

pub use ::tokio::*;

mod hosted;
mod join_handle;
mod join_set;
#[cfg(feature = "macros")]
mod select;
pub mod task;

pub use task::spawn;

#[cfg(feature = "macros")]
#[doc(inline)]
pub use crate::__tokio_select as select;

/// What [`select!`] expands to, and what that calls. Not for use by hand.
#[cfg(feature = "macros")]
#[doc(hidden)]
pub mod __select {
    pub use super::select::{Either, branch, budget, start};
    pub use nevernone_macros::select as expand;
}

/// Waits for the first of several branches: tokio's `select!` with all of its syntax and meaning, whose start is drawn from
/// the choice sequence inside a run. Outside a run it is random, as tokio's is.
///
/// `pattern = future, if condition => handler`, any number of them up to 64, then perhaps `else => handler`. All
/// conditions are evaluated first, then all futures, also those whose condition is false. Then they are polled on the
/// current task, one after the other from the start branch on, until the output of one is taken by its pattern; the others
/// are dropped, and the handler runs. One that ends and is not taken is disabled. `biased;` in front starts with the first.
///
/// ```
/// use nevernone::tokio;
/// use nevernone::{Scenario, Verdict, campaign, sometimes};
///
/// let scenario = Scenario::new("two branches are ready", || async {
///     let first = tokio::select! {
///         () = async {} => "a request",
///         () = async {} => "a stop",
///     };
///     sometimes("the request", first == "a request");
///     sometimes("the stop", first == "a stop");
/// });
/// let report = campaign::check(&scenario, &campaign::Options::default());
/// assert_eq!((report.verdict, report.runs), (Verdict::Verified, 2));
/// ```
///
/// # Panics
/// If all branches are disabled and there is no `else`.
#[cfg(feature = "macros")]
#[doc(hidden)]
#[macro_export]
macro_rules! __tokio_select {
    ($($branches:tt)*) => {
        $crate::tokio::__select::expand! { $crate; $($branches)* }
    };
}
