//! One integration binary, a module per behaviour.

mod manager;
#[cfg(feature = "server")]
mod server;
mod startup;
mod supervisor;
mod support;
