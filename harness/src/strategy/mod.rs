//! proptest strategies for whatever a startup can meet. None of them knows your service: each gives plain data, and what is
//! planted in it is told beside it. All shrink towards a startup at which nothing is out of the ordinary.
//!
//! `faults.rs` which fault fires where · `choices.rs` schedules, whole choice sequences, and runs · `orders.rs` orders of
//! steps · `graph.rs` a startup as data, `graphs.rs` those that make sense, `planted.rs` those that do not · `clients.rs` what
//! a client does meanwhile · `histories.rs` what was told of its requests, `flaws.rs` what can be wrong with that.
//!
//! A startup under planned faults and a schedule:
//!
//! ```
//! use nevernone::explore::{Bounds, Planned};
//! use nevernone::strategy::{Place, fault_plans, schedules};
//! use nevernone::{Ending, Scenario, campaign};
//! use proptest::prelude::*;
//!
//! let scenario = Scenario::new("an-attempt", || async {
//!     let fault = nevernone::fault("connect", &["refused", "late"]);
//!     assert!(fault.is_none_or(|fault| fault.kind != "gone"));
//! });
//! let places = [Place { name: "connect", kinds: 2, attempts: 3 }];
//! proptest!(|(plan in fault_plans(&places), schedule in schedules(16))| {
//!     let run = campaign::run_once(&scenario, Planned::new(plan, schedule, Bounds::default())).unwrap();
//!     prop_assert_eq!(run.ending, Ending::Passed, "replay: {}", run.token);
//! });
//! ```
//!
//! # What failed once runs first
//! proptest writes the seed of each failing case into a file of `proptest-regressions`, and executes those before anything
//! new; commit that file. But a seed is only that: it stands for a value as long as the strategy stays as it is, to the
//! letter, and no longer. What lasts as long as the scenario does is the run's *token*. So let the failure's message hold it,
//! as above, and give the scenario the name and the body of a test of its own. Beside a
//! `#[nevernone::test] async fn an_early_request() { body().await }` in `tests/startup.rs` that is
//! `Scenario::new("startup::an_early_request", body)`. Then the token is a line for
//! `nevernone-regressions/startup.an_early_request.txt`, a dot for each `::`: put it there, and that test executes the run
//! before every search, as if it had found it. A token of another scenario is refused there by name, and so is one that was
//! cut; [`tokens`](crate::guide::tokens) has the rest.

mod choices;
mod clients;
mod faults;
mod flaws;
mod graph;
mod graphs;
mod histories;
mod orders;
mod planted;

pub use choices::{Sequences, choice_sequences, runs, schedules};
pub use clients::{Act, Client, ClientSize, Leave, Visit, When, clients};
pub use faults::{Place, fault_plans};
pub use flaws::{Flaw, Flawed, flawed_histories};
pub use graph::{Graph, Node};
pub use graphs::{GraphSize, MOST_NODES, graphs};
pub use histories::{Happened, History, HistorySize, Told, histories};
pub use orders::{linear_extensions, orders};
pub use planted::{Cyclic, Duplicate, Missing, cyclic_graphs, duplicate_graphs, missing_graphs};
