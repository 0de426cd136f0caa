//! Knuth's estimate of a tree's size (Knuth, "Estimating the efficiency of backtrack programs", 1975), with weighted
//! descents: each random path contributes the inverse of its probability, which is unbiased for every choice of
//! probabilities that gives each leaf a chance. Uniform ones were off by two thirds under a cancellation bound.

use super::random::{SplitMix, weighted};
use super::{Bounds, Explorer, Refusal, Spent};
use crate::choice::{Draw, Tape};
use crate::run::Ending;

/// The estimating explorer.
#[derive(Debug)]
pub struct Descent {
    bounds: Bounds,
    generator: SplitMix,
    spent: Spent,
    /// The inverse probability of the path so far.
    weight: f64,
    remaining: u32,
    sum: f64,
    sum_of_squares: f64,
    count: f64,
}

impl Descent {
    /// Estimates from that many descents.
    pub fn new(bounds: Bounds, descents: u32) -> Self {
        Descent {
            bounds,
            // Fixed: two estimates of one tree should agree.
            generator: SplitMix::new(0x6e65_7665_726e_6f6e),
            spent: Spent::default(),
            weight: 1.0,
            remaining: descents,
            sum: 0.0,
            sum_of_squares: 0.0,
            count: 0.0,
        }
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
        self.spent = Spent::default();
        self.weight = 1.0;
        let more = self.remaining > 0;
        self.remaining = self.remaining.saturating_sub(1);
        more
    }

    fn choose(&mut self, _position: usize, draw: &Draw<'_>) -> Result<u32, Refusal> {
        let (value, probability) = weighted(&mut self.generator, draw, self.spent, &self.bounds)?;
        self.spent.add(draw.cost(value));
        self.weight /= probability;
        Ok(value)
    }

    fn end(&mut self, tape: &Tape, ending: &Ending) -> Result<(), Refusal> {
        // A void path is no leaf, and neither is one whose cut turned out to be none: it is the leaf of another path.
        let is_leaf = !matches!(ending, Ending::Void { .. }) && tape.total_cost() == self.spent.total();
        let contribution = if is_leaf { self.weight } else { 0.0 };
        self.sum += contribution;
        self.sum_of_squares += contribution * contribution;
        self.count += 1.0;
        Ok(())
    }
}
