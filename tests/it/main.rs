//! One integration binary, a module per behaviour.

mod bridge;
mod creation_outcomes;
mod log_table;
mod manager;
mod registry;
#[cfg(feature = "server")]
mod server;
mod startup;
mod supervisor;
mod support;
