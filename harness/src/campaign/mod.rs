//! A campaign: one scenario, searched as far as was asked for, and an honest verdict.
//!
//! `search.rs` passes over the tree · `outcome.rs` verdict and report · `estimate.rs` sizes · `advice.rs` what to do about an
//! incomplete search · `watchdog.rs` steps that never return · `calibrate.rs` whether tokio behaves · `single.rs` one run,
//! and replays · `options.rs` how far · `explain.rs` telling a failure, by `reduce.rs` the least failing run (`shrink.rs` what is
//! near a known one) and `marks.rs` which of its answers matter, both over `trials.rs`.

mod advice;
mod calibrate;
mod estimate;
mod explain;
mod marks;
mod options;
mod outcome;
mod progress;
mod reduce;
mod search;
mod shrink;
mod single;
mod trials;
mod watchdog;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Instant;

pub use calibrate::calibration;
pub use estimate::{ESTIMATE_DESCENTS, estimate};
pub use options::{BoundsOverride, ExplorerChoice, Options};
pub use progress::Progress;
pub use reduce::{Reduced, reduce};
pub use single::{Replayed, Run, replay, run_once};

use crate::explore::{Bounds, Exhaustive, Random};
use crate::report::ScenarioReport;
use crate::scenario::Scenario;
use crate::verdict::Verdict;
use explain::{Searched, explain};
use outcome::Outcome;
use search::Search;

/// Searches a scenario, on a thread of its own: where a step of it never returns, that thread is given up and leaked, and
/// the search fails.
///
/// # Panics
/// Where the operating system starts no thread.
pub fn check(scenario: &Scenario, options: &Options) -> ScenarioReport {
    let started = Instant::now();
    let (own, asked) = (scenario.clone(), options.clone());
    match watchdog::watched(scenario.watchdog, move || search(&own, &asked)) {
        Ok(report) => report,
        Err(hung) => outcome::report_of_hang(scenario, options, hung.autopsy(scenario), started),
    }
}

fn search(scenario: &Scenario, options: &Options) -> ScenarioReport {
    let started = Instant::now();
    let bounds = options.bounds.apply(scenario.bounds);
    let mut search = Search::new(scenario, options, started);
    let complete = match options.explorer {
        ExplorerChoice::Exhaustive => exhaust(&mut search, bounds),
        ExplorerChoice::Random { seed, runs } => {
            let explorer = Rc::new(RefCell::new(Random::new(seed, bounds, runs)));
            let finished = search.pass(&explorer, bounds.steps, true);
            search.runs = explorer.borrow().distinct();
            finished
        }
    };
    // The search's own time, without that of the explanation and the estimate.
    let seconds = started.elapsed().as_secs_f64();
    let everything = complete && options.explorer == ExplorerChoice::Exhaustive;
    explain(&mut search, Searched { everything, bounds });
    if let Err(reason) = calibration() {
        search.uncontrolled.push(reason);
    }
    let verdict = outcome::judge(&search, complete, options.explorer, &bounds);
    // A tree that changes under the descents has no size.
    let sized = verdict == Verdict::Incomplete && search.uncontrolled.is_empty();
    let estimate = sized.then(|| estimate(scenario, bounds, ESTIMATE_DESCENTS).0);
    outcome::report(scenario, options, search, &Outcome { verdict, bounds, estimate, seconds })
}

/// Probes costs 0, 1 and 2, then searches the whole tree; tells whether everything was executed.
fn exhaust(search: &mut Search<'_>, bounds: Bounds) -> bool {
    for cost in 0..3 {
        if bounds.cost.is_some_and(|bound| bound <= cost) {
            break;
        }
        let probe = Rc::new(RefCell::new(Exhaustive::new(Bounds { cost: Some(cost), ..bounds })));
        if !search.pass(&probe, bounds.steps, false) {
            return false;
        }
        if search.found.is_some() {
            return true;
        }
        if search.cut_short.is_empty() {
            search.complete_to_cost = Some(cost);
        }
        if !probe.borrow().left_out_by_cost() {
            break;
        }
    }
    let explorer = Rc::new(RefCell::new(Exhaustive::new(bounds)));
    let finished = search.pass(&explorer, bounds.steps, true);
    if finished && search.found.is_none() {
        if search.cut_short.is_empty() {
            search.complete_to_cost = bounds.cost;
        }
        search.repeat_small_tree(bounds);
    }
    finished
}
