//! Every sequence of outcomes of three creations, through every layer that consumes them: a complete manager, or the one
//! right error that tells every attempt. How often and when the factory was asked, every row of the log in its order and
//! every place of the budget are as expected, and nobody asks after a success.
//!
//! `outcomes.rs` what a creation can come to · `sequences.rs` all of them, counted · `factory.rs` the mock ·
//! `expected.rs` what the contract says, worked out apart from the code · `seen.rs` one sequence, run and compared ·
//! `retrying.rs`, `registry.rs`, `platform.rs`, `joined.rs` the layers · `wrong.rs` the suites notice what is wrong.

mod expected;
mod factory;
mod joined;
mod outcomes;
mod platform;
mod registry;
mod retrying;
mod seen;
mod sequences;
mod wrong;

use std::{sync::Arc, time::Duration};

use nevernone_reference::{
    env::TokioEnv,
    manager::{BoxFuture, ManagerCell, ManagerError, ManagerFactory, ManagerHandle},
    retry::{Attempt, Attempts},
};

pub(crate) use self::outcomes::ATTEMPTS;
#[cfg(feature = "check")]
pub(crate) use self::outcomes::{OUTCOMES, tells};

/// One of the consumers of creations, and what sets it apart from the others.
#[derive(Clone, Copy)]
struct Layer {
    words: Words,
    /// After attempt *n* it waits *n* times as long.
    step: Duration,
    /// How long it lets an attempt take.
    deadline: Option<Duration>,
    /// How long each creation takes at least, so that others can join it.
    pause: Duration,
    /// How many do the same at once.
    consumers: usize,
    /// Does what the layer does, for each of the consumers, until the first success or the last attempt. After a success
    /// it asks once more.
    drive: fn(World) -> BoxFuture<'static, Vec<Told>>,
}

/// What a layer logs beside the creations themselves, and how its error reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Words {
    /// The cell alone.
    Singleton,
    /// The incident's caller: whatever it gets is wired.
    Registry,
    Bridge,
    Startup,
    /// The startup's second phase alone, whose error is told by whoever started it.
    Phase,
    Platform,
}

/// What a layer works with.
struct World {
    env: TokioEnv,
    cell: Arc<ManagerCell>,
    factory: Arc<dyn ManagerFactory>,
}

/// What one consumer got.
type Told = Result<ManagerHandle, Refusal>;

/// Why it got nothing.
#[derive(Debug)]
struct Refusal {
    text: String,
    /// The error's own source, as text.
    source: Option<String>,
    attempts: Vec<Attempt<ManagerError>>,
}

impl Refusal {
    fn of(error: &dyn std::error::Error, attempts: &Attempts<ManagerError>) -> Self {
        let source = error.source().map(ToString::to_string);
        Self { text: error.to_string(), source, attempts: attempts.iter().cloned().collect() }
    }
}
