//! A part of the tree, searched beside others: a failure in one prunes all.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Exhaustive, Explorer, Refusal};
use crate::choice::{Draw, Tape};
use crate::ending::Ending;

/// The cheapest failure that any part has found so far, and the rank of that part in lexicographic order.
#[derive(Debug)]
pub(crate) struct CheapestFailure(AtomicU64);

impl Default for CheapestFailure {
    fn default() -> Self {
        CheapestFailure(AtomicU64::new(u64::MAX))
    }
}

impl CheapestFailure {
    /// Takes note of a failure. One number, so that the least by (cost, rank) is a single atomic minimum.
    pub(crate) fn offer(&self, cost: u32, rank: u32) {
        // Relaxed: nothing else is read because of this number; pruning later than possible only costs time.
        self.0.fetch_min(u64::from(cost) << 32 | u64::from(rank), Ordering::Relaxed);
    }

    /// The cost from which on the part of that rank holds nothing of interest. A part that comes first in lexicographic
    /// order may still hold a failure of the same cost that comes before the known one.
    pub(crate) fn limit(&self, rank: u32) -> Option<u32> {
        let known = self.0.load(Ordering::Relaxed);
        let cost = u32::try_from(known >> 32).unwrap_or(u32::MAX);
        let comes_first = u64::from(rank) < known & u64::from(u32::MAX);
        (known != u64::MAX).then(|| if comes_first { cost.saturating_add(1) } else { cost })
    }

    /// Whether a failure is known.
    pub(crate) fn is_known(&self) -> bool {
        self.0.load(Ordering::Relaxed) != u64::MAX
    }
}

/// Searches one part exhaustively. Whatever the order in which parts are searched, the failure that is the least by
/// (cost, lexicographic) is found: pruned is only what cannot come before a known one.
#[derive(Debug)]
pub(crate) struct Pruned {
    inner: Exhaustive,
    rank: u32,
    cheapest: Arc<CheapestFailure>,
}

impl Pruned {
    /// Searches with `inner` the part of that rank.
    pub(crate) fn new(inner: Exhaustive, rank: u32, cheapest: Arc<CheapestFailure>) -> Self {
        Pruned { inner, rank, cheapest }
    }
}

impl Explorer for Pruned {
    fn begin(&mut self) -> bool {
        let of_interest = self.cheapest.limit(self.rank).is_none_or(|limit| self.inner.only_below(limit));
        of_interest && self.inner.begin()
    }

    fn choose(&mut self, position: usize, draw: &Draw<'_>) -> Result<u32, Refusal> {
        self.inner.choose(position, draw)
    }

    fn known_arity(&self, position: usize) -> Option<u32> {
        self.inner.known_arity(position)
    }

    fn cut_was_void(&mut self, position: usize) -> Result<(), Refusal> {
        self.inner.cut_was_void(position)
    }

    fn end(&mut self, tape: &Tape, ending: &Ending) -> Result<(), Refusal> {
        self.inner.end(tape, ending)?;
        if matches!(ending, Ending::Failed(_)) {
            self.cheapest.offer(tape.total_cost(), self.rank);
        }
        Ok(())
    }
}
