//! The reference implementation.

pub mod backend;
pub mod event;
mod id;
pub mod manager;
mod sync;
