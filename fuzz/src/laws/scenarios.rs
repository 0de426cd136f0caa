//! Runs of the reference's scenarios by bytes. The law is the framework's own: [`one_input`].

use std::collections::BTreeMap;
use std::sync::LazyLock;

use nevernone::choice::token::Token;
use nevernone::explore::{Bounds, Bytes};
use nevernone::fuzz::{BOUNDS, one_input, one_input_within};
use nevernone::{Scenario, campaign};
use nevernone_reference::scenarios::{all, named};

use super::{Target, fnv};

/// A request at any moment of a startup.
pub(super) const STARTUP_ORDER: Target = Target {
    name: "startup_order",
    law: |bytes| one_input(&EARLY_REQUEST, bytes).is_some(),
    bare: |bytes| run(&EARLY_REQUEST, BOUNDS, bytes),
    case: |bytes| one_input(&EARLY_REQUEST, bytes).map(|token| token.to_string()),
    kept: <[u8]>::to_vec,
};

/// Any scenario that is expected to hold: two bytes say which, the rest is the run.
pub(super) const ANY_SCENARIO: Target = Target {
    name: "any_scenario",
    law: |bytes| any_input(bytes).is_some(),
    bare: |bytes| chosen(bytes).into_iter().for_each(|(_, scenario, rest)| run(scenario, within(scenario), rest)),
    case: |bytes| any_input(bytes).map(|token| token.to_string()),
    kept: |bytes| match chosen(bytes) {
        Some((tag, _, run)) => [&tag.to_be_bytes(), run].concat(),
        None => bytes.to_vec(),
    },
};

static EARLY_REQUEST: LazyLock<Scenario> = LazyLock::new(|| named("startup/early-request").expect("it is listed"));

/// Scenarios by their tags. The process-wide one is left out, since the statics that it is about outlive a run here; so is
/// the incident itself, which has to fail.
static BY_TAG: LazyLock<BTreeMap<u16, Scenario>> = LazyLock::new(|| {
    let left_out = ["singleton/process-wide", "legacy/none-wired"];
    let mut by_tag = BTreeMap::new();
    for scenario in all().into_iter().filter(|scenario| !left_out.contains(&scenario.name())) {
        let name = scenario.name().to_owned();
        if let Some(other) = by_tag.insert(tag(&name), scenario) {
            panic!("`{name}` and `{}` have one tag: rename one", other.name());
        }
    }
    by_tag
});

/// From the name alone, so that a scenario that is added or moved leaves the tags of all others as they are.
fn tag(name: &str) -> u16 {
    let [a, b, c, d] = fnv(name.as_bytes()).to_be_bytes();
    u16::from_be_bytes([a ^ c, b ^ d])
}

/// The scenario that an input is for, with its own tag, and the run. A fuzzer's bytes are seldom a tag: they choose the one
/// whose tag comes last before them, as on a ring. What is kept has the tag itself, which no other scenario can take over.
fn chosen(bytes: &[u8]) -> Option<(u16, &'static Scenario, &[u8])> {
    let (wanted, run) = bytes.split_first_chunk::<2>()?;
    let mut before = BY_TAG.range(..=u16::from_be_bytes(*wanted));
    let (tag, scenario) = before.next_back().or_else(|| BY_TAG.last_key_value())?;
    Some((*tag, scenario, run))
}

fn any_input(bytes: &[u8]) -> Option<Token> {
    let (_, scenario, run) = chosen(bytes)?;
    one_input_within(scenario, within(scenario), run)
}

/// What an input may spend, but for what the scenario does without: its properties need not allow for that.
fn within(scenario: &Scenario) -> Bounds {
    let own = scenario.bounds();
    let unless_none = |own: Option<u32>, most: Option<u32>| if own == Some(0) { own } else { most };
    Bounds {
        faults: unless_none(own.faults, BOUNDS.faults),
        preemptions: unless_none(own.preemptions, BOUNDS.preemptions),
        cancellations: unless_none(own.cancellations, BOUNDS.cancellations),
        panics: unless_none(own.panics, BOUNDS.panics),
        stalls: unless_none(own.stalls, BOUNDS.stalls),
        crashes: unless_none(own.crashes, BOUNDS.crashes),
        ..BOUNDS
    }
}

pub(super) fn names() -> Vec<String> {
    BY_TAG.values().map(|scenario| scenario.name().to_owned()).collect()
}

fn run(scenario: &Scenario, bounds: Bounds, bytes: &[u8]) {
    let _ = campaign::run_once(scenario, Bytes::new(bytes, bounds));
}
