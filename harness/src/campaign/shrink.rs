//! Making a failing run smaller by trying what is near it: schedule and faults are one sequence, so one set of passes
//! shrinks both together. The passes are Hypothesis' for a sequence of choices; a candidate that no longer fits is
//! mended on the way rather than thrown away.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use super::trials::{Failing, Next, Trials, same};
use crate::choice::{Cost, Tape};
use crate::explore::{Bounds, Explorer, Mended};

/// A failing run being made smaller.
pub(super) struct Shrink<'t, 'a> {
    trials: &'t mut Trials<'a>,
    bounds: Bounds,
    best: Failing,
    /// What `best` is compared by.
    size: (u32, Vec<u32>),
    /// Wishes that were tried.
    tried: BTreeSet<Vec<u32>>,
    /// Other properties that failed on the way.
    others: Vec<String>,
    /// Nothing more can be tried.
    over: bool,
}

impl<'t, 'a> Shrink<'t, 'a> {
    pub(super) fn new(trials: &'t mut Trials<'a>, bounds: Bounds, failing: Failing) -> Self {
        let (size, tried) = (failing.size(), BTreeSet::from([failing.tape.values()]));
        Shrink { trials, bounds, best: failing, size, tried, others: Vec::new(), over: false }
    }

    /// Repeats all passes until none of them helps, and gives the smallest run with the names of the other properties
    /// that failed on the way.
    pub(super) fn run(mut self) -> (Failing, Vec<String>) {
        loop {
            let before = self.size.clone();
            self.take_the_first_ways();
            self.undo_chunks();
            self.delete_chunks();
            self.lower();
            self.postpone();
            if self.over || self.size == before {
                return (self.best, self.others);
            }
        }
    }

    fn values(&self) -> &[u32] {
        &self.size.1
    }

    /// Everything after some draw as simple as it can be.
    fn take_the_first_ways(&mut self) {
        let length = self.values().len();
        for eighth in 0..8 {
            let kept = self.values().len().min(length * eighth / 8);
            let wishes = self.values()[..kept].to_vec();
            if self.attempt(wishes) {
                return;
            }
        }
    }

    /// Runs of draws as simple as they can be; what costs something first, one by one.
    fn undo_chunks(&mut self) {
        let costly =
            |tape: &Tape, position: &usize| tape.cost(*position, tape.entries()[*position].value) != Cost::Free;
        for position in (0..self.values().len()).rev() {
            if position < self.values().len() && costly(&self.best.tape, &position) {
                self.undo(position, 1);
            }
        }
        for size in chunk_sizes(self.values().len()) {
            let mut end = self.values().len();
            while end > 0 {
                let start = end.saturating_sub(size);
                self.undo(start, end - start);
                end = start.min(self.values().len());
            }
        }
    }

    fn undo(&mut self, start: usize, length: usize) -> bool {
        let mut wishes = self.values().to_vec();
        let end = wishes.len().min(start + length);
        let chunk = &mut wishes[start.min(end)..end];
        if chunk.iter().all(|value| *value == 0) {
            return false;
        }
        chunk.fill(0);
        self.attempt(wishes)
    }

    /// Runs of draws left out, so that what follows moves up.
    fn delete_chunks(&mut self) {
        for size in [8, 4, 2, 1] {
            let mut end = self.values().len();
            while end >= size {
                let mut wishes = self.values().to_vec();
                wishes.drain(end - size..end);
                self.attempt(wishes);
                end = (end - 1).min(self.values().len());
            }
        }
    }

    /// Each answer as low as it can be.
    fn lower(&mut self) {
        let mut position = 0;
        while position < self.values().len() {
            for value in 1..self.values()[position] {
                let mut wishes = self.values().to_vec();
                wishes[position] = value;
                if self.attempt(wishes) {
                    break;
                }
            }
            position += 1;
        }
    }

    /// What is not simple as late as it can be: an answer changes places with a lower one after it.
    fn postpone(&mut self) {
        let mut position = 0;
        while position < self.values().len() {
            for later in (position + 1..self.values().len()).rev() {
                let mut wishes = self.values().to_vec();
                if later >= wishes.len() || wishes[position] <= wishes[later] {
                    continue;
                }
                wishes.swap(position, later);
                if self.attempt(wishes) {
                    break;
                }
            }
            position += 1;
        }
    }

    /// Executes a wish; `true` if the run that came of it fails the same way and is smaller than the best one.
    fn attempt(&mut self, wishes: Vec<u32>) -> bool {
        if self.over || !self.tried.insert(wishes.clone()) {
            return false;
        }
        let explorer: Rc<RefCell<dyn Explorer>> = Rc::new(RefCell::new(Mended::new(wishes, self.bounds)));
        let failing = match self.trials.next(&explorer, |finished| Failing::of(&finished)) {
            Next::Ran(Some(failing)) => failing,
            Next::Ran(None) | Next::NoMore => return false,
            Next::Spent | Next::Uncontrolled(_) => {
                self.over = true;
                return false;
            }
        };
        let size = failing.size();
        if !same(&failing.failure, &self.best.failure) {
            let property = &failing.failure.property;
            if *property != self.best.failure.property && !self.others.contains(property) {
                self.others.push(property.clone());
            }
            return false;
        }
        if size >= self.size {
            return false;
        }
        (self.best, self.size) = (failing, size);
        true
    }
}

/// Half of the whole, a quarter, and so on down to 1.
fn chunk_sizes(length: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(length / 2), |size| Some(size / 2)).take_while(|size| *size > 0)
}
