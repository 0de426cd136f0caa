//! Knuth's estimate of a tree's size (Knuth, "Estimating the efficiency of backtrack programs", 1975): each random
//! path contributes the inverse of its probability, which is unbiased for every choice of probabilities that gives
//! each leaf a chance. Which choice has a small variance depends on the tree, so each descent takes one of several at
//! random, and contributes the inverse of its probability under their mixture (the balance heuristic of Veach and
//! Guibas, "Optimally combining sampling techniques", 1995): the best of them then dominates.

use super::random::{SplitMix, pick};
use super::{Bounds, Explorer, Refusal, Spent};
use crate::choice::{Draw, Tape};
use crate::run::Ending;

/// With which share a descent takes costly alternatives; `None` is uniform.
const SHARES: [Option<f64>; 5] = [Some(0.05), Some(0.15), Some(0.4), Some(0.7), None];

/// The estimating explorer.
#[derive(Debug)]
pub struct Descent {
    bounds: Bounds,
    generator: SplitMix,
    spent: Spent,
    /// Which of the shares leads this descent.
    leading: usize,
    /// The probability of the path so far, under each share.
    probabilities: [f64; SHARES.len()],
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
            leading: 0,
            probabilities: [1.0; SHARES.len()],
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

    /// The inverse of the path's probability under the mixture.
    fn weight(&self) -> f64 {
        let shares = f64::from(u32::try_from(SHARES.len()).unwrap_or(u32::MAX));
        shares / self.probabilities.iter().sum::<f64>()
    }
}

impl Explorer for Descent {
    fn begin(&mut self) -> bool {
        self.spent = Spent::default();
        self.leading = (self.leading + 1) % SHARES.len();
        self.probabilities = [1.0; SHARES.len()];
        let more = self.remaining > 0;
        self.remaining = self.remaining.saturating_sub(1);
        more
    }

    fn choose(&mut self, _position: usize, draw: &Draw<'_>) -> Result<u32, Refusal> {
        let pick = pick(&mut self.generator, draw, (self.spent, &self.bounds), SHARES[self.leading])?;
        self.spent.add(draw.cost(pick.value));
        for (probability, share) in self.probabilities.iter_mut().zip(SHARES) {
            *probability *= pick.probability(share);
        }
        Ok(pick.value)
    }

    fn end(&mut self, tape: &Tape, ending: &Ending) -> Result<(), Refusal> {
        // A void path is no leaf, and neither is one whose cut turned out to be none: it is the leaf of another path.
        let is_leaf = !matches!(ending, Ending::Void { .. }) && tape.total_cost() == self.spent.total();
        let contribution = if is_leaf { self.weight() } else { 0.0 };
        self.sum += contribution;
        self.sum_of_squares += contribution * contribution;
        self.count += 1.0;
        Ok(())
    }
}
