//! A directory of users over HTTP: a database behind a pool, a cache in front of it. An ordinary service, written as if
//! nobody had thought of nevernone; its tests show what a search of its startup takes.
//!
//! `startup.rs` connects the two and says when requests may come · `retry.rs` how often it tries · `health.rs` the
//! background task · `routes.rs` what clients see · `main.rs` the program.

pub mod cache;
pub mod config;
pub mod health;
pub mod retry;
pub mod routes;
pub mod startup;
