//! A unit of an isolated search, searched by a copy of this process (`run/isolate/copy.rs` says why).
//!
//! What comes back is what a checkpoint would hold. Where something failed or was uncontrolled, which is the exception,
//! only that comes back, and the thread that waited searches the unit itself: so failures are found, compared and told
//! where they always are.

use serde::{Deserialize, Serialize};

use super::cause::Seen;
use super::limits::{Limits, Looks};
use super::pieces::PieceDone;
use crate::hash::History;
use crate::run::isolate::{Heard, in_a_copy};
use crate::shard::UnitReport;
use crate::uncontrolled::Uncontrolled;

/// What a copy tells of a unit.
#[derive(Serialize, Deserialize)]
enum Told {
    Searched(Searched),
    /// A run failed, or something was uncontrolled, or the engine itself panicked.
    Troubled(String),
}

#[derive(Serialize, Deserialize)]
struct Searched {
    report: UnitReport,
    finished: bool,
    stopped: u32,
    /// The values of the histories.
    ends: Vec<u64>,
    /// Going on makes no sense for anybody.
    given_up: bool,
}

/// A unit, as far as it matters who searches it.
pub(super) struct Unit<'a> {
    pub(super) limits: &'a Limits,
    /// Its runs are those that count.
    pub(super) counting: bool,
    /// What it comes to where nobody searches it.
    pub(super) untouched: UnitReport,
}

/// Searches a unit by `here`, in a copy of this process if there can be one.
pub(super) fn search_apart(unit: Unit<'_>, here: impl Fn() -> PieceDone) -> PieceDone {
    let Unit { limits, counting, untouched } = unit;
    let work = || told_as(&tell(here(), limits.given_up()));
    let broken = |message: String| told_as(&Told::Troubled(message));
    // The copy sees the time itself, but no interrupt.
    let stopped = || limits.given_up() || limits.is_interrupted();
    let told = match in_a_copy(work, broken, stopped) {
        Ok(Heard::Told(told)) => serde_json::from_slice(&told).map_err(|error| error.to_string()),
        Ok(Heard::Stopped) => return not_searched(limits, untouched),
        Ok(Heard::Ended(how)) => Err(how),
        Err(error) => Err(error.to_string()),
    };
    match told {
        Ok(Told::Searched(searched)) => {
            if counting {
                limits.count_runs(searched.report.runs);
            }
            settle(limits, searched)
        }
        Ok(Told::Troubled(what)) => search_again(here(), &what),
        // One that was killed for want of memory, say: then it is done without.
        Err(_) => here(),
    }
}

fn told_as(told: &Told) -> Vec<u8> {
    serde_json::to_vec(told).unwrap_or_default()
}

fn tell(done: PieceDone, given_up: bool) -> Told {
    if let Some(seen) = done.uncontrolled.first() {
        return Told::Troubled(seen.what.to_string());
    }
    if let Some(found) = done.found {
        return Told::Troubled(found.failure.message);
    }
    let PieceDone { report, finished, stopped, ends, .. } = done;
    let ends = ends.iter().map(|end| end.value()).collect();
    Told::Searched(Searched { report, finished, stopped, ends, given_up })
}

/// Takes over what the copy did, as if this thread had done it.
fn settle(limits: &Limits, searched: Searched) -> PieceDone {
    let Searched { report, finished, stopped, ends, given_up } = searched;
    limits.count_executions(report.executions);
    if given_up {
        limits.give_up();
    }
    let ends = ends.into_iter().map(History::of_value).collect();
    PieceDone { report, finished, found: None, uncontrolled: Vec::new(), stopped, ends }
}

/// The unit once more, in this process, which must show what the copy saw.
fn search_again(mut done: PieceDone, what: &str) -> PieceDone {
    let is_shown = done.found.is_some() || !done.uncontrolled.is_empty();
    // Where the time was over first, nothing is verified in any case; and a known failure leaves parts out.
    if done.finished && !is_shown {
        let what = Uncontrolled::Isolation(format!(
            "a part of the tree was searched twice, and only the first search found this, so that it is no function of \
             the choices: {what}"
        ));
        done.uncontrolled.push(Seen { what, tape: None });
    }
    done
}

fn not_searched(limits: &Limits, mut report: UnitReport) -> PieceDone {
    report.cut_short.extend(limits.reached(&mut Looks::default()));
    PieceDone { report, finished: false, found: None, uncontrolled: Vec::new(), stopped: 0, ends: Vec::new() }
}
