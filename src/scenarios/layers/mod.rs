//! The matrix of layers: every set of the four, and each kind of fault as the only one.
//!
//! `cell.rs` one scenario of it · `caught.rs` what each is expected to come to, by rules · `matrix.rs` all of them
//! searched, as a table · `suffices.rs` the least sets of layers that do.

mod caught;
mod cell;
mod matrix;
mod suffices;

pub use caught::Caught;
pub use cell::{Cell, Kind};
pub use matrix::{Matrix, search};
