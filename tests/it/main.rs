//! One integration binary, a module per behaviour.

mod bridge;
mod creation_outcomes;
mod registry;
mod startup;
mod supervisor;
mod support;
