//! A worker's pulse: what another thread can see of a run while it goes on, so that a step that never returns can be
//! told by name, with its token.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};

/// Draws beyond this one are not remembered: a run that hangs later is told without a token.
const REMEMBERED: usize = 1 << 12;

thread_local! {
    static OF_THIS_THREAD: RefCell<Arc<Pulse>> = RefCell::default();
}

/// Written by the worker, read by whoever watches over it. All orderings are relaxed where nothing is said: a watcher
/// compares one counter with itself, and reads the draws only when that counter has stood still for seconds.
#[derive(Debug)]
pub(crate) struct Pulse {
    /// Moves on with every step.
    beats: AtomicU64,
    /// A run is being executed.
    running: AtomicBool,
    /// How many draws the run has answered; at most as many are in `values` as it has places.
    drawn: AtomicUsize,
    /// What they were answered with.
    values: Box<[AtomicU32]>,
}

impl Default for Pulse {
    fn default() -> Self {
        Pulse {
            beats: AtomicU64::new(0),
            running: AtomicBool::new(false),
            drawn: AtomicUsize::new(0),
            values: (0..REMEMBERED).map(|_| AtomicU32::new(0)).collect(),
        }
    }
}

/// The pulse of every run that this thread executes.
pub(crate) fn current() -> Arc<Pulse> {
    OF_THIS_THREAD.with_borrow(Arc::clone)
}

impl Pulse {
    pub(super) fn run_begins(&self) {
        self.drawn.store(0, Ordering::Relaxed);
        self.beat();
        self.running.store(true, Ordering::Relaxed);
    }

    pub(super) fn run_ends(&self) {
        self.running.store(false, Ordering::Relaxed);
    }

    pub(super) fn beat(&self) {
        // Only the worker writes, so no increment can be lost between the two.
        self.beats.store(self.beats.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
    }

    pub(super) fn draw(&self, position: usize, value: u32) {
        if let Some(place) = self.values.get(position) {
            place.store(value, Ordering::Relaxed);
        }
        // Release, so that a watcher that sees this count sees the values as well.
        self.drawn.store(position + 1, Ordering::Release);
    }

    /// The number of the step that is being taken; `None` between runs.
    pub(crate) fn step_in_progress(&self) -> Option<u64> {
        self.running.load(Ordering::Relaxed).then(|| self.beats.load(Ordering::Relaxed))
    }

    /// What the draws of the current run were answered with; `None` if there were too many to remember.
    pub(crate) fn answers(&self) -> Option<Vec<u32>> {
        // Acquire pairs with the release above.
        let drawn = self.drawn.load(Ordering::Acquire);
        let values = self.values.get(..drawn)?;
        Some(values.iter().map(|value| value.load(Ordering::Relaxed)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::{Pulse, REMEMBERED};

    #[test]
    fn a_watcher_sees_the_answers_of_the_current_run_only() {
        let pulse = Pulse::default();
        assert_eq!(pulse.step_in_progress(), None);
        pulse.run_begins();
        (0..3).for_each(|position| pulse.draw(position, 7));
        pulse.run_begins();
        pulse.draw(0, 1);
        pulse.draw(1, 2);
        assert_eq!(pulse.answers(), Some(vec![1, 2]));
        let step = pulse.step_in_progress();
        assert!(step.is_some());
        pulse.beat();
        assert_ne!(pulse.step_in_progress(), step);
        pulse.run_ends();
        assert_eq!(pulse.step_in_progress(), None);
    }

    #[test]
    fn more_draws_than_can_be_remembered_are_said_to_be_unknown() {
        let pulse = Pulse::default();
        pulse.run_begins();
        (0..=REMEMBERED).for_each(|position| pulse.draw(position, 1));
        assert_eq!(pulse.answers(), None);
    }
}
