//! A request at any moment of a startup. `tests/it/corpus.rs` replays this target's corpus.
#![no_main]

use std::sync::LazyLock;

use nevernone::{Scenario, fuzz::one_input};
use nevernone_reference::scenarios::named;

static SCENARIO: LazyLock<Scenario> = LazyLock::new(|| named("startup/early-request").expect("it is listed"));

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| drop(one_input(&SCENARIO, bytes)));
