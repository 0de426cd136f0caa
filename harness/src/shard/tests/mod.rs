//! Trees cut into shards, what each of them reports, and what the reports come to together.

mod checkpoint;
mod merging;
mod sums;

use std::path::PathBuf;

use super::{Read, Shard, merge};
use crate::Scenario;
use crate::campaign::{Options, check};
use crate::report::{Report, ScenarioReport};

fn search(scenario: &Scenario) -> ScenarioReport {
    check(scenario, &Options::default())
}

fn in_shard(scenario: &Scenario, index: u32, of: u32) -> ScenarioReport {
    check(scenario, &Options { shard: Some(Shard::new(index, of).unwrap()), ..Options::default() })
}

/// The reports of all shards, as if each had been written and read.
fn in_shards(scenario: &Scenario, of: u32) -> Vec<Read> {
    (1..=of).map(|index| read(&format!("{index}.json"), in_shard(scenario, index, of))).collect()
}

fn read(path: &str, report: ScenarioReport) -> Read {
    let text = serde_json::to_string_pretty(&Report::new(vec![report], true)).unwrap();
    (PathBuf::from(path), serde_json::from_str(&text).unwrap())
}

fn change(report: &mut Read, change: impl FnOnce(&mut ScenarioReport)) {
    change(&mut report.1.scenarios[0]);
}

/// A shard as if it had been stopped before its first unit was finished.
fn stopped(scenario: &mut ScenarioReport, reason: &str, cost: Option<u32>) {
    scenario.shard.as_mut().unwrap().complete = false;
    scenario.units.clear();
    scenario.cut_short.push(reason.to_owned());
    scenario.estimate = Some(1000.0);
    scenario.complete_to_cost = cost;
}

#[track_caller]
fn refused(reports: &[Read], reasons: &[&str]) {
    let message = merge(reports).expect_err("it does not fit").to_string();
    for reason in reasons {
        assert!(message.contains(reason), "`{reason}` is not in: {message}");
    }
}

#[test]
fn shards_are_counted_from_one() {
    let shard: Shard = "3/8".parse().unwrap();
    assert_eq!((shard.index(), shard.of(), shard.to_string().as_str()), (3, 8, "3/8"));
    assert!("8/8".parse::<Shard>().is_ok());
    for text in ["0/8", "9/8", "1/0", "0/0", "1/10001", "1", "/", "a/b", "-1/8", "1/8/2", ""] {
        assert!(text.parse::<Shard>().is_err(), "{text}");
    }
}
