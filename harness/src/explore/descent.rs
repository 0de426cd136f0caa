//! Knuth's estimate of a tree's size (Knuth, "Estimating the efficiency of backtrack programs", 1975): each random
//! path contributes the inverse of its probability, which is unbiased for every choice of probabilities that gives
//! each leaf a chance. Which choice has a small variance depends on the tree, so each descent takes one of several at
//! random, and contributes the inverse of its probability under their mixture (the balance heuristic of Veach and
//! Guibas, "Optimally combining sampling techniques", 1995): the best of them then dominates.

use super::walk::Walk;
use super::{Bounds, ClosedCut, Explorer, Refusal};
use crate::choice::{Draw, Tape};
use crate::ending::Ending;

/// Fixed: two estimates of one tree should agree.
const SEED: u64 = 0x6e65_7665_726e_6f6e;

/// The estimating explorer.
#[derive(Debug)]
pub struct Descent {
    walk: Walk,
    sum: f64,
    sum_of_squares: f64,
    count: f64,
}

impl Descent {
    /// Estimates from that many descents.
    pub fn new(bounds: Bounds, descents: u32) -> Self {
        Self::beneath(&Tape::default(), bounds, descents)
    }

    /// Estimates how many runs begin with the draws of `prefix`, which must not end within a poll.
    pub(crate) fn beneath(prefix: &Tape, bounds: Bounds, descents: u32) -> Self {
        let walk = Walk::new(SEED, bounds, u64::from(descents)).beneath(prefix);
        Descent { walk, sum: 0.0, sum_of_squares: 0.0, count: 0.0 }
    }

    /// The mean, and the half width of its 95 % interval. Heavy tails make the interval optimistic for small numbers
    /// of descents.
    pub fn estimate(&self) -> (f64, f64) {
        if self.count < 2.0 {
            return (self.sum, f64::INFINITY);
        }
        let mean = self.sum / self.count;
        let variance = (self.sum_of_squares / self.count - mean * mean).max(0.0);
        (mean, 1.96 * (variance / self.count).sqrt())
    }
}

impl Explorer for Descent {
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
        Err(Refusal::NothingAdmitted)
    }

    fn end(&mut self, _tape: &Tape, ending: &Ending) -> Result<(), Refusal> {
        if self.walk.begins_again() {
            return Ok(());
        }
        // A void path is no leaf, but it was drawn.
        let contribution = if matches!(ending, Ending::Void { .. }) { 0.0 } else { self.walk.weight() };
        self.sum += contribution;
        self.sum_of_squares += contribution * contribution;
        self.count += 1.0;
        Ok(())
    }
}
