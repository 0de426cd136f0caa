//! One integration binary, a module per behaviour.

mod bridge;
#[cfg(feature = "check")]
mod command_line;
#[cfg(feature = "check")]
mod corpus;
mod creation_outcomes;
#[cfg(feature = "check")]
mod fault_plans;
#[cfg(feature = "check")]
mod golden_trace;
#[cfg(feature = "check")]
mod graph;
mod log_table;
mod manager;
mod never_none;
mod registry;
mod rows;
#[cfg(feature = "server")]
mod server;
mod soak;
mod startup;
mod supervisor;
mod support;
#[cfg(feature = "server")]
mod verify_logs;
