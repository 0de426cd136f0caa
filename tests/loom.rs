//! The models: every execution that loom 0.7 models, within the printed bound, of the production code itself.
//!
//! `cargo loom` runs them all, `cargo loom NAME…` those whose names contain one of the words. Under plain `cargo test`
//! this says how, and passes: without the private cfg the crate is not built on loom's primitives.

#[cfg(nevernone_loom)]
#[path = "loom/bench.rs"]
mod bench;
#[cfg(nevernone_loom)]
#[path = "loom/bridge.rs"]
mod bridge;
#[cfg(nevernone_loom)]
#[path = "loom/budget.rs"]
mod budget;
#[cfg(nevernone_loom)]
#[path = "loom/connections.rs"]
mod connections;
#[cfg(nevernone_loom)]
#[path = "loom/drain.rs"]
mod drain;
#[cfg(nevernone_loom)]
#[path = "loom/outbox.rs"]
mod outbox;
#[cfg(nevernone_loom)]
#[path = "loom/registry.rs"]
mod registry;
#[cfg(nevernone_loom)]
#[path = "loom/requests.rs"]
mod requests;
#[cfg(nevernone_loom)]
#[path = "loom/singleton.rs"]
mod singleton;
#[cfg(nevernone_loom)]
#[path = "loom/startup.rs"]
mod startup;
#[cfg(nevernone_loom)]
#[path = "loom/support.rs"]
mod support;

use std::process::ExitCode;

#[cfg(nevernone_loom)]
fn main() -> ExitCode {
    let cores = [
        singleton::MODELS,
        outbox::MODELS,
        connections::MODELS,
        budget::MODELS,
        registry::MODELS,
        bridge::MODELS,
        startup::MODELS,
        requests::MODELS,
        drain::MODELS,
    ];
    nevernone::loom::run(&cores.concat())
}

#[cfg(not(nevernone_loom))]
fn main() -> ExitCode {
    nevernone::loom::switched_off("nevernone_loom")
}
