//! The engine, by behaviour.

mod trees;
