//! The reference implementation.

pub mod singleton;
pub mod sync;
