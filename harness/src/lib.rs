//! **nevernone** explores the startup of an async service and asks one question: can any consumer ever observe a
//! missing or half-built dependency, under any interleaving, fault, retry or cancellation within a printed bound?
//! Where one can, it tells the shortest story that replays it.
//!
//! ```
//! use std::rc::Rc;
//! use nevernone::{Scenario, Verdict, any_moment, campaign, sometimes, spawn};
//! use tokio::sync::OnceCell;
//!
//! let scenario = Scenario::new("a-consumer-may-come-early", || async {
//!     let database: Rc<OnceCell<&str>> = Rc::default();
//!     let start = spawn("startup", {
//!         let database = Rc::clone(&database);
//!         async move {
//!             tokio::time::sleep(nevernone::millis(100)).await;
//!             let _ = database.set("connected");
//!         }
//!     });
//!     any_moment("a request arrives").await;
//!     sometimes("the request came first", database.get().is_none());
//!     sometimes("the request came last", database.get().is_some());
//!     start.await;
//! });
//! let report = campaign::check(&scenario, &campaign::Options::default());
//! assert_eq!(report.verdict, Verdict::Verified);
//! ```
//!
//! New here? [`guide`] has nine short chapters, the first of which ends with a verdict.
//!
//! The code map, from the core outwards: [`choice`] is the sequence of everything that a run leaves open; `run`
//! executes one run, a step at a time, over unmodified tokio; [`explore`] holds the explorers that feed the sequence;
//! [`campaign`] searches a [`Scenario`] and judges; [`report`] tells; with the feature `cli`, `cli` and `cargo` are the
//! programs around that. What a scenario calls is at the crate's root.
//!
//! Limits, first: this is bounded search at await points on one thread, not a proof. Check-then-act between two
//! awaits on a multi-thread runtime is invisible here. Cuts fall on tokio operations that consume its cooperative
//! budget; `Notify::notified`, synchronous sends and guard drops are none. Tasks that the code under test gives to
//! `tokio::spawn` itself form a *lane*: they are polled one at a time, whole and in tokio's own order, at any moment
//! between the other steps. So they never overtake one another and are not cut, which the verdict says; no time passes
//! while one of them is ready; and a thread that wakes one is only seen by what comes of it. Under
//! [`nevernone::tokio`](mod@tokio) they are tasks like all others. `spawn_blocking`, and
//! threads that wake other tasks, make a search `incomplete`; no run waits for a thread, so a task that only a slow one
//! would wake looks stuck.
//!
//! # Features
//!
//! | feature | brings |
//! |---|---|
//! | `macros` (default) | `#[nevernone::test]`, and `select!` in [`nevernone::tokio`](mod@tokio) |
//! | `cli` | the command line that a program of scenarios shares: `list`, `check`, `replay`, `merge`; threads for all cores |
//! | `logs` | log lines of `tracing` as properties: those that must never be written, and those that must |
//! | `proptest` | strategies for whatever a startup can meet, which shrink: faults, choice sequences, orders, graphs, clients, histories |
//! | `fail` | fail points of the crate `fail`, driven from the choice sequence |
//! | `html` | `report.html` beside `report.json` and `junit.xml`: one page that needs no other file |
//! | `fuzz` | a fuzzer's bytes as one run, and the law that each run has to keep |
//! | `net` | a network inside the run, for TCP streams, whose packets arrive when the explorer says so |
//! | `loom` | a runner for models of the crate `loom` that believes none it did not count, and the cells that loom lacks |
//!
//! Without any of them a search, its verdict and its tokens are all there. On Linux an incomplete search names the statics
//! that an earlier run changed, for which it reads the symbols of the program.

mod api;
pub mod campaign;
#[cfg(feature = "cli")]
pub mod cargo;
pub mod choice;
#[cfg(feature = "cli")]
pub mod cli;
mod ending;
pub mod explore;
mod fault;
// Its own tests and those of the explorer of bytes need it in any case.
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
pub mod guide;
mod hash;
#[cfg(feature = "loom")]
pub mod loom;
mod names;
#[cfg(feature = "net")]
pub mod net;
pub mod prelude;
pub mod report;
mod run;
mod scenario;
pub mod shard;
mod statics;
#[cfg(feature = "proptest")]
pub mod strategy;
pub mod testing;
pub mod tokio;
mod tokio_version;
mod uncontrolled;
mod verdict;

#[cfg(feature = "logs")]
pub use api::logs;
pub use api::{
    Cancelled, JoinHandle, Observation, Run, always, any_moment, balanced, cancellable, choose, daemon, event,
    eventually, invariant, may_panic, millis, never, on_heal, require, restartable, run, secs, sometimes, spawn, watch,
};
pub use ending::{CutShort, Ending, Failure, Location};
#[cfg(feature = "fail")]
pub use fault::{FailPoint, fail_point};
pub use fault::{Fake, FakeSite, Fault, FaultSite, InstalledSite, fake, fault, fault_at, inject_panic};
pub use hash::History;
#[cfg(feature = "macros")]
pub use nevernone_macros::test;
pub use nevernone_point::point;
pub use run::{FaultName, FaultTally, SometimesTally, StuckTask, Tally, TimelineEntry};
pub use scenario::Scenario;
pub use uncontrolled::Uncontrolled;
pub use verdict::{Verdict, exit_code};
