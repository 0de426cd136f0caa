//! What the benches share.
//!
//! `cargo bench` here runs them all; each is a program that prints a table:
//!
//! - `peers`: the retryable cell searched by nevernone, shuttle and loom, and what each of them covers. An argument is
//!   the seconds after which a search is given up: `cargo bench --bench peers -- 20`.
//! - `cost`: what a run and a step of nevernone cost, allocations included.
//! - `point`: what `nevernone_point::point` costs outside a run, beside the future itself.
//! - `memory`: resident memory after ever more runs: `cargo bench --bench memory -- 10000000`.
//! - `workers`: how much two threads get done beside one.

pub mod callers;
pub mod cells;
pub mod tools;

use std::str::FromStr;

/// The numbers on the command line; what `cargo bench` itself passes is none.
pub fn arguments<N: FromStr>() -> Vec<N> {
    std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect()
}
