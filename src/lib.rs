//! The reference implementation: an agent platform whose manager can never be observed missing.
//!
#![doc = include_str!("claims.md")]
#![doc = include_str!("seeds.md")]
#![doc = include_str!("matrix.md")]
#![doc = include_str!("weakenings.md")]

#[cfg(test)]
#[macro_use]
mod texts;

pub mod agents;
mod attempts;
pub mod backend;
pub mod bridge;
mod contain;
pub mod env;
pub mod event;
mod id;
#[cfg(feature = "check")]
pub mod legacy;
pub mod log;
pub mod manager;
mod race;
pub mod registry;
pub mod retry;
#[cfg(feature = "check")]
pub mod scenarios;
#[cfg(feature = "server")]
pub mod server;
pub mod singleton;
pub mod startup;
pub mod supervisor;
pub mod sync;
pub mod tools;
pub mod verify_logs;
