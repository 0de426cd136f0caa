//! What to do about an incomplete search.

use super::outcome::Outcome;
use super::search::Search;
use super::{ESTIMATE_DESCENTS, ExplorerChoice, estimate};
use crate::choice::Cost;
use crate::explore::Bounds;
use crate::run::Tally;
use crate::scenario::Scenario;
use crate::shard::MOST_SHARDS;

/// An estimate of fewer descents says nothing.
const LEAST_DESCENTS: u64 = 100;

/// From so many descents a search of that many executions is estimated: as much again at the most, or an estimate would
/// take longer than what was asked for.
pub(super) fn descents(executions: u64) -> u32 {
    u32::try_from(executions.max(LEAST_DESCENTS)).map_or(ESTIMATE_DESCENTS, |descents| descents.min(ESTIMATE_DESCENTS))
}

/// What is in the way; or else which bounds would finish in about the time that was spent, and on how many shards the
/// whole would.
pub(super) fn advice(scenario: &Scenario, explorer: ExplorerChoice, search: &Search<'_>, outcome: &Outcome) -> String {
    if search.cause.may_be_a_static() {
        return "put `isolate = \"process\"` into the test's attribute, so that each run begins with fresh statics, or keep \
                in the body what a run changes; until then no bound helps"
            .to_owned();
    }
    if !search.uncontrolled.is_empty() {
        return "make the run a function of its choices first (see above); until then no bound helps".to_owned();
    }
    if search.stopped > 0 {
        return "a run that never ends has no size: let the scenario end, or start what never does with `daemon`; if it \
                only takes long, raise its bound on steps"
            .to_owned();
    }
    #[expect(clippy::cast_precision_loss, reason = "an estimate for people")]
    let affordable = search.executions.max(1) as f64;
    let descents = descents(search.executions / 10);
    let smaller = smaller_bounds(outcome.bounds, &search.tally).into_iter().find_map(|(name, candidate)| {
        let (size, _) = estimate(scenario, candidate, descents);
        (size <= affordable).then(|| format!("{name} would leave about {size:.0} runs, which finish here"))
    });
    let smaller = smaller.unwrap_or_else(|| "no single smaller bound finishes in this time".to_owned());
    // A search that spent its time on the probes says nothing about how fast the tree goes, and every shard probes.
    let counted = if search.counting { search.runs } else { 0 };
    let shards = outcome.estimate.filter(|_| explorer == ExplorerChoice::Exhaustive);
    match shards.and_then(|size| shards_that_finish(size, counted)) {
        Some(shards) => format!("{smaller}; {shards}"),
        None => format!("{smaller}; give it more time, or lower several bounds"),
    }
}

/// On how many shards a tree would be searched in the time in which `counted` of its runs were.
fn shards_that_finish((mean, half_width): (f64, f64), counted: u64) -> Option<String> {
    if counted == 0 {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "an estimate for people")]
    let counted = counted as f64;
    // One was not enough, whatever the estimate says.
    let shards = |runs: f64| (runs / counted).ceil().max(2.0);
    let (least, most) = (shards(mean - half_width), shards(mean + half_width));
    if least > f64::from(MOST_SHARDS) {
        return None;
    }
    let number = if most > f64::from(MOST_SHARDS) {
        format!("{least:.0} shards or more")
    } else if least < most {
        format!("{least:.0} to {most:.0} shards")
    } else {
        format!("{least:.0} shards")
    };
    Some(format!("about {number} would finish all of it in this time"))
}

/// Each bound on what the runs offered, lowered by one, and so on to nothing.
fn smaller_bounds(bounds: Bounds, offered: &Tally) -> Vec<(String, Bounds)> {
    let mut candidates = Vec::new();
    let mut lower = |cost: Cost, from: u32, with: fn(Bounds, Option<u32>) -> Bounds| {
        if offered.offered(cost) {
            let lowered = |bound| (name(cost, bound), with(bounds, Some(bound)));
            candidates.extend((0..from).rev().map(lowered));
        }
    };
    let unbounded = |bound: Option<u32>, most: u32| bound.unwrap_or(most);
    lower(Cost::Preemption, unbounded(bounds.preemptions, 3), |bounds, preemptions| Bounds { preemptions, ..bounds });
    lower(Cost::Cancellation, unbounded(bounds.cancellations, 2), |bounds, cancellations| Bounds {
        cancellations,
        ..bounds
    });
    lower(Cost::Panic, unbounded(bounds.panics, 2), |bounds, panics| Bounds { panics, ..bounds });
    lower(Cost::Crash, unbounded(bounds.crashes, 2), |bounds, crashes| Bounds { crashes, ..bounds });
    lower(Cost::Fault, unbounded(bounds.faults, 3), |bounds, faults| Bounds { faults, ..bounds });
    candidates
}

/// Panics and crashes are bounded by the scenario alone, not from the command line.
fn name(cost: Cost, bound: u32) -> String {
    let kind = cost.bound_name();
    if matches!(cost, Cost::Panic | Cost::Crash) {
        format!("a bound of {bound} on {kind}")
    } else {
        format!("--{kind} {bound}")
    }
}

#[cfg(test)]
mod tests {
    use super::{Bounds, Tally, descents, shards_that_finish, smaller_bounds};

    #[test]
    fn an_estimate_never_takes_much_longer_than_the_search() {
        for (executions, expected) in [(0, 100), (50, 100), (2_500, 2_500), (10_001, 10_000), (u64::MAX, 10_000)] {
            assert_eq!(descents(executions), expected, "{executions} executions");
        }
    }

    #[test]
    fn as_many_shards_are_named_as_the_interval_allows() {
        let told = |size, counted| shards_that_finish(size, counted).unwrap();
        assert_eq!(told((12_000.0, 2_000.0), 1_000), "about 10 to 14 shards would finish all of it in this time");
        assert_eq!(told((12_000.0, 10.0), 1_500), "about 8 to 9 shards would finish all of it in this time");
        assert_eq!(told((11_900.0, 10.0), 1_500), "about 8 shards would finish all of it in this time");
        // An estimate that is known to be too small, and one that says little.
        assert!(told((400.0, 500.0), 1_000).starts_with("about 2 shards"));
        assert!(told((1e6, 0.9e6), 100).starts_with("about 1000 shards or more"));
        assert_eq!(shards_that_finish((1e9, 1.0), 1_000), None);
        assert_eq!(shards_that_finish((1e3, 1.0), 0), None);
    }

    #[test]
    fn only_bounds_on_what_was_offered_are_lowered() {
        let mut offered = Tally::default();
        let names = |offered: &Tally| -> Vec<String> {
            let bounds = Bounds { faults: Some(1), crashes: Some(1), ..Bounds::unbounded() };
            smaller_bounds(bounds, offered).into_iter().map(|(name, _)| name).collect()
        };
        assert_eq!(names(&offered), [""; 0]);
        offered.add_offers(&["panics".to_owned(), "crashes".to_owned()]);
        assert_eq!(names(&offered), ["a bound of 1 on panics", "a bound of 0 on panics", "a bound of 0 on crashes"]);
    }
}
