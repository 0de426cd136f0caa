//! What a fuzz target is: the law that every input has to keep, and what an input stands for.
//!
//! A target, the replay of its corpus in `cargo test` (`tests/it/corpus.rs`, which takes this file in as a module) and the
//! plain program beside the targets (`examples/plain.rs`) all go through [`TARGETS`], so that none of them can check less.
//!
//! `scenarios.rs` runs of the reference's scenarios by bytes · `wire/` a client of any manners against one session ·
//! `tokens.rs` tokens, read and damaged · `logs/` the checklist over logs in two forms · `reports/` report.json, read and
//! merged

mod logs;
mod reports;
mod scenarios;
mod tokens;
mod wire;

/// What libFuzzer's bytes are given to.
#[derive(Clone, Copy)]
pub struct Target {
    /// The target's name: its program's, and its folder's in `corpus/` and `regressions/`.
    pub name: &'static str,
    /// Panics where the input breaks the law; `false` for an input that stands for nothing and is not worth keeping.
    pub law: fn(&[u8]) -> bool,
    /// The same body without the law: what the law is paid beside.
    pub bare: fn(&[u8]),
    /// What the input stands for, in words: two inputs that say the same are one case. `None` where it is nothing.
    pub case: fn(&[u8]) -> Option<String>,
    /// The same input in the form in which it is kept.
    pub kept: fn(&[u8]) -> Vec<u8>,
}

/// All of them. `Cargo.toml` lists a program for each.
pub const TARGETS: [Target; 6] = [
    scenarios::STARTUP_ORDER,
    scenarios::ANY_SCENARIO,
    wire::WIRE,
    tokens::TOKEN,
    logs::LOG_VERIFIER,
    reports::REPORT_READER,
];

/// The target of that name.
pub fn named(name: &str) -> Option<Target> {
    TARGETS.into_iter().find(|target| target.name == name)
}

/// Names of the scenarios that `any_scenario` chooses among.
pub fn scenario_names() -> Vec<String> {
    scenarios::names()
}

/// An input takes its parts from here; where nothing is left they are zero and empty.
struct Material<'a>(&'a [u8]);

impl<'a> Material<'a> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn byte(&mut self) -> u8 {
        self.bytes(1).first().copied().unwrap_or_default()
    }

    /// Up to that many.
    fn bytes(&mut self, most: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(most.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// As long as its first byte says.
    fn piece(&mut self) -> &'a [u8] {
        let length = self.byte();
        self.bytes(length.into())
    }

    /// One of several.
    fn one_of<T: Copy>(&mut self, several: &[T]) -> T {
        several[usize::from(self.byte()) % several.len()]
    }
}

/// FNV-1a, 32 bits.
fn fnv(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |sum, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}
