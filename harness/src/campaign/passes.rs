//! Which passes there are over a tree: probes of small costs, then the one that counts.

use std::cell::RefCell;
use std::num::NonZeroUsize;
use std::rc::Rc;

use super::Options;
use super::search::{SMALL_TREE, Search};
use super::units::{self, CutTree};
use super::workers::Crew;
use crate::explore::{Bounds, Exhaustive};

/// Probes costs 0, 1 and 2, then searches the whole tree or the caller's shard of it; tells whether everything was
/// executed. Every shard probes: that is a small part of its work, and all of them find a cheap failure at once.
pub(super) fn exhaust(
    search: &mut Search<'_>,
    bounds: Bounds,
    options: &Options,
    crew: Option<&Crew>,
) -> (bool, Option<CutTree>) {
    for cost in 0..3 {
        if bounds.cost.is_some_and(|bound| bound <= cost) {
            break;
        }
        match probe(search, Bounds { cost: Some(cost), ..bounds }, options, crew) {
            Probed::Stopped => return (false, None),
            Probed::Failed => return (true, None),
            Probed::Everything => break,
            Probed::More => {}
        }
    }
    let (finished, cut) = count_tree(search, bounds, options, crew);
    let whole = finished && search.found.is_none() && options.shard.is_none();
    if whole && search.cut_short.is_empty() {
        search.complete_to_cost = bounds.cost;
    }
    (finished, cut)
}

/// What a probe came to.
enum Probed {
    /// It was stopped.
    Stopped,
    Failed,
    /// Nothing costs more.
    Everything,
    /// Something may cost more.
    More,
}

fn probe(search: &mut Search<'_>, bounds: Bounds, options: &Options, crew: Option<&Crew>) -> Probed {
    let by_all = is_for_all(search, options, crew);
    let explorer = Rc::new(RefCell::new(Exhaustive::new(bounds)));
    let finished = if by_all {
        units::probe_in_units(search, bounds, options, crew)
    } else {
        search.pass(&explorer, bounds.steps, false)
    };
    if !finished {
        return Probed::Stopped;
    }
    if search.found.is_some() {
        return Probed::Failed;
    }
    if search.cut_short.is_empty() {
        search.complete_to_cost = bounds.cost;
    }
    if by_all {
        search.compare_no_pass();
        return Probed::More;
    }
    if search.cut_short.is_empty() {
        search.keep_beginning(bounds);
        search.compare_next_pass(bounds.cost.unwrap_or_default());
    }
    if explorer.borrow().left_out_by_cost() { Probed::More } else { Probed::Everything }
}

/// Whether the next pass is large enough for all workers, as the one before it was. Only where runs have processes of their
/// own, and are slow: elsewhere passes that follow each other in one order find what a static keeps.
fn is_for_all(search: &Search<'_>, options: &Options, crew: Option<&Crew>) -> bool {
    search.scenario.isolated && has_helpers(options, crew) && search.runs > SMALL_TREE
}

/// Whether several workers search.
pub(super) fn has_helpers(options: &Options, crew: Option<&Crew>) -> bool {
    crew.is_some() || options.jobs.is_some_and(|jobs| jobs > NonZeroUsize::MIN)
}

/// The pass that counts. A small tree is searched as it is, unless it must be cut.
fn count_tree(
    search: &mut Search<'_>,
    bounds: Bounds,
    options: &Options,
    crew: Option<&Crew>,
) -> (bool, Option<CutTree>) {
    if options.shard.is_none() && options.checkpoint.is_none() && !is_for_all(search, options, crew) {
        search.most_runs = has_helpers(options, crew).then_some(SMALL_TREE);
        let finished = search.pass(&Rc::new(RefCell::new(Exhaustive::new(bounds))), bounds.steps, true);
        let large = search.most_runs.take().is_some_and(|most| search.runs > most);
        if finished && search.found.is_none() {
            search.repeat_tree(bounds);
        }
        search.keep_beginning(bounds);
        // What was found in the beginning of a large tree is found again.
        if !large || finished {
            return (finished, None);
        }
        search.found = None;
    }
    search.compare_no_pass();
    units::search_in_units(search, bounds, options, crew)
}
