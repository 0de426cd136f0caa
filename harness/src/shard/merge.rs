//! Shards into one verdict.
//!
//! Every report says how the whole tree was cut (a hash over all units) and which units it searched. So the union of all
//! reports is known to be the tree exactly: no unit is missing, none was searched under other bounds, none counts twice.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::UnitReport;
use super::partition::hash_of_chains;
use crate::campaign::is_vacuous;
use crate::choice::token::Token;
use crate::report::terminal::bounds;
use crate::report::{FailureReport, Report, ScenarioReport, ShardReport};
use crate::run::Tally;
use crate::verdict::Verdict;

/// Why reports cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// The file system refuses.
    #[error("{} cannot be read: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        source: std::io::Error,
    },
    /// It is no report.
    #[error("{}:{}: this is no report ({reason})", .path.display(), .reason.line())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What does not read, and where.
        reason: serde_json::Error,
    },
    /// It is one, and does not fit.
    #[error("{}: {reason}", .path.display())]
    Unfit {
        /// The file.
        path: PathBuf,
        /// Why it does not.
        reason: String,
    },
    /// Something is not there.
    #[error("{0}")]
    Missing(String),
}

/// A report, and where it was read.
pub type Read = (PathBuf, Report);

/// Reads a report that a shard wrote.
///
/// # Errors
/// Where the file is not there or no report.
pub fn read_report(path: &Path) -> Result<Read, MergeError> {
    let text = std::fs::read(path).map_err(|source| MergeError::File { path: path.to_owned(), source })?;
    match serde_json::from_slice::<Report>(&text) {
        Ok(report) if report.version != 1 => {
            let reason = format!("it is of version {}, and this build reads 1", report.version);
            Err(MergeError::Unfit { path: path.to_owned(), reason })
        }
        Ok(report) => Ok((path.to_owned(), report)),
        Err(reason) => Err(MergeError::Unreadable { path: path.to_owned(), reason }),
    }
}

/// Puts the reports of all shards together. The same shard twice counts once.
///
/// # Errors
/// Names the report that does not fit, or what is missing.
pub fn merge(reports: &[Read]) -> Result<Report, MergeError> {
    let Some((_, first)) = reports.first() else {
        return Err(MergeError::Missing("there is nothing to merge; name the report.json of every shard".to_owned()));
    };
    let mut merged = Vec::new();
    for name in scenarios(reports) {
        merged.push(merge_scenario(&name, reports)?);
    }
    let calibrated = reports.iter().all(|(_, report)| report.build.calibrated);
    let mut report = Report::new(merged, calibrated);
    report.build.clone_from(&first.build);
    report.build.calibrated = calibrated;
    Ok(report)
}

/// Every scenario that a report names, in the order in which they are met.
fn scenarios(reports: &[Read]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for scenario in reports.iter().flat_map(|(_, report)| &report.scenarios) {
        if !names.contains(&scenario.name) {
            names.push(scenario.name.clone());
        }
    }
    names
}

/// One shard of a scenario, and where it was read.
#[derive(Clone, Copy)]
struct Part<'a> {
    path: &'a Path,
    scenario: &'a ScenarioReport,
    shard: &'a ShardReport,
}

fn merge_scenario(name: &str, reports: &[Read]) -> Result<ScenarioReport, MergeError> {
    let mut parts: BTreeMap<u32, Part<'_>> = BTreeMap::new();
    for (path, report) in reports {
        for scenario in report.scenarios.iter().filter(|scenario| scenario.name == name) {
            let unfit = |reason: String| MergeError::Unfit { path: path.clone(), reason };
            let shard = scenario.shard.as_ref().ok_or_else(|| {
                unfit(format!("`{name}` is no shard there; merge takes what `check --shard K/N` wrote"))
            })?;
            let part = Part { path, scenario, shard };
            let first = parts.values().next().copied();
            let problem = fits_itself(part).or_else(|| first.and_then(|first| difference(first, part)));
            if let Some(problem) = problem {
                return Err(unfit(format!("`{name}`: {problem}")));
            }
            match parts.get(&shard.index).copied() {
                Some(known) if contradict(known, part) => {
                    let (index, of, known) = (shard.index, shard.of, known.path.display());
                    return Err(unfit(format!("`{name}`: it contradicts {known}; both are shard {index} of {of}")));
                }
                // An attempt that was cut short gives way to one that was not.
                Some(known) if known.shard.complete || !shard.complete => {}
                _ => drop(parts.insert(shard.index, part)),
            }
        }
    }
    let parts: Vec<Part<'_>> = parts.into_values().collect();
    all_there(name, &parts)?;
    if let Some(problem) = partition_problem(&parts) {
        return Err(MergeError::Missing(format!("`{name}`: {problem}")));
    }
    Ok(add_up(&parts))
}

/// What is wrong with a report by itself.
fn fits_itself(part: Part<'_>) -> Option<String> {
    let Part { scenario, shard, .. } = part;
    if shard.index == 0 || shard.index > shard.of {
        return Some(format!("there is no shard {} of {}", shard.index, shard.of));
    }
    if shard.fingerprint.scenario != scenario.name {
        return Some(format!("its fingerprint is of `{}`", shard.fingerprint.scenario));
    }
    let searched: u64 = scenario.units.iter().map(|unit| unit.runs).sum();
    if shard.complete && shard.units_in_all > 0 && searched != scenario.runs {
        return Some(format!("it says {} runs, and its units have {searched}", scenario.runs));
    }
    let broken = scenario.failure.as_ref().filter(|failure| failure.token.parse::<Token>().is_err());
    broken.map(|failure| format!("its token `{}` does not read", failure.token))
}

/// Why two parts are not parts of one search.
fn difference(one: Part<'_>, other: Part<'_>) -> Option<String> {
    let beside = one.path.display();
    if let Some(difference) = one.shard.fingerprint.difference(&other.shard.fingerprint) {
        return Some(format!("it is of {difference} than {beside}"));
    }
    if one.scenario.bounds != other.scenario.bounds {
        return Some(format!(
            "it was searched within other bounds ({}) than {beside} ({})",
            bounds(&other.scenario.bounds),
            bounds(&one.scenario.bounds)
        ));
    }
    if one.shard.of != other.shard.of {
        return Some(format!("it is one of {} shards, and {beside} is one of {}", other.shard.of, one.shard.of));
    }
    let cut = |part: Part<'_>| (part.shard.units_in_all > 0).then(|| part.shard.partition.clone());
    match (cut(one), cut(other)) {
        (Some(one), Some(other)) if one != other => Some(format!("its tree was cut otherwise than that of {beside}")),
        _ => None,
    }
}

/// Whether two reports of one shard cannot both be true. What was found before a failure depends on which worker came
/// first, so of two that failed only the failure must be the same.
fn contradict(one: Part<'_>, other: Part<'_>) -> bool {
    if !one.shard.complete || !other.shard.complete {
        return false;
    }
    match (&one.scenario.failure, &other.scenario.failure) {
        (Some(one), Some(other)) => one.token != other.token,
        (None, None) => {
            let told = |unit: &UnitReport| UnitReport { executions: 0, steps: 0, ..unit.clone() };
            !one.scenario.units.iter().map(told).eq(other.scenario.units.iter().map(told))
        }
        _ => true,
    }
}

fn all_there(name: &str, parts: &[Part<'_>]) -> Result<(), MergeError> {
    let of = parts.first().map_or(0, |part| part.shard.of);
    let there = |index: &u32| parts.iter().any(|part| part.shard.index == *index);
    let missing: Vec<String> = (1..=of).filter(|index| !there(index)).map(|index| format!("{index}/{of}")).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(MergeError::Missing(format!("`{name}`: these shards are missing: {}", missing.join(", "))))
}

/// Where all shards are complete, their units must be the units that the tree was cut into.
fn partition_problem(parts: &[Part<'_>]) -> Option<String> {
    // A failure that a probe finds ends the search before it is cut.
    let first = parts.first()?;
    if !partition_is_whole(parts) {
        return None;
    }
    let units = in_order(parts);
    let expected = first.shard.units_in_all;
    if !units.iter().map(|unit| unit.rank).eq(0..expected) {
        return Some(format!("the shards' {} units are not the {expected} that the tree was cut into", units.len()));
    }
    let hash = hash_of_chains(units.iter().map(|unit| &unit.chain));
    (hash != first.shard.partition).then(|| "the units of the shards are not those that the tree was cut into".into())
}

fn in_order<'a>(parts: &[Part<'a>]) -> Vec<&'a UnitReport> {
    let mut units: Vec<&UnitReport> = parts.iter().flat_map(|part| &part.scenario.units).collect();
    units.sort_by_key(|unit| unit.rank);
    units
}

/// The whole search, as if it had been one.
fn add_up(parts: &[Part<'_>]) -> ScenarioReport {
    let first = parts[0].scenario;
    let all = || parts.iter().map(|part| part.scenario);
    let failure = all().filter_map(|scenario| scenario.failure.as_ref()).min_by(|a, b| order(a, b));
    let tally = tally(parts);
    let gather = |of: fn(&ScenarioReport) -> &Vec<String>| {
        let mut known = Vec::new();
        all().flat_map(of).for_each(|reason| {
            if !known.contains(reason) {
                known.push(reason.clone());
            }
        });
        known
    };
    let (cut_short, uncontrolled) = (gather(|scenario| &scenario.cut_short), gather(|scenario| &scenario.uncontrolled));
    let left: Vec<String> =
        parts.iter().filter(|part| !part.shard.complete).map(|part| part.shard.index.to_string()).collect();
    let verdict = match failure {
        Some(_) => Verdict::Failed,
        None if !left.is_empty() || !cut_short.is_empty() || !uncontrolled.is_empty() => Verdict::Incomplete,
        None if is_vacuous(&tally.sometimes, &tally.faults, &first.bounds) => Verdict::Vacuous,
        None => Verdict::Verified,
    };
    let complete = matches!(verdict, Verdict::Verified | Verdict::Vacuous);
    let to_cost = |scenario: &ScenarioReport| scenario.complete_to_cost.map_or(0, |cost| u64::from(cost) + 1);
    let least = all().min_by_key(|scenario| to_cost(scenario)).and_then(|scenario| scenario.complete_to_cost);
    // A probe that fails is the same in every shard: it is no part of a sum.
    let in_probe = failure.is_some() && parts.iter().all(|part| part.shard.units_in_all == 0);
    let executions = all().map(|scenario| scenario.executions).sum();
    let seconds = all().map(|scenario| scenario.seconds).fold(0.0, f64::max);
    ScenarioReport {
        verdict,
        ok: verdict.satisfies(first.expected),
        runs: if in_probe { first.runs } else { all().map(|scenario| scenario.runs).sum() },
        executions,
        steps: all().map(|scenario| scenario.steps).sum(),
        estimate: all().find_map(|scenario| scenario.estimate).filter(|_| !complete),
        complete_to_cost: if complete { first.bounds.cost } else { least },
        shard: None,
        units: in_order(parts).into_iter().cloned().collect(),
        cut_short,
        uncontrolled,
        advice: (!left.is_empty() && failure.is_none()).then(|| {
            format!("not finished: shard {}; give it more time, or let it go on from its --checkpoint", left.join(", "))
        }),
        seconds,
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        runs_per_second: executions as f64 / seconds.max(1e-9),
        sometimes: tally.sometimes,
        faults: tally.faults,
        failure: failure.cloned(),
        ..first.clone()
    }
}

/// Goals and faults of the whole, in the order in which one search would have met them.
fn tally(parts: &[Part<'_>]) -> Tally {
    let mut tally = Tally::default();
    if partition_is_whole(parts) {
        in_order(parts).iter().for_each(|unit| tally.add_counts(&unit.sometimes, &unit.faults));
    } else {
        parts.iter().for_each(|part| tally.add_counts(&part.scenario.sometimes, &part.scenario.faults));
    }
    tally
}

fn partition_is_whole(parts: &[Part<'_>]) -> bool {
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
