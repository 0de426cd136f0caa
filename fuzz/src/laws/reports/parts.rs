//! What a merge's parts are to one another, and the same whole in other parts.

use std::collections::BTreeSet;
use std::path::PathBuf;

use nevernone::report::{Report, ScenarioReport, ShardReport};
use nevernone::shard::Read;
use serde_json::Value;

fn scenarios(reports: &[Read]) -> impl Iterator<Item = &ScenarioReport> {
    reports.iter().flat_map(|(_, report)| &report.scenarios)
}

/// Whether no shard of a scenario is there twice: of two attempts only one counts, and which depends on their order.
pub(super) fn are_distinct(reports: &[Read]) -> bool {
    let mut known = BTreeSet::new();
    scenarios(reports).all(|scenario| {
        let index = scenario.shard.as_ref().map(|shard| shard.index);
        known.insert((&scenario.name, index))
    })
}

/// Whether a report has a part of a scenario of which others have the rest.
pub(super) fn is_needed(reports: &[Read], number: usize) -> bool {
    let (_, report) = &reports[number];
    let elsewhere = |name: &str| {
        let others = reports.iter().enumerate().filter(|(other, _)| *other != number);
        others.flat_map(|(_, (_, report))| &report.scenarios).any(|scenario| scenario.name == name)
    };
    report.scenarios.iter().any(|scenario| elsewhere(&scenario.name))
}

/// A report's scenarios as JSON, ordered by name: their order is that in which the reports name them.
pub(super) fn in_order_of_names(report: &Report) -> Vec<Value> {
    let mut scenarios: Vec<&ScenarioReport> = report.scenarios.iter().collect();
    scenarios.sort_by(|one, other| one.name.cmp(&other.name));
    scenarios.into_iter().map(|scenario| serde_json::to_value(scenario).expect("a report can be written")).collect()
}

/// The whole's units in that many other parts, where all of them are there and none failed. What belongs to no unit goes
/// with the first part.
pub(super) fn dealt_again(reports: &[Read], merged: &Report, parts: u32) -> Option<Vec<Read>> {
    let whole = |scenario: &ScenarioReport| {
        let shard = scenario.shard.as_ref().filter(|shard| shard.complete && shard.units_in_all > 0);
        shard.is_some() && scenario.failure.is_none()
    };
    if !scenarios(reports).all(whole) {
        return None;
    }
    let dealt = (1..=parts).map(|index| {
        let mut report = merged.clone();
        for scenario in &mut report.scenarios {
            let searched = scenarios(reports).find(|part| part.name == scenario.name)?;
            let shard = ShardReport { index, of: parts, ..searched.shard.clone()? };
            deal(scenario, shard);
        }
        Some((PathBuf::from(format!("dealt-{index}.json")), report))
    });
    dealt.collect()
}

/// Makes a part of a whole.
fn deal(scenario: &mut ScenarioReport, shard: ShardReport) {
    scenario.units.retain(|unit| unit.rank % shard.of + 1 == shard.index);
    scenario.runs = scenario.units.iter().map(|unit| unit.runs).sum();
    if shard.index > 1 {
        (scenario.executions, scenario.steps, scenario.seconds) = (0, 0, 0.0);
    }
    scenario.shard = Some(shard);
}
