//! One integration binary, a module per behaviour.

#[cfg(feature = "server")]
mod server;
