//! The reference implementation.

pub mod backend;
pub mod event;
mod id;
pub mod manager;
#[cfg(feature = "server")]
pub mod server;
pub mod singleton;
pub mod sync;
