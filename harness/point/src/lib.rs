//! One line in production code for each external dependency that a startup meets:
//!
//! ```
//! # async fn connect(url: &str) -> Result<u32, String> { let _ = url; Ok(7) }
//! # async fn startup() -> Result<(), String> {
//! let pool = nevernone_point::point("db.connect", connect("postgres://…")).await?;
//! # let _ = pool; Ok(())
//! # }
//! # let mut startup = Box::pin(startup());
//! # let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
//! # assert!(std::future::Future::poll(startup.as_mut(), &mut cx).is_ready());
//! ```
//!
//! Outside a `nevernone` run that is the future itself and one atomic load. Inside, a scenario may put
//! something else in its place. This crate has no dependencies, and links none of the framework.

use std::any::{TypeId, type_name};
use std::future::Future;
use std::panic::Location;

use hook::Asked;

/// Gives what `future` gives, or what a `nevernone` scenario puts in its place. The future that it returns can be sent
/// and shared where `future` can, and is cancel safe exactly where `future` is.
///
/// # Panics
/// When awaited, if a scenario describes this place with values of another type than the future's output: the message
/// names both types and both lines.
#[track_caller]
pub fn point<F>(place: &'static str, future: F) -> impl Future<Output = F::Output>
where
    F: Future,
    F::Output: 'static,
{
    let caller = Location::caller();
    async move {
        let asked =
            || Asked { place, caller, output: TypeId::of::<F::Output>(), output_name: type_name::<F::Output>() };
        let Some(replacement) = hook::replacement(asked) else {
            return future.await;
        };
        let Ok(output) = replacement.await.downcast::<F::Output>() else {
            // The framework compares them beforehand; so the place was described once more since then, by another type.
            panic!(
                "the scenario describes `{place}` with another type than the `{}` that is awaited at {caller}",
                type_name::<F::Output>()
            )
        };
        *output
    }
}

/// The framework's side.
pub mod hook {
    use std::any::{Any, TypeId};
    use std::future::Future;
    use std::panic::Location;
    use std::pin::Pin;
    use std::sync::OnceLock;

    /// What a point asks, when it is first polled.
    #[derive(Debug, Clone, Copy)]
    pub struct Asked {
        /// Its name.
        pub place: &'static str,
        /// The line of the production code that calls it.
        pub caller: &'static Location<'static>,
        /// What its future gives.
        pub output: TypeId,
        /// The same, for people.
        pub output_name: &'static str,
    }

    /// Stands in for a point's future; gives a box of exactly its output.
    pub type Replacement = Pin<Box<dyn Future<Output = Box<dyn Any>> + Send + Sync>>;

    /// Decides whether something stands in for a point.
    pub type Hook = fn(&Asked) -> Option<Replacement>;

    static HOOK: OnceLock<Hook> = OnceLock::new();

    /// Puts `hook` behind every point of this process. The first one stays.
    pub fn install(hook: Hook) {
        // An error means that a hook is there already; there is only one framework to install it.
        let _ = HOOK.set(hook);
    }

    // Inlined where it is awaited, so that a program without a listener pays one load and no call.
    #[inline]
    pub(crate) fn replacement(asked: impl FnOnce() -> Asked) -> Option<Replacement> {
        HOOK.get()?(&asked())
    }
}
