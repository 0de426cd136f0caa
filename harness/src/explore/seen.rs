//! Which parts of a tree random runs have seen whole, so that none of them is taken twice.
//!
//! A part is known by the hash of the answers that lead to it. Where all parts beneath a draw have been seen, they are
//! forgotten and the draw's own part is kept instead; when that is the root's, nothing is left to see. Hypothesis' tree
//! of novel prefixes is the idea; hashes in place of a tree keep it to one number a run.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use super::{Bounds, Spent};
use crate::choice::{Kind, Tape};
use crate::hash::History;

/// So many parts are remembered, and the arities of so many cuts: some 40 MB at most.
const LIMIT: usize = 1 << 20;

/// The parts of a tree that were seen whole.
#[derive(Debug)]
pub(super) struct Seen {
    parts: HashSet<u64, BuildHasherDefault<Hashed>>,
    /// How many alternatives cuts have: the most that any whole poll in their place had, where that is more than one.
    cuts: HashMap<u64, u32, BuildHasherDefault<Hashed>>,
    limit: usize,
    /// No more parts are remembered, so runs may repeat from here on.
    full: bool,
    /// Some cut's alternatives were not remembered, so a part may count as seen without its deepest cuts.
    cuts_full: bool,
    distinct: u64,
}

impl Default for Seen {
    fn default() -> Self {
        Seen::with_limit(LIMIT)
    }
}

impl Seen {
    fn with_limit(limit: usize) -> Self {
        Seen { parts: HashSet::default(), cuts: HashMap::default(), limit, full: false, cuts_full: false, distinct: 0 }
    }

    /// How many different runs there were; at least so many once the memory is full.
    pub(super) fn distinct(&self) -> u64 {
        self.distinct
    }

    /// Whether nothing is left to see.
    pub(super) fn everything(&self) -> bool {
        !self.cuts_full && self.parts.contains(&History::default().value())
    }

    /// Whether the part that this answer leads to was seen whole.
    pub(super) fn beneath(&self, before: History, value: u32) -> bool {
        self.parts.contains(&after(before, value).value())
    }

    /// How many alternatives the cut after these answers has, as far as it is known.
    pub(super) fn cut_arity(&self, before: History) -> u32 {
        self.cuts.get(&before.value()).copied().unwrap_or(1)
    }

    /// Takes note of a run.
    pub(super) fn run(&mut self, tape: &Tape, bounds: &Bounds) {
        self.part(tape, tape.entries().len(), bounds);
        self.distinct += u64::from(!self.full);
    }

    /// Takes note that everything beneath the first `length` answers was seen.
    pub(super) fn part(&mut self, tape: &Tape, length: usize, bounds: &Bounds) {
        let mut before = History::default();
        let mut hashes = vec![before];
        for entry in &tape.entries()[..length] {
            // An uncut poll tells how many alternatives its cut has.
            if matches!(entry.label.kind, Kind::Cut | Kind::Lane) && entry.value == 0 && entry.arity > 1 {
                self.note_cut(before.value(), entry.arity);
            }
            before = after(before, entry.value);
            hashes.push(before);
        }
        self.close(tape, &hashes, bounds);
    }

    fn close(&mut self, tape: &Tape, hashes: &[History], bounds: &Bounds) {
        for length in (0..hashes.len()).rev() {
            if self.parts.len() >= self.limit {
                self.full = true;
                return;
            }
            self.parts.insert(hashes[length].value());
            let Some(position) = length.checked_sub(1) else { return };
            let before = hashes[position];
            let arity = tape.entries()[position].arity.max(self.cut_arity(before));
            let spent = Spent::of_prefix(tape, position);
            let admitted = |value: &u32| spent.over(tape.cost(position, *value), bounds).is_none();
            if (0..arity).filter(admitted).any(|value| !self.beneath(before, value)) {
                return;
            }
            for value in 0..arity {
                self.parts.remove(&after(before, value).value());
            }
            self.cuts.remove(&before.value());
        }
    }

    fn note_cut(&mut self, before: u64, arity: u32) {
        if let Some(known) = self.cuts.get_mut(&before) {
            *known = arity.max(*known);
        } else if self.cuts.len() < self.limit {
            self.cuts.insert(before, arity);
        } else {
            self.cuts_full = true;
        }
    }
}

/// The hash of the answers so far with one more.
pub(super) fn after(mut before: History, value: u32) -> History {
    before.mix(u64::from(value));
    before
}

/// Numbers that are hashes already.
#[derive(Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _bytes: &[u8]) {
        unreachable!("only whole numbers are hashed here");
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}
