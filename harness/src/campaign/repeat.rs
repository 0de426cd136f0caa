//! Small trees, executed again and again, and the first runs of larger ones once more: what comes after a run's last draw
//! is compared nowhere else, and what a late run leaves behind changes the early ones.

use std::cell::RefCell;
use std::rc::Rc;

use super::search::{SMALL_TREE, Search};
use crate::choice::Tape;
use crate::ending::Ending;
use crate::explore::{Bounds, Exhaustive, Explorer};
use crate::hash::History;
use crate::uncontrolled::Uncontrolled;

/// How a pass over the tree in its own order began.
#[derive(Debug)]
pub(super) struct Beginning {
    bounds: Bounds,
    /// How its first runs ended.
    ends: Vec<History>,
}

impl Search<'_> {
    /// The pass that just ended began like this, for [`Search::repeat_beginning`].
    pub(super) fn keep_beginning(&mut self, bounds: Bounds) {
        self.beginning = Some(Beginning { bounds, ends: self.ends.clone() });
    }

    /// Executes the first runs of the latest pass before the units once more. Units come in any order, on any thread: what
    /// one of them leaves behind may be there before another one begins, which then never sees anything else.
    pub(super) fn repeat_beginning(&mut self) {
        let Some(Beginning { bounds, mut ends }) = self.beginning.take() else { return };
        if ends.is_empty() || !self.uncontrolled.is_empty() {
            return;
        }
        let tally = self.tally.clone();
        self.compare_round(&[Tape::default()], &mut ends, bounds);
        self.tally = tally;
    }

    /// Executes a complete tree again, as often as its size allows, and compares how its runs end.
    pub(super) fn repeat_tree(&mut self, bounds: Bounds) {
        let ends = std::mem::take(&mut self.ends);
        self.repeat(&[Tape::default()], ends, bounds);
    }

    /// The same for units, which others may have searched: how their runs end is learned in the first round, or is what
    /// whoever searched the first of them saw.
    pub(super) fn repeat_units(&mut self, prefixes: &[Tape], ends_of_first: Vec<History>, bounds: Bounds) {
        if self.runs <= SMALL_TREE {
            self.repeat(prefixes, Vec::new(), bounds);
        } else if let [first, ..] = prefixes
            && !ends_of_first.is_empty()
        {
            self.repeat(std::slice::from_ref(first), ends_of_first, bounds);
        }
    }

    fn repeat(&mut self, prefixes: &[Tape], mut ends: Vec<History>, bounds: Bounds) {
        if self.runs == 0 {
            return;
        }
        // These executions are no runs of their own: goals and faults were counted already.
        let tally = self.tally.clone();
        for _ in 0..SMALL_TREE.div_ceil(self.runs) {
            if !self.compare_round(prefixes, &mut ends, bounds) {
                break;
            }
        }
        self.tally = tally;
    }

    /// Executes everything once more; `false` where going on makes no sense. What has no known end yet gets one.
    fn compare_round(&mut self, prefixes: &[Tape], ends: &mut Vec<History>, bounds: Bounds) -> bool {
        let (known, mut place) = (ends.len(), 0);
        for prefix in prefixes {
            let explorer: Rc<RefCell<dyn Explorer>> =
                Rc::new(RefCell::new(Exhaustive::beneath(prefix.clone(), bounds)));
            loop {
                if self.limit_reached() {
                    return false;
                }
                if place == known && known as u64 >= SMALL_TREE {
                    return true;
                }
                self.shake_heap();
                let Some(executed) = self.execute(&explorer, bounds.steps, true) else { break };
                let tape = executed.tape;
                match executed.ending {
                    Ending::Void { .. } => {}
                    Ending::Passed | Ending::CutShort(_) if known == 0 => ends.push(executed.history),
                    Ending::Passed | Ending::CutShort(_) if ends.get(place) == Some(&executed.history) => place += 1,
                    Ending::Uncontrolled(what) => {
                        self.note_uncontrolled(what, tape.as_ref());
                        return false;
                    }
                    _ => {
                        self.note_uncontrolled(Uncontrolled::Course, tape.as_ref());
                        return false;
                    }
                }
            }
        }
        true
    }
}
