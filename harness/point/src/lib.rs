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

use std::future::Future;

/// Awaits `future`, or what a `nevernone` scenario puts in its place.
///
/// Cancel safe exactly where `future` is.
///
/// # Panics
/// If a scenario describes this place with values of another type than the future's output: both are named.
pub async fn point<F>(place: &'static str, future: F) -> F::Output
where
    F: Future,
    F::Output: 'static,
{
    let Some(replacement) = hook::replacement(place) else {
        return future.await;
    };
    let Ok(output) = replacement.await.downcast::<F::Output>() else {
        panic!(
            "the scenario describes the fault site `{place}` with another type than the `{}` that the code there \
             awaits; make `ok` and `err` give exactly its two halves",
            std::any::type_name::<F::Output>()
        )
    };
    *output
}

/// The framework's side.
pub mod hook {
    use std::any::Any;
    use std::future::Future;
    use std::pin::Pin;
    use std::sync::OnceLock;

    /// Stands in for a point's future; gives a box of exactly its output.
    pub type Replacement = Pin<Box<dyn Future<Output = Box<dyn Any>> + Send>>;

    /// Decides, when a point is first polled, whether something stands in for it.
    pub type Hook = fn(&'static str) -> Option<Replacement>;

    static HOOK: OnceLock<Hook> = OnceLock::new();

    /// Puts `hook` behind every point of this process. The first one stays.
    pub fn install(hook: Hook) {
        // An error means that a hook is there already; there is only one framework to install it.
        let _ = HOOK.set(hook);
    }

    // Inlined where it is awaited, so that a program without a listener pays one load and no call.
    #[inline]
    pub(crate) fn replacement(place: &'static str) -> Option<Replacement> {
        HOOK.get()?(place)
    }
}
