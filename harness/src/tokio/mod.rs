//! tokio, with tasks that a run controls: `use nevernone::tokio` in place of `tokio`.

pub use ::tokio::*;

mod hosted;
mod join_handle;
mod join_set;
pub mod task;

pub use task::spawn;
