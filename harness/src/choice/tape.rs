//! The record of one run's draws.

use super::{Alternatives, Cost, Draw, Label};
use crate::hash::History;

/// One recorded draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What was asked.
    pub label: Label,
    /// What was answered; always below the arity.
    pub value: u32,
    /// How many answers there were. For an open draw that was answered with another value than 0 it is only a lower
    /// bound: the value plus one.
    pub arity: u32,
    /// The history before the draw.
    pub history: History,
    /// Where the costs of a listed draw begin in [`Tape::costs`]; for others the cost of every value but 0.
    costs: Costs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Costs {
    Listed { start: u32 },
    FirstFree { rest: Cost },
}

/// All draws of a run, in order. Reused from run to run, so that recording allocates nothing.
#[derive(Debug, Clone, Default)]
pub struct Tape {
    entries: Vec<Entry>,
    /// The costs of listed draws, one after the other.
    costs: Vec<Cost>,
}

impl Tape {
    /// The recorded draws.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The cost of one alternative of a recorded draw.
    ///
    /// # Panics
    /// If `position` or `value` is out of range.
    pub fn cost(&self, position: usize, value: u32) -> Cost {
        match self.entries[position].costs {
            Costs::Listed { start } => self.costs[(start + value) as usize],
            Costs::FirstFree { .. } if value == 0 => Cost::Free,
            Costs::FirstFree { rest } => rest,
        }
    }

    /// What the run cost in all.
    pub fn total_cost(&self) -> u32 {
        let costly = |position: &usize| self.cost(*position, self.entries[*position].value) != Cost::Free;
        u32::try_from((0..self.entries.len()).filter(costly).count()).unwrap_or(u32::MAX)
    }

    /// The values alone: what a replay needs.
    pub fn values(&self) -> Vec<u32> {
        self.entries.iter().map(|entry| entry.value).collect()
    }

    /// The first `length` draws.
    #[must_use]
    pub fn prefix(&self, length: usize) -> Tape {
        let mut prefix = self.clone();
        prefix.truncate(length);
        prefix
    }

    /// Takes over from a run that begins in the same way how many alternatives the cuts among the first `length` draws
    /// have, where it shows more.
    pub(crate) fn learn_arities(&mut self, from: &Tape, length: usize) {
        for (own, other) in self.entries.iter_mut().zip(&from.entries).take(length) {
            own.arity = own.arity.max(other.arity);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.costs.clear();
    }

    /// Records a draw and its answer; returns its position.
    pub(crate) fn record(&mut self, draw: &Draw<'_>, value: u32) -> usize {
        let costs = match draw.alternatives {
            Alternatives::Listed(costs) => {
                let start = u32::try_from(self.costs.len()).unwrap_or(u32::MAX);
                self.costs.extend_from_slice(costs);
                Costs::Listed { start }
            }
            Alternatives::FirstFree { rest, .. } | Alternatives::Open { rest } => Costs::FirstFree { rest },
        };
        let arity = draw.arity().unwrap_or(value + 1);
        self.entries.push(Entry { label: draw.label, value, arity, history: draw.history, costs });
        self.entries.len() - 1
    }

    /// Tells an open draw's arity, once it is known.
    pub(crate) fn close(&mut self, position: usize, arity: u32) {
        self.entries[position].arity = arity;
    }

    /// Says that an open draw's answer was in effect alternative 0.
    pub(crate) fn normalise(&mut self, position: usize) {
        self.entries[position].value = 0;
    }

    /// Forgets every draw from `length` on.
    pub(crate) fn truncate(&mut self, length: usize) {
        let kept_costs = self.entries[length..].iter().find_map(|entry| match entry.costs {
            Costs::Listed { start } => Some(start as usize),
            Costs::FirstFree { .. } => None,
        });
        if let Some(kept) = kept_costs {
            self.costs.truncate(kept);
        }
        self.entries.truncate(length);
    }

    pub(crate) fn entry_mut(&mut self, position: usize) -> &mut Entry {
        &mut self.entries[position]
    }

    /// Appends another tape's draws from `from` on.
    pub(crate) fn extend_from(&mut self, other: &Tape, from: usize) {
        for (offset, entry) in other.entries[from..].iter().enumerate() {
            let mut entry = entry.clone();
            if let Costs::Listed { start } = &mut entry.costs {
                let new_start = u32::try_from(self.costs.len()).unwrap_or(u32::MAX);
                let arity = other.entries[from + offset].arity;
                self.costs.extend_from_slice(&other.costs[*start as usize..(*start + arity) as usize]);
                *start = new_start;
            }
            self.entries.push(entry);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choice::Kind;

    fn tape(draws: &[(Kind, Alternatives<'_>, u32)]) -> Tape {
        let mut tape = Tape::default();
        for (position, (kind, alternatives, value)) in draws.iter().enumerate() {
            let label = Label { kind: *kind, name: "" };
            let draw = Draw { label, alternatives: *alternatives, history: History::default() };
            assert_eq!(tape.record(&draw, *value), position);
        }
        tape
    }

    #[test]
    fn what_each_answer_costs_is_kept() {
        let listed = Alternatives::Listed(&[Cost::Free, Cost::Fault, Cost::Free]);
        let tape = tape(&[
            (Kind::Next, listed, 1),
            (Kind::Fault, Alternatives::FirstFree { arity: 3, rest: Cost::Fault }, 2),
            (Kind::Cut, Alternatives::Open { rest: Cost::Preemption }, 0),
            (Kind::Next, listed, 2),
        ]);
        let costs = |position, values: std::ops::Range<u32>| -> Vec<Cost> {
            values.map(|value| tape.cost(position, value)).collect()
        };
        assert_eq!(costs(0, 0..3), [Cost::Free, Cost::Fault, Cost::Free]);
        assert_eq!(costs(1, 0..3), [Cost::Free, Cost::Fault, Cost::Fault]);
        assert_eq!(costs(2, 0..2), [Cost::Free, Cost::Preemption]);
        assert_eq!(costs(3, 0..3), costs(0, 0..3));
        assert_eq!((tape.total_cost(), tape.values()), (2, vec![1, 2, 0, 2]));
    }

    #[test]
    fn of_an_open_draw_as_many_answers_are_known_as_were_seen() {
        let open = Alternatives::Open { rest: Cost::Preemption };
        let mut early = tape(&[(Kind::Cut, open, 2), (Kind::Cut, open, 0), (Kind::Cut, open, 1)]);
        let arities = |tape: &Tape| tape.entries().iter().map(|entry| entry.arity).collect::<Vec<_>>();
        assert_eq!(arities(&early), [3, 1, 2]);
        let mut late = early.clone();
        late.close(0, 5);
        late.close(1, 1);
        late.close(2, 7);
        early.learn_arities(&late, 2);
        assert_eq!(arities(&early), [5, 1, 2], "only among the first two");
        late.learn_arities(&early, 3);
        assert_eq!(arities(&late), [5, 1, 7], "what is known is not forgotten");
        early.normalise(0);
        assert_eq!(early.values(), [0, 0, 1]);
    }
}
