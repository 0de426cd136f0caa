//! The names that a test uses: `use nevernone::prelude::*;`.
//!
//! `#[nevernone::test]` is not among them, since a `test` that comes in by a glob takes the place of the standard one; nor
//! is [`run`](crate::run()), whose name is everybody's.
//!
//! ```
//! # #![allow(unused_imports)]
//! use nevernone::prelude::*;
//!
//! #[nevernone::test]
//! async fn a_first_test() {
//!     let start = spawn("startup", async { fault("db.connect", &["refused"]) });
//!     any_moment("a request arrives").await;
//!     sometimes("it starts", start.await.is_none());
//! }
//!
//! #[test] // the standard one
//! fn another() {}
//! # fn main() {
//! # let scenario = nevernone::Scenario::new("doc", || async {
//! #     let start = spawn("startup", async { fault("db.connect", &["refused"]) });
//! #     any_moment("a request arrives").await;
//! #     sometimes("it starts", start.await.is_none());
//! # });
//! # assert!(nevernone::campaign::check(&scenario, &Default::default()).ok);
//! # }
//! ```

pub use crate::{
    Cancelled, Fake, Fault, JoinHandle, Run, always, any_moment, balanced, cancellable, choose, daemon, event,
    eventually, fake, fault, fault_at, inject_panic, invariant, may_panic, millis, never, on_heal, point, require,
    restartable, secs, sometimes, spawn, watch,
};
