//! The units of a cut tree, as workers take them and leave them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::Options;
use super::apart::{Unit, search_apart};
use super::cause::Seen;
use super::limits::Limits;
use super::passes::has_helpers;
use super::search::{Found, Search};
use super::workers::{Crew, Work};
use crate::choice::Tape;
use crate::explore::{Bounds, CheapestFailure, Exhaustive, Pruned};
use crate::hash::History;
use crate::scenario::Scenario;
use crate::shard::{Checkpoint, UnitReport};
use crate::uncontrolled::Uncontrolled;

/// A unit to be searched.
pub(super) struct Piece {
    pub(super) rank: u32,
    pub(super) prefix: Tape,
    pub(super) chain: String,
    /// An estimate; whoever has none has 0.
    pub(super) size: f64,
}

/// What the search of one unit came to.
pub(super) struct PieceDone {
    pub(super) report: UnitReport,
    /// Searched to its end, as far as no failure made the rest uninteresting.
    pub(super) finished: bool,
    pub(super) found: Option<Found>,
    pub(super) uncontrolled: Vec<Seen>,
    /// How many runs were stopped by the bound on steps.
    pub(super) stopped: u32,
    /// How the first runs ended, for the first of the units.
    pub(super) ends: Vec<History>,
}

impl PieceDone {
    fn of_checkpoint(unit: &UnitReport) -> Self {
        let (uncontrolled, ends) = (Vec::new(), Vec::new());
        PieceDone { report: unit.clone(), finished: true, found: None, uncontrolled, stopped: 0, ends }
    }
}

/// The pieces of one search, as workers take them.
struct Pieces {
    scenario: Scenario,
    bounds: Bounds,
    limits: Arc<Limits>,
    checkpoint: Option<Arc<Checkpoint>>,
    cheapest: Arc<CheapestFailure>,
    /// Their runs are those that count, not a probe's.
    counting: bool,
    /// Each is searched by a copy of this process.
    apart: bool,
    /// The first of all in lexicographic order.
    first: u32,
    /// The largest first, so that none of them is begun last.
    queue: Vec<Piece>,
    next: AtomicUsize,
    ended: AtomicUsize,
    done: Mutex<Vec<PieceDone>>,
}

impl Pieces {
    fn search(&self, piece: &Piece) -> PieceDone {
        let _working = self.limits.watch().this_thread();
        let here = || self.search_here(piece);
        // Once a failure is known, most of what is left is of no interest, and a copy would hear of no later one.
        let mut done = if self.apart && !self.cheapest.is_known() {
            let untouched = UnitReport::untouched(piece.rank, piece.chain.clone());
            search_apart(Unit { limits: &self.limits, counting: self.counting, untouched }, here)
        } else {
            here()
        };
        self.record(&mut done);
        done
    }

    fn search_here(&self, piece: &Piece) -> PieceDone {
        let mut search = Search::new(&self.scenario, &self.limits);
        let exhaustive = Exhaustive::beneath(piece.prefix.clone(), self.bounds);
        let pruned = Pruned::new(exhaustive, piece.rank, Arc::clone(&self.cheapest));
        let finished = search.pass(&Rc::new(RefCell::new(pruned)), self.bounds.steps, self.counting);
        if !search.uncontrolled.is_empty() || search.endless.is_enough(search.steps, self.bounds.steps) {
            self.limits.give_up();
        }
        let report = UnitReport {
            rank: piece.rank,
            chain: piece.chain.clone(),
            runs: search.runs,
            executions: search.executions,
            steps: search.steps,
            lane: search.lane,
            offered: search.tally.offers(),
            places: search.tally.places(),
            sometimes: search.tally.sometimes,
            faults: search.tally.faults,
            cut_short: search.cut_short,
        };
        let (found, uncontrolled, stopped) = (search.found, search.uncontrolled, search.stopped);
        let ends = if piece.rank == self.first { search.ends } else { Vec::new() };
        PieceDone { report, finished, found, uncontrolled, stopped, ends }
    }

    /// Only whole units are written: where a failure is known, this one may have left something out.
    fn record(&self, done: &mut PieceDone) {
        let Some(checkpoint) = self.checkpoint.as_ref().filter(|_| done.finished && !self.cheapest.is_known()) else {
            return;
        };
        if let Err(reason) = checkpoint.record(self.scenario.name(), &done.report) {
            done.report.cut_short.push(format!("the checkpoint {reason}"));
            self.limits.give_up();
        }
    }
}

impl Work for Pieces {
    fn do_piece(&self) -> bool {
        // Relaxed: the counter only hands out numbers; what was found travels under the lock.
        let Some(piece) = self.queue.get(self.next.fetch_add(1, Ordering::Relaxed)) else { return false };
        let ended = Ended(&self.ended);
        let done = self.search(piece);
        self.done.lock().unwrap_or_else(PoisonError::into_inner).push(done);
        drop(ended);
        true
    }

    fn is_done(&self) -> bool {
        // Acquire: whoever sees the last piece ended also sees what it left.
        self.ended.load(Ordering::Acquire) == self.queue.len()
    }
}

/// Counts a piece as ended when dropped: a piece that panics is not waited for.
struct Ended<'a>(&'a AtomicUsize);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        // Release: see `is_done`.
        self.0.fetch_add(1, Ordering::Release);
    }
}

/// Searches pieces with whatever workers there are; what a checkpoint holds is taken from there.
pub(super) fn search_pieces(
    search: &mut Search<'_>,
    pieces: Vec<Piece>,
    bounds: Bounds,
    options: &Options,
    crew: Option<&Crew>,
) -> Vec<PieceDone> {
    let (mut done, mut pieces) = match take_finished(pieces, search.scenario, options.checkpoint.as_deref()) {
        Ok(taken) => taken,
        Err(reason) => {
            search.note_uncontrolled(Uncontrolled::Checkpoint(reason), None);
            return Vec::new();
        }
    };
    pieces.sort_by(|a, b| b.size.total_cmp(&a.size).then(a.rank.cmp(&b.rank)));
    let all = done.len() + pieces.len();
    let first = pieces.iter().map(|piece| piece.rank).min().unwrap_or_default();
    search.limits.count_runs(done.iter().map(|piece| piece.report.runs).sum());
    let pieces = Arc::new(Pieces {
        scenario: search.scenario.clone(),
        bounds,
        limits: Arc::clone(search.limits),
        checkpoint: options.checkpoint.clone(),
        cheapest: Arc::default(),
        counting: search.counting,
        apart: search.scenario.isolated && has_helpers(options, crew),
        first,
        queue: pieces,
        next: AtomicUsize::new(0),
        ended: AtomicUsize::new(0),
        done: Mutex::default(),
    });
    let work: Arc<dyn Work> = pieces.clone();
    match crew {
        Some(crew) => crew.carry_out(&work),
        None => carry_out_alone(&work, options.jobs.map_or(1, NonZeroUsize::get)),
    }
    done.append(&mut pieces.done.lock().unwrap_or_else(PoisonError::into_inner));
    assert_eq!(done.len(), all, "a worker panicked outside a run");
    done.sort_by_key(|piece| piece.report.rank);
    done
}

/// With threads of its own, `jobs` in all with the caller's.
fn carry_out_alone(work: &Arc<dyn Work>, jobs: usize) {
    let crew = Arc::new(Crew::new(1));
    thread::scope(|scope| {
        let driving = crew.driving();
        for worker in 1..jobs {
            let thread = thread::Builder::new().name(format!("nevernone-{worker}"));
            // One worker fewer is slower and nothing else.
            if thread.spawn_scoped(scope, || crew.help()).is_err() {
                break;
            }
        }
        crew.carry_out(work);
        drop(driving);
    });
}

/// Divides pieces into those that a checkpoint holds and those that are left.
fn take_finished(
    pieces: Vec<Piece>,
    scenario: &Scenario,
    checkpoint: Option<&Checkpoint>,
) -> Result<(Vec<PieceDone>, Vec<Piece>), String> {
    let finished = checkpoint.into_iter().flat_map(|checkpoint| checkpoint.finished(scenario.name()));
    let mut finished: BTreeMap<u32, &UnitReport> = finished.map(|unit| (unit.rank, unit)).collect();
    let (mut done, mut left) = (Vec::new(), Vec::new());
    for piece in pieces {
        match finished.remove(&piece.rank) {
            None => left.push(piece),
            Some(unit) if unit.chain == piece.chain => done.push(PieceDone::of_checkpoint(unit)),
            Some(_) => return Err("the tree is cut otherwise than when the checkpoint was written".to_owned()),
        }
    }
    if finished.is_empty() {
        Ok((done, left))
    } else {
        Err("the checkpoint holds units that the tree is not cut into".to_owned())
    }
}
