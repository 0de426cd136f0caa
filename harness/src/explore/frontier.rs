//! The front of a tree at a depth: the prefixes into which it is cut.
//!
//! A cut's number of alternatives is known only from whole polls, and what is drawn inside a poll can raise it. So a
//! prefix may end only where the next step is chosen: there every poll before it is over, and all draws inside them lie
//! before it. Enumerating the front exhaustively therefore learns every cut within it exactly.

use super::{Bounds, Exhaustive, Explorer, Refusal, Spent};
use crate::choice::{Draw, Kind, Tape};
use crate::ending::Ending;

/// Finds every prefix that ends at the first choice of a step at or after a depth, and every run that ends before.
#[derive(Debug)]
pub(crate) struct Frontier {
    inner: Exhaustive,
    bounds: Bounds,
    /// No prefix is shorter.
    depth: usize,
    /// What the run in progress spent.
    spent: Spent,
    reached: bool,
    leaves: Vec<Leaf>,
}

/// A part of the front.
#[derive(Debug)]
pub(crate) struct Leaf {
    /// The draws.
    pub(crate) tape: Tape,
    /// They are a whole run: nothing lies beneath.
    pub(crate) whole: bool,
}

impl Frontier {
    /// Searches beneath `prefix`; `depth` is the least number of draws in a prefix, and more than `prefix` has.
    pub(crate) fn beneath(prefix: Tape, bounds: Bounds, depth: usize) -> Self {
        let inner = Exhaustive::beneath(prefix, bounds);
        Frontier { inner, bounds, depth, spent: Spent::default(), reached: false, leaves: Vec::new() }
    }

    /// What was found, in lexicographic order.
    pub(crate) fn take_leaves(&mut self) -> Vec<Leaf> {
        std::mem::take(&mut self.leaves)
    }

    fn admits_any(&self, draw: &Draw<'_>) -> bool {
        (0..draw.arity().unwrap_or(1)).any(|value| self.spent.over(draw.cost(value), &self.bounds).is_none())
    }
}

impl Explorer for Frontier {
    fn begin(&mut self) -> bool {
        self.spent = Spent::default();
        self.reached = false;
        self.inner.begin()
    }

    fn choose(&mut self, position: usize, draw: &Draw<'_>) -> Result<u32, Refusal> {
        if position >= self.depth && draw.label.kind == Kind::Next && self.admits_any(draw) {
            self.reached = true;
            return Err(Refusal::NothingAdmitted);
        }
        let value = self.inner.choose(position, draw)?;
        self.spent.add(draw.cost(value));
        Ok(value)
    }

    fn cut_was_void(&mut self, position: usize) -> Result<(), Refusal> {
        self.inner.cut_was_void(position)
    }

    fn end(&mut self, tape: &Tape, ending: &Ending) -> Result<(), Refusal> {
        let whole = match ending {
            Ending::Void { .. } if self.reached => false,
            Ending::Passed | Ending::Failed(_) | Ending::CutShort(_) => true,
            Ending::Void { .. } | Ending::Uncontrolled(_) => return self.inner.end(tape, ending),
        };
        self.leaves.push(Leaf { tape: tape.clone(), whole });
        // A failure must prune nothing here: the front is the same for every search.
        let ending = if matches!(ending, Ending::Failed(_)) { &Ending::Passed } else { ending };
        self.inner.end(tape, ending)
    }
}
