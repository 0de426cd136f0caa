//! `nevernone::tokio`: tokio's tasks under the run's control, and tokio itself outside a run.

mod panics;
mod tasks;
