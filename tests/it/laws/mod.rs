//! Laws of the reference, and of the framework's own choice sequences, for whatever the framework's strategies come up with.
//!
//! `planning.rs` orders of startup graphs, and graphs that have none · `running.rs` starts of them under planned faults, against
//! a model · `undoing.rs` the same, stopped or dropped anywhere · `startup.rs` the platform's own start · `clients.rs` what
//! clients are told around it · `delivery.rs` what followers of a thread receive · `logged.rs` the checklist over logs ·
//! `choices.rs`, `trees.rs` tokens, their order, and trees in parts · `persisted.rs` that a failure runs first.
//!
//! Seeds of what failed once are in `tests/proptest-regressions/laws/`. `PROPTEST_CASES` raises the number of cases.

mod choices;
mod clients;
mod delivery;
#[cfg(feature = "server")]
mod logged;
mod persisted;
mod planning;
mod running;
mod startup;
mod trees;
mod undoing;

use proptest::{prelude::ProptestConfig, test_runner::FileFailurePersistence};

/// That many cases, or as many as the environment asks for, where that is more.
fn config(cases: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig {
        cases: asked.unwrap_or(0).max(cases),
        failure_persistence: Some(Box::new(FileFailurePersistence::SourceParallel("proptest-regressions"))),
        ..ProptestConfig::default()
    }
}
