//! The reference implementation.

pub mod backend;
pub mod event;
mod id;
pub mod manager;
pub mod singleton;
pub mod sync;
