//! Depth-first search of the whole tree within bounds.
//!
//! A scenario cannot be rewound, so every run executes its prefix again: that is what makes checking the history
//! nearly free. Memory is one path. Within one cost the order is lexicographic, so the first failure found at the
//! least cost is the least by (cost, lexicographic).

use super::bounds::Over;
use super::{Bounds, Explorer, Refusal, Spent};
use crate::choice::{Cost, Draw, Kind, Tape};
use crate::ending::Ending;

/// The exhaustive explorer.
#[derive(Debug)]
pub struct Exhaustive {
    bounds: Bounds,
    /// The path to replay: every entry but the last as it was executed, the last one moved to its next value.
    path: Tape,
    /// Spent before each entry of `path`; one longer than `path`.
    spent: Vec<Spent>,
    /// The cost of the cheapest failure so far: only strictly cheaper ones are of interest from then on.
    cheapest_failure: Option<u32>,
    /// Something was left out because of the total cost alone, so a larger total would show more.
    left_out_by_cost: bool,
    /// That many draws at the beginning of the path stay as they are.
    fixed: usize,
    /// The answer that the first draw after those is not given.
    avoided: Option<u32>,
    begun: bool,
    exhausted: bool,
}

impl Exhaustive {
    /// Searches everything within the bounds.
    pub fn new(bounds: Bounds) -> Self {
        Self::beneath(Tape::default(), bounds)
    }

    /// Searches everything within the bounds that begins with the draws of `prefix`, answered as they were. What the
    /// prefix spent counts against the bounds.
    pub fn beneath(prefix: Tape, bounds: Bounds) -> Self {
        let fixed = prefix.entries().len();
        Exhaustive {
            bounds,
            spent: (0..=fixed).map(|length| Spent::of_prefix(&prefix, length)).collect(),
            path: prefix,
            cheapest_failure: None,
            left_out_by_cost: false,
            fixed,
            avoided: None,
            begun: false,
            exhausted: false,
        }
    }

    /// Searches everything within the bounds that begins with the draws of `prefix`, all answered as they were but the
    /// last, which is given every other answer.
    pub(crate) fn beside(prefix: Tape, bounds: Bounds) -> Self {
        let last = prefix.entries().len().saturating_sub(1);
        let avoided = prefix.entries().last().map(|entry| entry.value);
        let mut search = Exhaustive { fixed: last, avoided, ..Self::beneath(prefix, bounds) };
        match search.first_from(last, 0) {
            Some(value) => search.answer(last, value),
            None => search.exhausted = true,
        }
        search
    }

    /// Whether the bound on the total cost, rather than any other, kept something out.
    pub fn left_out_by_cost(&self) -> bool {
        self.left_out_by_cost
    }

    /// From now on only runs that cost less than `limit` are of interest; `false` if none can be any more, because the
    /// fixed prefix costs as much.
    pub(crate) fn only_below(&mut self, limit: u32) -> bool {
        self.cheapest_failure = Some(self.cheapest_failure.map_or(limit, |cheapest| cheapest.min(limit)));
        self.spent[self.fixed].total() < limit
    }

    /// Moves to the next unvisited path that shares the longest prefix with the last one.
    fn backtrack(&mut self) {
        while let Some(position) = self.path.entries().len().checked_sub(1).filter(|last| *last >= self.fixed) {
            if let Some(value) = self.first_from(position, self.path.entries()[position].value + 1) {
                return self.answer(position, value);
            }
            self.path.truncate(position);
            self.spent.truncate(position + 1);
        }
        self.exhausted = true;
    }

    fn answer(&mut self, position: usize, value: u32) {
        self.path.entry_mut(position).value = value;
        self.spent.truncate(position + 1);
        let mut spent = self.spent[position];
        spent.add(self.path.cost(position, value));
        self.spent.push(spent);
    }

    /// The first alternative from `least` on that is to be searched.
    fn first_from(&mut self, position: usize, least: u32) -> Option<u32> {
        let avoided = self.avoided.filter(|_| position == self.fixed);
        (least..self.path.entries()[position].arity).filter(|value| Some(*value) != avoided).find(|value| {
            let cost = self.path.cost(position, *value);
            let spent = self.spent[position];
            match spent.over(cost, &self.bounds) {
                None => !self.cannot_beat_failure(spent, cost),
                Some(Over::Kind) => false,
                Some(Over::Total) => {
                    self.left_out_by_cost = true;
                    false
                }
            }
        })
    }

    /// Branch and bound: after a failure, a prefix that already costs as much holds nothing of interest.
    fn cannot_beat_failure(&self, mut spent: Spent, cost: Cost) -> bool {
        spent.add(cost);
        self.cheapest_failure.is_some_and(|cheapest| spent.total() >= cheapest)
    }

    /// The first alternative at a fresh draw that the bounds admit.
    fn first_value(&mut self, draw: &Draw<'_>, spent: Spent) -> Option<u32> {
        (0..draw.arity().unwrap_or(1)).find(|value| {
            let over = spent.over(draw.cost(*value), &self.bounds);
            self.left_out_by_cost |= over == Some(Over::Total);
            // Where nothing is free, even the first alternative may cost as much as the failure.
            over.is_none() && !self.cannot_beat_failure(spent, draw.cost(*value))
        })
    }
}

impl Explorer for Exhaustive {
    fn begin(&mut self) -> bool {
        if self.begun && !self.exhausted {
            self.backtrack();
        }
        self.begun = true;
        !self.exhausted
    }

    fn choose(&mut self, position: usize, draw: &Draw<'_>) -> Result<u32, Refusal> {
        if let Some(expected) = self.path.entries().get(position) {
            let value = expected.value;
            return super::replay::same_draw(expected, position, draw).map(|()| value);
        }
        let spent = self.spent[position];
        let value = self.first_value(draw, spent).ok_or(Refusal::NothingAdmitted)?;
        let mut after = spent;
        after.add(draw.cost(value));
        self.spent.push(after);
        Ok(value)
    }

    fn known_arity(&self, position: usize) -> Option<u32> {
        let (cut, later) = self.path.entries().get(position..)?.split_first()?;
        // The last draw of the path is answered otherwise than before; what is drawn between polls follows the poll.
        later.iter().any(|draw| draw.label.kind.is_between_polls()).then_some(cut.arity)
    }

    fn cut_was_void(&mut self, _position: usize) -> Result<(), Refusal> {
        Err(Refusal::NothingAdmitted)
    }

    fn end(&mut self, tape: &Tape, ending: &Ending) -> Result<(), Refusal> {
        let known = self.path.entries().len();
        if tape.entries().len() < known && matches!(ending, Ending::Passed | Ending::Failed(_)) {
            return Err(Refusal::Changed(format!(
                "the same choices led to draw {known} before, and the run now ends with draw {}",
                tape.entries().len()
            )));
        }
        // A fault inside a poll may give it more operations, so a cut has the most that any whole poll in its place had.
        // Only the last cut of the path can have more than before: polls before it were executed as they were.
        let last_open = self.path.entries().iter().rposition(|draw| matches!(draw.label.kind, Kind::Cut | Kind::Lane));
        if let Some((position, executed)) = last_open.and_then(|at| Some((at, tape.entries().get(at)?))) {
            let entry = self.path.entry_mut(position);
            entry.arity = entry.arity.max(executed.arity);
        }
        self.path.extend_from(tape, known.min(tape.entries().len()));
        match ending {
            // What follows a void choice is void as well: the next path differs in that choice or before it.
            Ending::Void { position } => {
                self.path.truncate(position + 1);
                self.spent.truncate(position + 2);
            }
            Ending::Failed(_) => self.cheapest_failure = Some(tape.total_cost()),
            Ending::Passed | Ending::CutShort(_) | Ending::Uncontrolled(_) => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Bounds, Ending, Exhaustive, Explorer};
    use crate::choice::{Alternatives, Cost, Draw, Kind, Label, Tape};
    use crate::ending::Failure;
    use crate::hash::History;

    /// Executes a tree of two draws, the second with no free alternative, in which every run fails; the runs that came to
    /// their end, as they were answered.
    fn failing_runs(second: &[Cost]) -> Vec<Vec<u32>> {
        let mut explorer = Exhaustive::new(Bounds::unbounded());
        let mut runs = Vec::new();
        while explorer.begin() {
            let mut tape = Tape::default();
            for costs in [&[Cost::Free, Cost::Free, Cost::Fault][..], second] {
                let label = Label { kind: Kind::Value, name: "drawn" };
                let draw = Draw { label, alternatives: Alternatives::Listed(costs), history: History::default() };
                let Ok(value) = explorer.choose(tape.entries().len(), &draw) else { break };
                tape.record(&draw, value);
            }
            let ending = if tape.entries().len() == 2 {
                runs.push(tape.values());
                let (property, message) = ("fails".to_owned(), String::new());
                Ending::Failed(Failure { property, message, location: None })
            } else {
                Ending::Void { position: tape.entries().len().saturating_sub(1) }
            };
            explorer.end(&tape, &ending).unwrap();
        }
        runs
    }

    #[test]
    fn after_a_failure_a_draw_that_forces_a_cost_brings_back_no_failure_that_costs_as_much() {
        assert_eq!(failing_runs(&[Cost::Preemption, Cost::Preemption]), [[0, 0]]);
        // A cheaper one is still found, wherever it is.
        assert_eq!(failing_runs(&[Cost::Preemption, Cost::Free]), [[0, 0], [0, 1]]);
    }
}
