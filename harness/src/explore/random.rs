//! Seeded random runs, distinct ones counted.

use std::collections::HashSet;

use super::{Bounds, Explorer, Refusal, Spent};
use crate::choice::{Cost, Draw, Tape};
use crate::hash::History;
use crate::run::Ending;

/// The random explorer: costly alternatives are drawn rarely, so that a run reaches the depth where its budget is
/// best spent, and never beyond the bounds.
#[derive(Debug)]
pub struct Random {
    bounds: Bounds,
    generator: SplitMix,
    spent: Spent,
    wanted: u64,
    /// The hash of each distinct sequence of values.
    seen: HashSet<u64>,
}

impl Random {
    /// Runs until `wanted` runs were executed (distinct or not: a small tree has no more to give).
    pub fn new(seed: u64, bounds: Bounds, wanted: u64) -> Self {
        Random { bounds, generator: SplitMix::new(seed), spent: Spent::default(), wanted, seen: HashSet::new() }
    }

    /// How many different choice sequences were run.
    pub fn distinct(&self) -> u64 {
        self.seen.len() as u64
    }
}

impl Explorer for Random {
    fn begin(&mut self) -> bool {
        self.spent = Spent::default();
        let more = self.wanted > 0;
        self.wanted = self.wanted.saturating_sub(1);
        more
    }

    fn choose(&mut self, _position: usize, draw: &Draw<'_>) -> Result<u32, Refusal> {
        let (value, _) = weighted(&mut self.generator, draw, self.spent, &self.bounds)?;
        self.spent.add(draw.cost(value));
        Ok(value)
    }

    fn end(&mut self, tape: &Tape, ending: &Ending) -> Result<(), Refusal> {
        if !matches!(ending, Ending::Void { .. }) {
            let mut hash = History::default();
            tape.entries().iter().for_each(|entry| hash.mix(u64::from(entry.value)));
            self.seen.insert(hash.value());
        }
        Ok(())
    }
}

/// The probability that a draw with both free and costly alternatives takes a costly one. Uniform draws spend the
/// whole budget in the first few steps.
const COSTLY: f64 = 0.05;

/// Draws a value and tells with which probability.
pub(super) fn weighted(
    generator: &mut SplitMix,
    draw: &Draw<'_>,
    spent: Spent,
    bounds: &Bounds,
) -> Result<(u32, f64), Refusal> {
    let Some(arity) = draw.arity() else {
        return Ok(open_value(generator, draw, spent, bounds));
    };
    let (mut free, mut costly) = (0_u32, 0_u32);
    for value in 0..arity {
        match draw.cost(value) {
            Cost::Free => free += 1,
            cost if spent.over(cost, bounds).is_none() => costly += 1,
            _ => {}
        }
    }
    let take_costly = costly > 0 && (free == 0 || generator.unit() < COSTLY);
    let (count, share) = match (take_costly, free, costly) {
        (_, 0, 0) => return Err(Refusal::NothingAdmitted),
        (true, 0, _) => (costly, 1.0),
        (true, ..) => (costly, COSTLY),
        (false, _, 0) => (free, 1.0),
        (false, ..) => (free, 1.0 - COSTLY),
    };
    let wanted = |value: &u32| match draw.cost(*value) {
        Cost::Free => !take_costly,
        cost => take_costly && spent.over(cost, bounds).is_none(),
    };
    let rank = generator.below(count) as usize;
    let value = (0..arity).filter(wanted).nth(rank).unwrap_or(0);
    Ok((value, share / f64::from(count)))
}

/// An open draw's arity is not known yet, so the cut's depth is drawn from a geometric distribution; one too deep
/// turns out void.
fn open_value(generator: &mut SplitMix, draw: &Draw<'_>, spent: Spent, bounds: &Bounds) -> (u32, f64) {
    if spent.over(draw.cost(1), bounds).is_some() {
        return (0, 1.0);
    }
    if generator.unit() >= COSTLY {
        return (0, 1.0 - COSTLY);
    }
    let (mut value, mut probability) = (1, COSTLY * 0.5);
    while generator.next() & 1 == 0 && value < 64 {
        value += 1;
        probability *= 0.5;
    }
    (value, probability)
}

/// The `SplitMix64` generator (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014): a seed of
/// any quality will do, and a run is reproducible from it on every platform.
#[derive(Debug, Clone)]
pub(super) struct SplitMix(u64);

impl SplitMix {
    pub(super) fn new(seed: u64) -> Self {
        SplitMix(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Uniform below `bound`, which must not be 0. The bias of the multiplication is below 2⁻³² and of no matter here.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        let product = (self.next() >> 32) * u64::from(bound);
        (product >> 32) as u32
    }

    /// Uniform in [0, 1).
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double exactly")]
    pub(super) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}
