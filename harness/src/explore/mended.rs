//! One run along wished-for answers, for shrinking: what does not fit is mended, never refused.

use super::{Bounds, Explorer, Refusal, Spent};
use crate::choice::{Draw, Tape};
use crate::ending::Ending;

/// How often a run begins at most.
const BEGINNINGS: u32 = 4;

/// Answers each draw as it is wished, where the draw and the bounds have that alternative; else, and after the last
/// wish, with the first one that the bounds admit. An answer that turns out to be none, as a movement of the clock without
/// a timer, makes way for the next one: the run begins again, a few times.
#[derive(Debug)]
pub(crate) struct Mended {
    wishes: Vec<u32>,
    bounds: Bounds,
    /// A cut that turned out to be none stays counted: such a run is only held to bounds that are too narrow.
    spent: Spent,
    /// How often the run may still begin again.
    beginnings: u32,
}

impl Mended {
    pub(crate) fn new(wishes: Vec<u32>, bounds: Bounds) -> Self {
        Mended { wishes, bounds, spent: Spent::default(), beginnings: BEGINNINGS }
    }
}

impl Explorer for Mended {
    fn begin(&mut self) -> bool {
        self.spent = Spent::default();
        let begins = self.beginnings.checked_sub(1);
        self.beginnings = begins.unwrap_or(0);
        begins.is_some()
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

    fn end(&mut self, tape: &Tape, ending: &Ending) -> Result<(), Refusal> {
        match (ending, tape.entries()) {
            (Ending::Void { position }, entries) if *position < entries.len() => {
                self.wishes.resize(self.wishes.len().max(position + 1), 0);
                self.wishes[*position] = entries[*position].value + 1;
            }
            _ => self.beginnings = 0,
        }
        Ok(())
    }
}
