//! Models of the crate `loom`: every interleaving of threads, and every reordering that the memory model permits, of
//! code that is built on loom's primitives. Feature `loom`, since loom is heavy: a runner that believes no model which it
//! did not count, and the cells that loom lacks.
//!
//! The search of this framework goes from await to await on one thread. What lies between two awaits, check-then-act,
//! publication, a lost notification, is loom's. Use both.
//!
//! # A model
//!
//! ```standalone_crate
//! use std::process::ExitCode;
//!
//! use loom::sync::Arc;
//! use nevernone::loom::{Model, OnceLock, Sometimes};
//!
//! const MODELS: &[Model] = &[Model::new("early_reader", early_reader)
//!     .claims("a reader finds nothing, or the whole configuration")
//!     .sometimes(&READER_FIRST)];
//!
//! static READER_FIRST: Sometimes = Sometimes::new("the reader came first");
//!
//! fn early_reader() {
//!     let cell = Arc::new(OnceLock::new());
//!     let reader = {
//!         let cell = Arc::clone(&cell);
//!         loom::thread::spawn(move || {
//!             let seen: Option<&String> = cell.get();
//!             READER_FIRST.saw(seen.is_none());
//!             assert!(seen.is_none_or(|seen| seen == "eu-west"));
//!         })
//!     };
//!     cell.get_or_init(|| "eu-west".to_owned());
//!     reader.join().unwrap();
//! }
//!
//! fn main() -> ExitCode {
//!     nevernone::loom::run(MODELS)
//! }
//! ```
//!
//! It prints the claim, how many executions there were, and `complete` or `bounded (preemptions <= n)`. [`run`] sets every
//! bound of loom's itself: loom takes them from the environment, and stops without a word at `LOOM_MAX_PERMUTATIONS`,
//! which it looks at every 20,000 executions only. A model that is cut short fails, as does one whose
//! [`Sometimes`] never happened, or that caught a panic which it did not plan. `--json FILE` writes [`Results`].
//! `--max-time 60s` is for a gate: a model that has grown beyond it is `incomplete`, code 3, and never passes as searched.
//!
//! Two threads are searched in full. Give three, and async models, [`Model::preemptions`] where the full tree does not end.
//!
//! # Your own code
//!
//! Production code shares through one module, which takes its primitives from std or from loom by a *private* cfg:
//!
//! ```
//! #[cfg(not(shop_loom))]
//! pub use std::sync::{Arc, Condvar, Mutex, OnceLock, atomic};
//! #[cfg(shop_loom)]
//! pub use {loom::sync::{Arc, Condvar, Mutex, atomic}, nevernone::loom::OnceLock};
//! # fn main() {}
//! ```
//!
//! The target `tests/loom.rs` has a `main` for either build:
//!
//! ```
//! use std::process::ExitCode;
//!
//! #[cfg(shop_loom)]
//! #[path = "loom/stock.rs"]
//! mod stock; // with `pub const MODELS: &[nevernone::loom::Model]`
//!
//! #[cfg(shop_loom)]
//! fn main() -> ExitCode {
//!     nevernone::loom::run(stock::MODELS)
//! }
//!
//! #[cfg(not(shop_loom))]
//! fn main() -> ExitCode {
//!     nevernone::loom::switched_off("shop_loom")
//! }
//! ```
//!
//! An `UnsafeCell` of your own goes through the same module: loom's has `with` and `with_mut`, which take closures, so that std's
//! needs a wrapper with these two. Loom's constructors are not `const`.
//!
//! The manifest knows the target, the cfg, and loom, the latter only where the cfg is on. Where production code uses one of
//! the cells here, nevernone stands beside loom.
//!
//! ```toml
//! [target.'cfg(shop_loom)'.dependencies]
//! loom = { version = "0.7", features = ["futures"] }
//! nevernone = { version = "0.1", features = ["loom"] }
//!
//! [dev-dependencies]
//! nevernone = { version = "0.1", features = ["loom"] }
//!
//! [[test]]
//! name = "loom"
//! harness = false
//!
//! [lints.rust]
//! unexpected_cfgs = { level = "warn", check-cfg = ["cfg(shop_loom)"] }
//! ```
//!
//! And `.cargo/config.toml` makes it one command, `cargo loom`. What is behind it goes to [`run`]: in
//! `cargo loom stock --json target/loom.json`, `stock` chooses the models whose names contain it, as in `stock/early_reader`. In a
//! workspace the alias names the package, too:
//!
//! ```toml
//! [alias]
//! loom = [
//!     "--config", "target.'cfg(all())'.rustflags=['--cfg','shop_loom']",
//!     "--config", "env.SHOP_LOOM='1'",
//!     "--config", "build.target-dir='target/loom'",
//!     "test", "--release", "--test", "loom", "--",
//! ]
//! ```
//!
//! - Not the global `--cfg loom`: tokio, hyper-util and others look at it, and lose sockets, or do not compile.
//! - Not a feature of your crate: features are unified, so that somebody's release would be built on loom.
//! - Where `RUSTFLAGS` is set in the environment, cargo drops the flags of its configuration without a word. So the
//!   variable goes along, and [`switched_off`] fails where it finds the variable without the cfg. A gate runs both:
//!   `cargo loom`, and `SHOP_LOOM=1 cargo test --test loom`, which must fail.
//!
//! # Cells
//!
//! [`OnceLock`], [`LazyLock`] and the async [`OnceCell`] have the stable methods and the outcomes of std's and tokio's, so
//! that production code can change from one to the other by cfg. [`Gate`] is something for an initialiser to wait for.
//! They hold no unsafe code. What their values are made of is loom's to watch: plain data is shown to everybody whole, so a
//! model that asks whether a value is seen whole fills it with loom's cells or atomics.
//!
//! # What loom does not see
//!
//! The claim is "every execution that loom 0.7 models", and that is less than a machine may do. Green with one of these in it
//! means nothing; the tests of this module hold each of them fast, for the day on which loom sees it.
//!
//! | what | so | who sees it |
//! |---|---|---|
//! | whatever is not built on loom's primitives: `std::sync::atomic` in a core, another crate's locks | threads never switch there, and no order is checked | a test that looks for such names; Miri, `ThreadSanitizer` |
//! | code outside the private cfg | it is not compiled | the same tools over the ordinary build |
//! | accesses of an `UnsafeCell` through a pointer that left the closure | no race is found, and nobody comes in between | Miri, `ThreadSanitizer` |
//! | load buffering: two relaxed accesses of one thread, done in the other order | loads are never too early, only too late | plain data in loom's `UnsafeCell`, which the order is to guard: its absence is a race, and loom reports it |
//! | a read-modify-write beside relaxed stores | it always sees the newest value | the same |
//! | `compare_exchange_weak` that fails without a reason | it never does | Miri, which lets most of them fail |
//! | a condition variable that wakes without a reason | it never does | whoever reads: waits stand in loops |
//! | more than the seven newest stores of an atomic | older values are never loaded | models of few steps |
//!
//! The other way round, `SeqCst` accesses are treated as `AcqRel`: code that needs more fails although it is right.
//! `fence(SeqCst)` is modelled.
//!
//! # Limits
//!
//! - A panic that leaves a thread ends the model. Catch it inside the thread, raise it with [`PLANNED`], or allow its
//!   message with [`Model::plans`]. Hold no lock of loom's while something may panic: loom cannot take a poisoned one.
//! - `Condvar::wait_timeout` never times out, so that a wait which only time ends is reported as a deadlock.
//! - Constructors are not `const`: a core holds its cells, and keeps no statics of them.
//! - A closure of a mock must touch nothing of loom's: it runs under a lock that loom does not know, and hangs.
//! - Four threads beside the first, at most.
//! - After a failure the other models are not run: loom's state is not to be trusted then. Choose them by name.

mod arguments;
mod bounds;
mod gate;
mod lazy_lock;
mod line;
mod model;
mod once_cell;
mod once_lock;
mod panics;
mod results;
mod runner;
mod switch;

pub use gate::Gate;
pub use lazy_lock::LazyLock;
pub use model::{Model, PLANNED, Sometimes};
pub use once_cell::OnceCell;
pub use once_lock::OnceLock;
pub use results::{ModelResult, ModelVerdict, Results};
pub use runner::run;
pub use switch::switched_off;
