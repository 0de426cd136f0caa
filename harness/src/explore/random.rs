//! Seeded random runs, each another one.

use super::walk::Walk;
use super::{Bounds, ClosedCut, Explorer, Refusal};
use crate::choice::{Draw, Tape};
use crate::ending::Ending;

/// The random explorer.
#[derive(Debug)]
pub struct Random {
    walk: Walk,
}

impl Random {
    /// Takes `wanted` random runs within the bounds, or all of them where there are fewer. No run is taken twice for as
    /// long as the memory lasts, which is a million runs; after that one may be, and is not counted.
    pub fn new(seed: u64, bounds: Bounds, wanted: u64) -> Self {
        Random { walk: Walk::new(seed, bounds, wanted).never_twice() }
    }

    /// Takes `wanted` random runs, repeated ones among them, of those that begin with the draws of `prefix`, answered as
    /// they were. What the prefix spent counts against the bounds.
    pub(crate) fn beneath(prefix: &Tape, seed: u64, bounds: Bounds, wanted: u64) -> Self {
        Random { walk: Walk::new(seed, bounds, wanted).beneath(prefix) }
    }

    /// How many different choice sequences were run; at least so many where there were more than a million.
    pub fn distinct(&self) -> u64 {
        self.walk.distinct()
    }
}

impl Explorer for Random {
    fn begin(&mut self) -> bool {
        self.walk.begin()
    }

    fn choose(&mut self, position: usize, draw: &Draw<'_>) -> Result<u32, Refusal> {
        self.walk.choose(position, draw)
    }

    fn cut_closed(&mut self, cut: &ClosedCut) -> Result<(), Refusal> {
        self.walk.cut_closed(cut)
    }

    fn cut_was_void(&mut self, _position: usize) -> Result<(), Refusal> {
        // The uncut poll is a run of its own, taken elsewhere.
        Err(Refusal::NothingAdmitted)
    }

    fn end(&mut self, tape: &Tape, ending: &Ending) -> Result<(), Refusal> {
        self.walk.remember(tape, ending);
        Ok(())
    }
}
