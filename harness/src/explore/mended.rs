//! One run along wished-for answers, for shrinking: what does not fit is mended, never refused.

use super::{Bounds, Explorer, Refusal, Spent};
use crate::choice::{Draw, Tape};
use crate::ending::Ending;

/// Answers each draw as it is wished, where the draw and the bounds have that alternative; else, and after the last
/// wish, with the first one that the bounds admit.
#[derive(Debug)]
pub(crate) struct Mended {
    wishes: Vec<u32>,
    bounds: Bounds,
    /// A cut that turned out to be none stays counted: such a run is only held to bounds that are too narrow.
    spent: Spent,
    begun: bool,
}

impl Mended {
    pub(crate) fn new(wishes: Vec<u32>, bounds: Bounds) -> Self {
        Mended { wishes, bounds, spent: Spent::default(), begun: false }
    }
}

impl Explorer for Mended {
    fn begin(&mut self) -> bool {
        !std::mem::replace(&mut self.begun, true)
    }

    fn choose(&mut self, position: usize, draw: &Draw<'_>) -> Result<u32, Refusal> {
        let wish = self.wishes.get(position).copied().unwrap_or(0);
        let is_there = |value: &u32| draw.arity().is_none_or(|arity| *value < arity);
        let admitted = |value: &u32| self.spent.over(draw.cost(*value), &self.bounds).is_none();
        let mut fitting = std::iter::once(wish).chain(0..draw.arity().unwrap_or(1)).filter(is_there).filter(admitted);
        let value = fitting.next().ok_or(Refusal::NothingAdmitted)?;
        self.spent.add(draw.cost(value));
        Ok(value)
    }

    fn end(&mut self, _tape: &Tape, _ending: &Ending) -> Result<(), Refusal> {
        Ok(())
    }
}
