//! Crash and second start, in one process.

use std::borrow::Cow;
use std::cell::Cell;
use std::future::Future;
use std::rc::Rc;

use super::task::{JoinHandle, Settle};
use crate::run::context::{Role, with};
use crate::run::upsets::Restart;

/// Starts `start()` as a foreground task which the explorer may crash, and start again, at every scheduling point
/// where it was polled and has not ended with everything that it spawned; each crash costs one, of which the default
/// bounds admit one in a run. So the second start meets what the first one left behind, half-done, wherever that
/// outlives it: a file, a row, a lock that somebody else keeps, a static.
///
/// All that was spawned by [`spawn`](crate::spawn) and [`daemon`](crate::daemon) from within belongs to it, and to
/// the same start of it. A crash drops all of these futures in one step, newest first, and then calls `start` again. What
/// `start` captured survives, as the world outside the process does; make in `start` what should not.
///
/// The handle gives the output of the start that ends. One that was given stays given: a crash that comes later, while
/// only spawned tasks are left, starts again all the same.
///
/// Who awaits, from outside, the handle of a task that went down meets a panic there, as after an injected one: no failure, and
/// the rest of that task is not run.
///
/// **Limits.** Dropping a future runs its destructors, and a real crash runs none: what a destructor tidies up outside
/// the process is not found lying about here. Properties that `start` registers stay; register them outside it. A task
/// that was given to tokio itself can be dropped by nobody but the runtime: a crash while one is alive is uncontrolled, and
/// the search incomplete.
///
/// ```
/// use std::cell::Cell;
/// use std::rc::Rc;
/// use nevernone::{Scenario, Verdict, campaign, restartable, sometimes};
///
/// /// Takes a lease that outlives the process, does its work, and gives the lease back.
/// async fn start(lease: Rc<Cell<bool>>) -> Result<(), &'static str> {
///     if lease.replace(true) {
///         return Err("somebody else holds the lease");
///     }
///     tokio::time::sleep(nevernone::millis(10)).await;
///     lease.set(false);
///     Ok(())
/// }
///
/// let scenario = Scenario::new("a-lease-that-nobody-gives-back", || async {
///     let lease = Rc::new(Cell::new(false));
///     let outcome = restartable("platform", move || start(Rc::clone(&lease))).await;
///     assert!(outcome.is_ok(), "the platform never starts again: {}", outcome.unwrap_err());
/// });
/// let report = campaign::check(&scenario, &campaign::Options::default());
/// assert_eq!(report.verdict, Verdict::Failed);
/// assert!(report.failure.unwrap().message.contains("somebody else holds the lease"));
/// ```
///
/// # Panics
/// Outside a run.
#[track_caller]
pub fn restartable<F, Fut>(name: impl Into<Cow<'static, str>>, start: F) -> JoinHandle<Fut::Output>
where
    F: Fn() -> Fut + 'static,
    Fut: Future + 'static,
{
    let name = name.into();
    let handle = JoinHandle::new(name.clone(), Role::Foreground);
    let owner = Rc::new(Restartable { start, output: handle.settle(), crashing: Cell::new(false) });
    with(|state| state.start(name, owner));
    handle
}

struct Restartable<F, T> {
    start: F,
    output: Settle<T>,
    /// What is dropped now is dropped because of a crash, and another start will settle the handle.
    crashing: Cell<bool>,
}

impl<F, Fut> Restart for Restartable<F, Fut::Output>
where
    F: Fn() -> Fut + 'static,
    Fut: Future + 'static,
{
    fn crash(&self) {
        self.crashing.set(true);
        self.output.begin_again();
    }

    fn start(self: Rc<Self>) -> std::pin::Pin<Box<dyn Future<Output = ()>>> {
        self.crashing.set(false);
        let ends = Ends(self);
        // Called within the first poll, so that where it panics, the run fails like another.
        Box::pin(async move {
            let output = (ends.0.start)().await;
            ends.0.output.done(output);
        })
    }
}

/// Settles the handle where a start ends in any other way than by a crash.
struct Ends<F, T>(Rc<Restartable<F, T>>);

impl<F, T> Drop for Ends<F, T> {
    fn drop(&mut self) {
        if !self.0.crashing.get() {
            self.0.output.gone();
        }
    }
}
