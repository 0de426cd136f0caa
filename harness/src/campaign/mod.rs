//! A campaign: one scenario, searched as far as was asked for, and an honest verdict.
//!
//! `passes.rs` probes and the pass that counts · `search.rs` one pass · `compare.rs` executions of one run compared ·
//! `cause.rs` why they differ · `outcome.rs` verdict and report ·
//! `endless.rs` runs that never end · `estimate.rs` sizes · `advice.rs` what to do about an incomplete search · `watchdog.rs` steps that never return ·
//! `calibrate.rs` whether tokio behaves · `single.rs` one run, and replays · `recorded.rs` one that failed before ·
//! `options.rs` how far · `explain.rs` telling a failure, by `reduce.rs` the least failing run (`shrink.rs` what is near a
//! known one) and `marks.rs` which of its answers matter, both over `trials.rs` · `limits.rs` when to stop · `repeat.rs`
//! runs once more · `units.rs` a tree cut into units · `pieces.rs` their search · `apart.rs` in other processes ·
//! `workers.rs` threads that search them ·
//! `gauge.rs` how far one has come.

mod advice;
mod apart;
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
mod passes;
mod pieces;
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

use crate::explore::Random;
use crate::report::ScenarioReport;
use crate::scenario::Scenario;
use crate::statics::Snapshot;
use crate::verdict::Verdict;
use explain::{Searched, explain};
use limits::Limits;
use outcome::Outcome;
use passes::exhaust;
use search::Search;
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
