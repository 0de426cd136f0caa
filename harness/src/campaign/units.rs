//! Searching a tree unit by unit: by several workers, as one shard of several, with a checkpoint.
//!
//! Results do not depend on who searched what when: they are put together in the units' lexicographic order, and the
//! failure that is told is the least by (cost, lexicographic). Only how far a search that failed had come by then does.

use super::Options;
use super::limits::Looks;
use super::pieces::{Piece, PieceDone, search_pieces};
use super::search::{Found, Search};
use super::workers::Crew;
use crate::choice::Tape;
use crate::explore::Bounds;
use crate::hash::History;
use crate::shard::{NotCut, Partition, UnitReport, chain};

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
    search.start_counting();
    search.counting = true;
    search.limits.count_anew();
    let parts = options.shard.map_or(PARTS, |shard| shard.of().max(PARTS));
    let Some(partition) = cut(search, bounds, parts) else { return (false, None) };
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

/// A probe by all workers; `false` if not all of it was executed. Every shard probes everything, and no checkpoint knows of
/// it.
pub(super) fn probe_in_units(search: &mut Search<'_>, bounds: Bounds, options: &Options, crew: Option<&Crew>) -> bool {
    search.start_counting();
    search.counting = false;
    let options = Options { shard: None, checkpoint: None, ..options.clone() };
    let Some(partition) = cut(search, bounds, PARTS) else { return false };
    let pieces = own_pieces(partition, &options);
    let results = search_pieces(search, pieces, bounds, &options, crew);
    gather(search, results, &mut CutTree::default()).whole
}

/// Cuts the tree; `None`, which the search tells, if that could not be done.
fn cut(search: &mut Search<'_>, bounds: Bounds, parts: u32) -> Option<Partition> {
    let mut looks = Looks::default();
    let limit = || search.limits.reached_after_another(&mut looks);
    match Partition::cut(search.scenario, bounds, parts, limit) {
        Ok(partition) => {
            search.executions += partition.executions;
            search.steps += partition.steps;
            return Some(partition);
        }
        Err(NotCut::Stopped(reason)) => search.cut_short.push(reason),
        Err(NotCut::Uncontrolled(what, tape)) => search.note_uncontrolled(what, Some(&tape)),
    }
    None
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
