//! One integration binary, a module per behaviour.

mod creation_outcomes;
mod support;
