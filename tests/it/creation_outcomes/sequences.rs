//! All sequences of outcomes, each once, and the formula for their number.

use std::collections::BTreeSet;

use super::{ATTEMPTS, Layer, expected::Expected, outcomes::CREATIONS, seen::Seen};
use crate::support::Outcome;

/// Runs every sequence through the layer; `expected` is their number, worked out by hand.
pub(super) fn check_all(name: &str, layer: Layer, expected: usize) {
    let sequences = all(layer);
    for sequence in &sequences {
        Seen::of(layer, sequence).compare(&Expected::of(layer, sequence));
    }
    println!("{name}: {} sequences", sequences.len());
    // With s outcomes that end a sequence and f that do not: none, one or two failures and then a success, or failures
    // alone, which is s + f·s + f²·s + f³.
    let ends = CREATIONS.iter().filter(|outcome| layer.is_success(**outcome)).count();
    let fails = CREATIONS.len() - ends;
    let formula = ends * (1 + fails + fails.pow(2)) + fails.pow(3);
    assert_eq!((sequences.len(), formula), (expected, expected));
    assert_cover(layer, &sequences);
}

/// What the layer gets to see of all plans: each sequence ends with its first success.
pub(super) fn all(layer: Layer) -> BTreeSet<Vec<Outcome>> {
    let mut complete = BTreeSet::new();
    let mut open = vec![Vec::new()];
    while let Some(begun) = open.pop() {
        for outcome in CREATIONS {
            let sequence: Vec<Outcome> = begun.iter().copied().chain([outcome]).collect();
            if layer.is_success(outcome) || sequence.len() == ATTEMPTS {
                complete.insert(sequence);
            } else {
                open.push(sequence);
            }
        }
    }
    complete
}

/// Every plan for three creations begins with exactly one of the sequences.
fn assert_cover(layer: Layer, sequences: &BTreeSet<Vec<Outcome>>) {
    let mut plans = 0;
    for first in CREATIONS {
        for second in CREATIONS {
            for third in CREATIONS {
                let plan = [first, second, third];
                let seen = plan.iter().position(|outcome| layer.is_success(*outcome)).map_or(ATTEMPTS, |end| end + 1);
                let begin = (1..=ATTEMPTS).filter(|length| sequences.contains(&plan[..*length])).collect::<Vec<_>>();
                assert_eq!(begin, [seen], "{plan:?}");
                plans += 1;
            }
        }
    }
    assert_eq!(plans, CREATIONS.len().pow(3));
}
