//! Comparing executions of one run: what outlives a run, what an address decides, and what chance does show there.

use std::cell::RefCell;
use std::hint::black_box;
use std::rc::Rc;

use super::search::Search;
use crate::choice::Tape;
use crate::ending::Ending;
use crate::explore::{Again, Explorer};
use crate::hash::History;
use crate::run::RunOptions;
use crate::uncontrolled::Uncontrolled;

/// That many further executions tell what outlives a run from chance: a coin that falls the same way as often in a row
/// is none.
pub(super) const FURTHER: u32 = 40;

/// How the first runs of a pass ended, in order. A later pass with a larger bound on the cost meets all of them again in
/// the same order, its other runs in between. If one ends in another way, a run between the two left something behind.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    ends: std::vec::IntoIter<History>,
    /// What its runs cost at most.
    cost: u32,
}

impl Earlier {
    pub(super) fn new(ends: Vec<History>, cost: u32) -> Self {
        Earlier { ends: ends.into_iter(), cost }
    }

    /// Whether a run ended in another way than it did in the earlier pass.
    pub(super) fn contradicts(&mut self, tape: &Tape, end: History) -> bool {
        // The tape is looked at only for as long as there is something to compare with.
        let known = self.ends.len() > 0 && tape.total_cost() <= self.cost;
        known && self.ends.next().is_some_and(|earlier| earlier != end)
    }
}

impl Search<'_> {
    /// Whatever the search found, it found over a tokio whose calibration went like this.
    pub(super) fn trust(&mut self, calibration: Result<(), String>) {
        if let Err(reason) = calibration {
            self.note_uncontrolled(Uncontrolled::Calibration(reason), None);
        }
    }

    /// Executes a run that passed once more; `false` if it took another course.
    pub(super) fn compare_with_second(&mut self, tape: &Tape, history: History, step_limit: u32) -> bool {
        let (ending, second) = self.execute_again(tape, step_limit);
        match ending {
            Some(Ending::Uncontrolled(what)) => self.note_uncontrolled(what, Some(tape)),
            Some(Ending::Passed | Ending::CutShort(_)) if second == history => return true,
            Some(Ending::Failed(failure)) if second == history => {
                self.note_uncontrolled(Uncontrolled::HeldOnce(failure.property), Some(tape));
            }
            _ => self.tell_what_changed(tape, second, step_limit),
        }
        false
    }

    /// A run took another course, `latest`, than in an earlier execution: if it stays with that, the cause is what
    /// executions in between left behind, and chance or time if not.
    pub(super) fn tell_what_changed(&mut self, tape: &Tape, latest: History, step_limit: u32) {
        let stays = (0..FURTHER).all(|_| self.execute_again(tape, step_limit).1 == latest);
        self.note_uncontrolled(if stays { Uncontrolled::Lasting } else { Uncontrolled::Course }, Some(tape));
    }

    fn execute_again(&mut self, tape: &Tape, step_limit: u32) -> (Option<Ending>, History) {
        let explorer: Rc<RefCell<dyn Explorer>> = Rc::new(RefCell::new(Again::new(tape.clone())));
        let options = RunOptions { step_limit, timeline: false };
        self.shake_heap();
        let again = self
            .runner
            .run(&*self.scenario.body, &explorer, options, |finished| (Some(finished.ending), finished.history));
        self.count_execution();
        again.unwrap_or_default()
    }

    /// Makes the allocator hand out the addresses of earlier runs in another order: they would be the same in every run
    /// of this process otherwise, and others in the next one. Allocators give freed memory of one size back in an order
    /// that follows from the one in which it was freed.
    pub(super) fn shake_heap(&self) {
        const PER_SIZE: u64 = 7;
        for size in [16, 32, 48, 64, 96, 128, 256, 512] {
            let mut taken: Vec<Vec<u8>> = (0..PER_SIZE).map(|_| black_box(Vec::with_capacity(size))).collect();
            while !taken.is_empty() {
                // Any order that differs from one execution to the next.
                let place = self.executions.wrapping_mul(0x9e37_79b9) >> taken.len();
                drop(taken.swap_remove(usize::try_from(place % taken.len() as u64).unwrap_or(0)));
            }
        }
    }
}
