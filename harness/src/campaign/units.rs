//! Searching a tree unit by unit: by several workers, as one shard of several, with a checkpoint.
//!
//! Results do not depend on who searched what when: they are put together in the units' lexicographic order, and the
//! failure that is told is the least by (cost, lexicographic). Only how far a search that failed had come by then does.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::Options;
use super::cause::Seen;
use super::limits::{Limits, Looks};
use super::search::{Found, Search};
use super::workers::{Crew, Work};
use crate::choice::Tape;
use crate::explore::{Bounds, CheapestFailure, Exhaustive, Pruned};
use crate::hash::History;
use crate::scenario::Scenario;
use crate::shard::{Checkpoint, NotCut, Partition, UnitReport, chain};
use crate::uncontrolled::Uncontrolled;

/// Into so many parts a tree is cut at the least: a part has 64 units and more, and units are what workers share. It must
/// not depend on the number of workers, or a checkpoint would.
const PARTS: u32 = 2;

/// What was searched in units.
#[derive(Debug, Default)]
pub(super) struct CutTree {
    /// The caller's own units, those that were searched to their end.
    pub(super) units: Vec<UnitReport>,
    pub(super) units_in_all: u32,
    pub(super) partition: String,
}

/// Cuts the tree and searches the caller's part of it; `false` beside what was cut if not all of that was executed. The
/// search holds the sums afterwards.
pub(super) fn search_in_units(
    search: &mut Search<'_>,
    bounds: Bounds,
    options: &Options,
    crew: Option<&Crew>,
) -> (bool, Option<CutTree>) {
    let parts = options.shard.map_or(PARTS, |shard| shard.of().max(PARTS));
    search.start_counting();
    search.counting = true;
    search.limits.count_anew();
    let mut looks = Looks::default();
    let limit = || search.limits.reached_after_another(&mut looks);
    let partition = match Partition::cut(search.scenario, bounds, parts, limit) {
        Ok(partition) => partition,
        Err(NotCut::Stopped(reason)) => {
            search.cut_short.push(reason);
            return (false, None);
        }
        Err(NotCut::Uncontrolled(what, tape)) => {
            search.note_uncontrolled(what, Some(&tape));
            return (false, None);
        }
    };
    search.executions += partition.executions;
    search.steps += partition.steps;
    let mut cut = CutTree {
        units: Vec::new(),
        units_in_all: u32::try_from(partition.units.len()).unwrap_or(u32::MAX),
        partition: partition.hash(),
    };
    let pieces = own_pieces(partition, options);
    let prefixes: Vec<Tape> = pieces.iter().map(|piece| piece.prefix.clone()).collect();
    let results = search_pieces(search, pieces, bounds, options, crew);
    let Gathered { whole, ends_of_first } = gather(search, results, &mut cut);
    if whole && search.found.is_none() && search.uncontrolled.is_empty() {
        search.repeat_units(&prefixes, ends_of_first, bounds);
        search.repeat_beginning();
    }
    (whole, Some(cut))
}

/// A unit to be searched.
struct Piece {
    rank: u32,
    prefix: Tape,
    chain: String,
    size: f64,
}

/// The units of the caller's shard, in lexicographic order.
fn own_pieces(partition: Partition, options: &Options) -> Vec<Piece> {
    let dealt = options.shard.map(|shard| (shard.index(), partition.deal(shard.of())));
    let own = |rank: usize| dealt.as_ref().is_none_or(|(index, dealt)| dealt[rank] == *index);
    let pieces = partition.units.into_iter().enumerate().filter(|(rank, _)| own(*rank));
    let piece = |(rank, unit): (usize, crate::shard::Unit)| Piece {
        rank: u32::try_from(rank).unwrap_or(u32::MAX),
        chain: chain(&unit.prefix),
        size: unit.size.unwrap_or(0.0),
        prefix: unit.prefix,
    };
    pieces.map(piece).collect()
}

/// What the search of one unit came to.
struct PieceDone {
    report: UnitReport,
    /// Searched to its end, as far as no failure made the rest uninteresting.
    finished: bool,
    found: Option<Found>,
    uncontrolled: Vec<Seen>,
    /// How many runs were stopped by the bound on steps.
    stopped: u32,
    /// How the first runs ended, for the first of the units.
    ends: Vec<History>,
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
        let mut search = Search::new(&self.scenario, &self.limits);
        let exhaustive = Exhaustive::beneath(piece.prefix.clone(), self.bounds);
        let pruned = Pruned::new(exhaustive, piece.rank, Arc::clone(&self.cheapest));
        let finished = search.pass(&Rc::new(RefCell::new(pruned)), self.bounds.steps, true);
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
        let mut done = PieceDone { report, finished, found, uncontrolled, stopped, ends };
        self.record(&mut done);
        done
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
fn search_pieces(
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

struct Gathered {
    /// All of it was searched.
    whole: bool,
    /// How the first runs of the very first unit ended, where this process searched it.
    ends_of_first: Vec<History>,
}

/// Adds everything up.
fn gather(search: &mut Search<'_>, mut results: Vec<PieceDone>, cut: &mut CutTree) -> Gathered {
    let ends_of_first = results.first_mut().map(|first| std::mem::take(&mut first.ends)).unwrap_or_default();
    let mut whole = search.uncontrolled.is_empty();
    for piece in results {
        search.add_unit(&piece.report);
        search.stopped += piece.stopped;
        piece.uncontrolled.into_iter().for_each(|seen| search.note_seen(seen));
        // The first of the cheapest: units come in lexicographic order.
        let cost = |found: &Found| found.tape.total_cost();
        if let Some(found) = piece.found
            && search.found.as_ref().is_none_or(|known| cost(&found) < cost(known))
        {
            search.found = Some(found);
        }
        whole &= piece.finished;
        if piece.finished {
            cut.units.push(piece.report);
        }
    }
    Gathered { whole, ends_of_first }
}
