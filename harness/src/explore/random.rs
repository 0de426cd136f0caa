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
        let pick = pick(&mut self.generator, draw, (self.spent, &self.bounds), Some(COSTLY_SHARE))?;
        self.spent.add(draw.cost(pick.value));
        Ok(pick.value)
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

/// The share of draws with both free and costly alternatives that take a costly one. Uniform draws spend the whole
/// budget in the first few steps.
const COSTLY_SHARE: f64 = 0.05;

/// A random answer, and what its probability depends on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pick {
    pub(super) value: u32,
    is_costly: bool,
    /// How many alternatives of its own class there are.
    peers: f64,
    /// How many of the other class.
    others: f64,
    /// For open draws, the probability of this depth among all cuts; 1 for others.
    depth: f64,
}

impl Pick {
    /// The probability of this answer where costly alternatives are taken with this share; `None` is uniform.
    pub(super) fn probability(&self, share: Option<f64>) -> f64 {
        let own_share = match share {
            _ if self.others == 0.0 => 1.0,
            None => self.peers / (self.peers + self.others),
            Some(share) if self.is_costly => share,
            Some(share) => 1.0 - share,
        };
        own_share * self.depth / self.peers
    }
}

/// Answers a draw within the bounds.
pub(super) fn pick(
    generator: &mut SplitMix,
    draw: &Draw<'_>,
    (spent, bounds): (Spent, &Bounds),
    share: Option<f64>,
) -> Result<Pick, Refusal> {
    let admitted = |value: u32| spent.over(draw.cost(value), bounds).is_none();
    let Some(arity) = draw.arity() else {
        return Ok(pick_cut(generator, admitted(1), share));
    };
    let is_costly = |value: u32| draw.cost(value) != Cost::Free;
    let count = |costly: bool| (0..arity).filter(|value| admitted(*value) && is_costly(*value) == costly).count();
    let (free, costly) = (to_u32(count(false)), to_u32(count(true)));
    let take_costly = match share {
        _ if free + costly == 0 => return Err(Refusal::NothingAdmitted),
        _ if free == 0 || costly == 0 => free == 0,
        None => generator.below(free + costly) >= free,
        Some(share) => generator.unit() < share,
    };
    let (peers, others) = if take_costly { (costly, free) } else { (free, costly) };
    let rank = generator.below(peers) as usize;
    let value = (0..arity).filter(|value| admitted(*value) && is_costly(*value) == take_costly).nth(rank);
    let (peers, others) = (f64::from(peers), f64::from(others));
    Ok(Pick { value: value.unwrap_or(0), is_costly: take_costly, peers, others, depth: 1.0 })
}

/// An open draw's arity is not known yet, so the cut's depth is drawn from a geometric distribution; one too deep
/// turns out void. All cuts together count as one alternative.
fn pick_cut(generator: &mut SplitMix, admitted: bool, share: Option<f64>) -> Pick {
    let others = f64::from(u32::from(admitted));
    let whole = Pick { value: 0, is_costly: false, peers: 1.0, others, depth: 1.0 };
    if !admitted || generator.unit() >= share.unwrap_or(0.5) {
        return whole;
    }
    let mut cut = Pick { value: 1, is_costly: true, depth: 0.5, ..whole };
    while generator.next() & 1 == 0 && cut.value < 64 {
        cut.value += 1;
        cut.depth *= 0.5;
    }
    cut
}

fn to_u32(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
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
