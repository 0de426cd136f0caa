//! Choice sequences from bytes: what libFuzzer and proptest feed.

use super::{Bounds, Explorer, Refusal, Spent};
use crate::choice::{Cost, Draw, Kind, Tape};
use crate::ending::Ending;

/// One run whose draws are answered by bytes, one each, taken modulo the alternatives that the bounds admit; when
/// the bytes are used up every answer is the simplest. A byte of 0 is always the simplest answer, so shrinking
/// bytes towards zero shrinks the story.
///
/// An answer can turn out to be no step at all, the simplest one included: time may pass only where a timer is set, and
/// no tool can ask tokio whether one is. Then the run begins again and takes the next alternative there,
/// or where there is none left, at the nearest draw before it.
#[derive(Debug)]
pub struct Bytes {
    input: Vec<u8>,
    bounds: Bounds,
    spent: Spent,
    finished: bool,
    /// How many alternatives were admitted, by position.
    widths: Vec<u32>,
    /// Positions, in ascending order, with how many alternatives there turned out to be none so far.
    passed_over: Vec<(usize, u32)>,
}

impl Bytes {
    /// Feeds `bytes` to one run.
    pub fn new(bytes: impl Into<Vec<u8>>, bounds: Bounds) -> Self {
        let (spent, widths, passed_over) = (Spent::default(), Vec::new(), Vec::new());
        Bytes { input: bytes.into(), bounds, spent, finished: false, widths, passed_over }
    }

    fn admitted(&self, cost: Cost) -> bool {
        self.spent.over(cost, &self.bounds).is_none()
    }

    fn passed_over(&self, position: usize) -> u32 {
        self.passed_over.iter().find(|(at, _)| *at == position).map_or(0, |(_, times)| *times)
    }
}

impl Explorer for Bytes {
    fn begin(&mut self) -> bool {
        self.spent = Spent::default();
        self.widths.clear();
        !std::mem::replace(&mut self.finished, true)
    }

    fn choose(&mut self, position: usize, draw: &Draw<'_>) -> Result<u32, Refusal> {
        let byte = u32::from(self.input.get(position).copied().unwrap_or(0)) + self.passed_over(position);
        // A poll has room for cuts after up to seven operations: deeper ones are rarely there.
        let open = if draw.label.kind == Kind::Lane { 2 } else { 8 };
        let arity = draw.arity().unwrap_or(open);
        let admitted = (0..arity).filter(|value| self.admitted(draw.cost(*value)));
        let count = u32::try_from(admitted.clone().count()).unwrap_or(u32::MAX);
        let rank = byte.checked_rem(count).ok_or(Refusal::NothingAdmitted)?;
        let value = admitted.clone().nth(rank as usize).unwrap_or(0);
        // Draws that somebody else answers have nothing to pass over to.
        self.widths.resize(position, 1);
        self.widths.push(count);
        self.spent.add(draw.cost(value));
        Ok(value)
    }

    fn end(&mut self, _tape: &Tape, ending: &Ending) -> Result<(), Refusal> {
        let Ending::Void { position } = *ending else { return Ok(()) };
        // Where every alternative turned out to be none, so did the choice before it.
        let open = |at: &usize| self.widths.get(*at).is_some_and(|width| self.passed_over(*at) + 1 < *width);
        if let Some(at) = (0..=position).rev().find(open) {
            let times = self.passed_over(at) + 1;
            self.passed_over.retain(|(earlier, _)| *earlier < at);
            self.passed_over.push((at, times));
            self.finished = false;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Bytes;
    use crate::{Ending, Scenario, any_moment, campaign, choose, millis, spawn};

    fn ending(scenario: &Scenario, bytes: &[u8]) -> Ending {
        campaign::run_once(scenario, Bytes::new(bytes, crate::fuzz::BOUNDS)).unwrap().ending
    }

    #[test]
    fn every_input_is_a_run_although_no_timer_is_left_when_the_event_comes() {
        let scenario = Scenario::new("late-event", || async {
            drop(spawn("timer", tokio::time::sleep(millis(5))));
            any_moment("event").await;
            assert!(choose("value", 3) < 2, "the third value");
        });
        assert_eq!(ending(&scenario, &[]), Ending::Passed);
        let mut failed = 0;
        for first in 0..4 {
            for last in 0..3 {
                let bytes: Vec<u8> = [vec![first; 7], vec![last; 20]].concat();
                let ending = ending(&scenario, &bytes);
                assert!(!matches!(ending, Ending::Void { .. }), "{bytes:?}");
                failed += u32::from(matches!(ending, Ending::Failed(_)));
            }
        }
        assert!(failed > 0, "the bytes after the step that was none still count");
    }

    #[test]
    fn a_choice_that_leaves_nothing_but_none_is_passed_over_too() {
        // Alone and cut, the task may not run next, a stall finds no timer.
        let scenario = Scenario::new("alone", || async { tokio::task::consume_budget().await });
        for depth in 0..=255 {
            assert_eq!(ending(&scenario, &[depth; 8]), Ending::Passed, "{depth}");
        }
    }
}
