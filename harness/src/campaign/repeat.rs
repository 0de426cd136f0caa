//! Small trees, executed again and again, and the first runs of larger ones once more: what comes after a run's last draw
//! is compared nowhere else, and what a late run leaves behind changes the early ones.

use std::cell::RefCell;
use std::rc::Rc;

use super::search::{SMALL_TREE, Search};
use crate::choice::Tape;
use crate::ending::Ending;
use crate::explore::{Bounds, Exhaustive, Explorer};
use crate::hash::History;

impl Search<'_> {
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
                if known > 0 && place == known && self.runs > SMALL_TREE {
                    return true;
                }
                self.shake_heap();
                let Some(executed) = self.execute(&explorer, bounds.steps, false) else { break };
                match executed.ending {
                    Ending::Void { .. } => {}
                    Ending::Passed | Ending::CutShort(_) if known == 0 => ends.push(executed.history),
                    Ending::Passed | Ending::CutShort(_) if ends.get(place) == Some(&executed.history) => place += 1,
                    Ending::Uncontrolled(reason) => {
                        self.note_uncontrolled(&reason);
                        return false;
                    }
                    _ => {
                        self.note_uncontrolled("after its last draw the same run took another course than before");
                        return false;
                    }
                }
            }
        }
        true
    }
}
