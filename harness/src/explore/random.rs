//! Seeded random runs, distinct ones counted.

use std::collections::HashSet;

use super::walk::Walk;
use super::{Bounds, ClosedCut, Explorer, Refusal};
use crate::choice::{Draw, Tape};
use crate::ending::Ending;
use crate::hash::History;

/// The random explorer.
#[derive(Debug)]
pub struct Random {
    walk: Walk,
    /// The hash of each distinct sequence of values.
    seen: HashSet<u64>,
}

impl Random {
    /// Takes `wanted` random runs within the bounds, distinct or not: a small tree has no more to give.
    pub fn new(seed: u64, bounds: Bounds, wanted: u64) -> Self {
        Random { walk: Walk::new(seed, bounds, wanted), seen: HashSet::new() }
    }

    /// How many different choice sequences were run.
    pub fn distinct(&self) -> u64 {
        self.seen.len() as u64
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

    fn end(&mut self, tape: &Tape, ending: &Ending) -> Result<(), Refusal> {
        if !matches!(ending, Ending::Void { .. }) {
            let mut hash = History::default();
            tape.entries().iter().for_each(|entry| hash.mix(u64::from(entry.value)));
            self.seen.insert(hash.value());
        }
        Ok(())
    }
}
