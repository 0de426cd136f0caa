//! The reference implementation.

pub mod event;
mod id;
pub mod manager;
mod sync;
