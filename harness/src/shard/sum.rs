//! What the parts of one search come to together.

use std::cmp::Ordering;

use super::UnitReport;
use super::merge::Part;
use crate::campaign::is_vacuous;
use crate::choice::token::Token;
use crate::report::{FailureReport, ScenarioReport, places};
use crate::run::Tally;
use crate::verdict::Verdict;

/// The whole search, as if it had been one.
pub(super) fn add_up(parts: &[Part<'_>]) -> ScenarioReport {
    let first = parts[0].scenario;
    let all = || parts.iter().map(|part| part.scenario);
    let failure = all().filter_map(|scenario| scenario.failure.as_ref()).min_by(|a, b| order(a, b));
    let tally = tally(parts);
    let cut_short = distinct(all().flat_map(|scenario| &scenario.cut_short));
    let uncontrolled = distinct(all().flat_map(|scenario| &scenario.uncontrolled));
    let left: Vec<String> =
        parts.iter().filter(|part| !part.shard.complete).map(|part| part.shard.index.to_string()).collect();
    let verdict = match failure {
        Some(_) => Verdict::Failed,
        None if !left.is_empty() || !cut_short.is_empty() || !uncontrolled.is_empty() => Verdict::Incomplete,
        None if is_vacuous(&tally.sometimes, &tally.faults, &first.bounds) => Verdict::Vacuous,
        None => Verdict::Verified,
    };
    let places = distinct(all().flat_map(|scenario| &scenario.places));
    // Of a search that looked everywhere, where the verdict does not say so already.
    let notes = if verdict == Verdict::Verified { places::notes(&tally.faults, &places) } else { Vec::new() };
    let complete = matches!(verdict, Verdict::Verified | Verdict::Vacuous);
    // A failure that a probe finds is the same in every shard: it is no part of a sum.
    let in_probe = failure.is_some() && parts.iter().all(|part| part.shard.units_in_all == 0);
    let executions = all().map(|scenario| scenario.executions).sum();
    let seconds = all().map(|scenario| scenario.seconds).fold(0.0, f64::max);
    ScenarioReport {
        verdict,
        ok: failure.map_or(verdict.satisfies(first.expected), |failure| expected(first, failure)),
        runs: if in_probe { first.runs } else { all().map(|scenario| scenario.runs).sum() },
        executions,
        steps: all().map(|scenario| scenario.steps).sum(),
        estimate: all().find_map(|scenario| scenario.estimate).filter(|_| !complete),
        complete_to_cost: if complete { first.bounds.cost } else { least_complete(parts) },
        shard: None,
        units: in_order(parts).into_iter().cloned().collect(),
        cut_short,
        uncontrolled,
        advice: (!left.is_empty() && failure.is_none()).then(|| unfinished(&left)),
        lane: all().map(|scenario| scenario.lane).max().unwrap_or_default(),
        offered: distinct(all().flat_map(|scenario| &scenario.offered)),
        places,
        notes,
        seconds,
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        runs_per_second: executions as f64 / seconds.max(1e-9),
        sometimes: tally.sometimes,
        faults: tally.faults,
        failure: failure.cloned(),
        ..first.clone()
    }
}

/// Whether it failed as it should: by the property that was named, if one was.
fn expected(scenario: &ScenarioReport, failure: &FailureReport) -> bool {
    let property = scenario.expected_property.as_ref();
    scenario.expected == Verdict::Failed && property.is_none_or(|property| *property == failure.property)
}

fn unfinished(left: &[String]) -> String {
    format!("not finished: shard {}; give it more time, or let it go on from its --checkpoint", left.join(", "))
}

fn distinct<'a>(reasons: impl Iterator<Item = &'a String>) -> Vec<String> {
    reasons.fold(Vec::new(), |mut known, reason| {
        if !known.contains(reason) {
            known.push(reason.clone());
        }
        known
    })
}

/// Up to which cost all of them are complete.
fn least_complete(parts: &[Part<'_>]) -> Option<u32> {
    let costs: Option<Vec<u32>> = parts.iter().map(|part| part.scenario.complete_to_cost).collect();
    costs?.into_iter().min()
}

pub(super) fn in_order<'a>(parts: &[Part<'a>]) -> Vec<&'a UnitReport> {
    let mut units: Vec<&UnitReport> = parts.iter().flat_map(|part| &part.scenario.units).collect();
    units.sort_by_key(|unit| unit.rank);
    units
}

/// Goals and faults of the whole, in the order in which one search would have met them.
fn tally(parts: &[Part<'_>]) -> Tally {
    let mut tally = Tally::default();
    if partition_is_whole(parts) {
        for unit in in_order(parts) {
            tally.add_counts(&unit.sometimes, &unit.faults);
        }
    } else {
        for part in parts {
            tally.add_counts(&part.scenario.sometimes, &part.scenario.faults);
        }
    }
    tally
}

pub(super) fn partition_is_whole(parts: &[Part<'_>]) -> bool {
    parts.iter().all(|part| part.shard.complete && part.shard.units_in_all > 0)
}

/// The cheapest first, and of equal cost the first in lexicographic order.
fn order(one: &FailureReport, other: &FailureReport) -> Ordering {
    let token = |failure: &FailureReport| failure.token.parse::<Token>();
    one.cost.cmp(&other.cost).then_with(|| match (token(one), token(other)) {
        (Ok(one), Ok(other)) => one.lexicographic(&other),
        // Every token was read before.
        _ => Ordering::Equal,
    })
}
