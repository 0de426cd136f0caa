//! The models: every execution that loom 0.7 models, within the printed bound, of the production code itself.
//!
//! `cargo loom` runs them all, `cargo loom NAME…` those whose names contain one of the words. Under plain `cargo test`
//! this says how, and passes: without the private cfg the crate is not built on loom's primitives.

#[cfg(nevernone_loom)]
#[path = "loom/singleton.rs"]
mod singleton;

use std::process::ExitCode;

#[cfg(nevernone_loom)]
fn main() -> ExitCode {
    nevernone::loom::run(singleton::MODELS)
}

#[cfg(not(nevernone_loom))]
fn main() -> ExitCode {
    nevernone::loom::switched_off("nevernone_loom")
}
