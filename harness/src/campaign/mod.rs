//! A campaign: one scenario, searched as far as was asked for, and an honest verdict.
//!
//! `search.rs` passes over the tree · `compare.rs` executions of one run compared ·
//! `cause.rs` why they differ · `outcome.rs` verdict and report ·
//! `endless.rs` runs that never end · `estimate.rs` sizes · `advice.rs` what to do about an incomplete search · `watchdog.rs` steps that never return ·
//! `calibrate.rs` whether tokio behaves · `single.rs` one run, and replays · `recorded.rs` one that failed before ·
//! `options.rs` how far · `explain.rs` telling a failure, by `reduce.rs` the least failing run (`shrink.rs` what is near a
//! known one) and `marks.rs` which of its answers matter, both over `trials.rs` · `limits.rs` when to stop · `repeat.rs`
//! runs once more · `units.rs` a tree cut into units · `workers.rs` threads that search them ·
//! `gauge.rs` how far one has come.

mod advice;
mod calibrate;
mod cause;
mod compare;
mod endless;
mod estimate;
mod explain;
mod gauge;
mod limits;
mod marks;
mod options;
mod outcome;
mod progress;
mod recorded;
mod reduce;
mod repeat;
mod search;
mod shrink;
mod single;
mod trials;
mod units;
mod watchdog;
pub(crate) mod workers;

use std::cell::RefCell;
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

pub use calibrate::calibration;
pub use estimate::{ESTIMATE_DESCENTS, estimate};
pub(crate) use gauge::Gauge;
#[cfg(feature = "cli")]
pub(crate) use gauge::Seen;
pub use options::{BoundsOverride, ExplorerChoice, Options};
pub(crate) use outcome::{is_vacuous, report_of_death};
pub use progress::Progress;
pub(crate) use recorded::rerun;
pub use reduce::{Reduced, reduce};
pub use single::{Replayed, SingleRun, replay, run_once};

use crate::explore::{Bounds, Exhaustive, Random};
use crate::report::ScenarioReport;
use crate::scenario::Scenario;
use crate::statics::Snapshot;
use crate::verdict::Verdict;
use explain::{Searched, explain};
use limits::Limits;
use outcome::Outcome;
use search::{SMALL_TREE, Search};
use units::CutTree;
use workers::Crew;

/// Searches a scenario, on a thread of its own: where a step of it never returns, that thread is given up and leaked, and
/// the search fails.
///
/// # Panics
/// Where the operating system starts no thread.
pub fn check(scenario: &Scenario, options: &Options) -> ScenarioReport {
    check_with(scenario, options, None)
}

/// Searches a scenario, with the help of a crew if there is one; else with as many threads as the options say.
pub(crate) fn check_with(scenario: &Scenario, options: &Options, crew: Option<&Arc<Crew>>) -> ScenarioReport {
    let started = Instant::now();
    let (own, asked, crew) = (scenario.clone(), options.clone(), crew.cloned());
    match watchdog::watched(scenario.watchdog, move || search(&own, &asked, crew.as_deref())) {
        Ok(report) => report,
        Err(hung) => outcome::report_of_hang(scenario, options, hung.autopsy(scenario), started),
    }
}

fn search(scenario: &Scenario, options: &Options, crew: Option<&Crew>) -> ScenarioReport {
    let started = Instant::now();
    let bounds = options.bounds.apply(scenario.bounds);
    let limits = Arc::new(Limits::new(options, started));
    // Where runs have processes of their own, nothing of this one changes.
    let statics = if scenario.isolated { None } else { Snapshot::take() };
    let mut search = Search::new(scenario, &limits);
    let (complete, cut) = match options.explorer {
        ExplorerChoice::Exhaustive => exhaust(&mut search, bounds, options, crew),
        ExplorerChoice::Random { seed, runs } => {
            let explorer = Rc::new(RefCell::new(Random::new(seed, bounds, runs)));
            let finished = search.pass(&explorer, bounds.steps, true);
            search.runs = explorer.borrow().distinct();
            (finished, None)
        }
    };
    // The search's own time, without that of the explanation and the estimate.
    let seconds = started.elapsed().as_secs_f64();
    let everything = complete && options.explorer == ExplorerChoice::Exhaustive;
    explain(&mut search, Searched { everything, bounds });
    search.find_cause(statics.as_ref(), bounds);
    search.trust(calibration());
    let verdict = outcome::judge(&search, complete, options, &bounds);
    // A tree that changes under the descents has no size, nor has one whose paths do not end; and of a complete shard
    // nothing is left to guess.
    let left = !complete || !search.cut_short.is_empty();
    let sized = verdict == Verdict::Incomplete && search.uncontrolled.is_empty() && search.stopped == 0 && left;
    let estimate = sized.then(|| estimate(scenario, bounds, advice::descents(search.executions)));
    outcome::report(scenario, options, search, cut, &Outcome { verdict, complete, bounds, estimate, seconds })
}

/// Probes costs 0, 1 and 2, then searches the whole tree or the caller's shard of it; tells whether everything was
/// executed. Every shard probes: that is a small part of its work, and all of them find a cheap failure at once.
fn exhaust(search: &mut Search<'_>, bounds: Bounds, options: &Options, crew: Option<&Crew>) -> (bool, Option<CutTree>) {
    for cost in 0..3 {
        if bounds.cost.is_some_and(|bound| bound <= cost) {
            break;
        }
        let probe = Rc::new(RefCell::new(Exhaustive::new(Bounds { cost: Some(cost), ..bounds })));
        if !search.pass(&probe, bounds.steps, false) {
            return (false, None);
        }
        if search.found.is_some() {
            return (true, None);
        }
        if search.cut_short.is_empty() {
            search.complete_to_cost = Some(cost);
            search.keep_beginning(Bounds { cost: Some(cost), ..bounds });
            search.compare_next_pass(cost);
        }
        if !probe.borrow().left_out_by_cost() {
            break;
        }
    }
    let (finished, cut) = count_tree(search, bounds, options, crew);
    let whole = finished && search.found.is_none() && options.shard.is_none();
    if whole && search.cut_short.is_empty() {
        search.complete_to_cost = bounds.cost;
    }
    (finished, cut)
}

/// The pass that counts. A small tree is searched as it is, unless it must be cut.
fn count_tree(
    search: &mut Search<'_>,
    bounds: Bounds,
    options: &Options,
    crew: Option<&Crew>,
) -> (bool, Option<CutTree>) {
    if options.shard.is_none() && options.checkpoint.is_none() {
        let alone = crew.is_none() && options.jobs.is_none_or(|jobs| jobs == NonZeroUsize::MIN);
        search.most_runs = (!alone).then_some(SMALL_TREE);
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
