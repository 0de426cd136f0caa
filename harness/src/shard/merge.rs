//! Shards into one verdict.
//!
//! Every report says how the whole tree was cut (a hash over all units) and which units it searched. So the union of all
//! reports is known to be the tree exactly: no unit is missing, none was searched under other bounds, none counts twice.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::partition::hash_of_chains;
use super::sum::{add_up, in_order, partition_is_whole};
use super::{Shard, UnitReport};
use crate::choice::token::Token;
use crate::report::terminal::bounds;
use crate::report::{Report, ScenarioReport, ShardReport};

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
    report_from(path, &text)
}

/// Reads a report whose bytes are here already; `path` is what errors call it.
///
/// # Errors
/// Where it is no report.
pub fn report_from(path: &Path, text: &[u8]) -> Result<Read, MergeError> {
    match serde_json::from_slice::<Report>(text) {
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
pub(super) struct Part<'a> {
    pub(super) path: &'a Path,
    pub(super) scenario: &'a ScenarioReport,
    pub(super) shard: &'a ShardReport,
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
    if counts(&parts) > u128::from(u64::MAX) {
        return Err(MergeError::Missing(format!(
            "`{name}`: the counts are beyond all that can be counted: damaged reports"
        )));
    }
    if let Some(problem) = partition_problem(&parts) {
        return Err(MergeError::Missing(format!("`{name}`: {problem}")));
    }
    Ok(add_up(&parts))
}

/// What is wrong with a report by itself.
fn fits_itself(part: Part<'_>) -> Option<String> {
    let Part { scenario, shard, .. } = part;
    // Of four thousand million shards those that are missing could not even be listed.
    if let Err(reason) = Shard::new(shard.index, shard.of) {
        return Some(reason);
    }
    if shard.fingerprint.scenario != scenario.name {
        return Some(format!("its fingerprint is of `{}`", shard.fingerprint.scenario));
    }
    let searched: u128 = scenario.units.iter().map(|unit| u128::from(unit.runs)).sum();
    if shard.complete && shard.units_in_all > 0 && searched != u128::from(scenario.runs) {
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

/// Everything that the parts count, so that no sum over any of it runs over.
fn counts(parts: &[Part<'_>]) -> u128 {
    let scenarios = || parts.iter().map(|part| part.scenario);
    let units = || scenarios().flat_map(|scenario| &scenario.units);
    let own = scenarios().flat_map(|scenario| [scenario.runs, scenario.executions, scenario.steps]);
    let of_units = units().flat_map(|unit| [unit.runs, unit.executions, unit.steps]);
    let goals = scenarios().flat_map(|scenario| &scenario.sometimes).chain(units().flat_map(|unit| &unit.sometimes));
    let faults = scenarios().flat_map(|scenario| &scenario.faults).chain(units().flat_map(|unit| &unit.faults));
    let hits = goals.map(|goal| goal.hits).chain(faults.map(|fault| fault.fired));
    own.chain(of_units).chain(hits).map(u128::from).sum()
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
