//! A runner for models of the crate `loom`, which believes none that it did not count.

mod arguments;
mod bounds;
mod gate;
mod model;
mod panics;
mod results;
mod runner;
mod switch;

pub use gate::Gate;
pub use model::{Model, PLANNED, Sometimes};
pub use results::{ModelResult, ModelVerdict, Results};
pub use runner::run;
pub use switch::switched_off;
