//! One integration binary, a module per behaviour.

#[macro_use]
#[path = "../../src/texts.rs"]
mod texts_of;

mod bridge;
#[cfg(feature = "check")]
mod chosen;
#[cfg(feature = "check")]
mod claims;
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
#[cfg(feature = "check")]
mod laws;
mod log_table;
#[cfg(feature = "server")]
mod logs;
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
mod texts;
#[cfg(feature = "server")]
mod verify_logs;
