//! The reference implementation: an agent platform whose manager can never be observed missing.

pub mod agents;
pub mod env;
pub mod retry;
pub mod tools;
