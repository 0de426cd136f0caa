//! What `merge` refuses, and what it takes.

use std::path::Path;

use super::{change, in_shard, in_shards, read, refused, search, stopped};
use crate::campaign::{Options, check};
use crate::report::ScenarioReport;
use crate::shard::{Shard, merge, read_report, report_from};
use crate::{Scenario, Verdict, choose};

/// Twelve runs.
fn tree() -> Scenario {
    Scenario::new("tree", || async {
        let first = choose("first", 3);
        tokio::task::yield_now().await;
        let _ = first + choose("second", 4);
    })
    .preemptions(0)
}

#[test]
fn the_same_shard_twice_counts_once() {
    let mut reports = in_shards(&tree(), 3);
    reports.push(read("again.json", in_shard(&tree(), 2, 3)));
    let merged = merge(&reports).unwrap().scenarios.remove(0);
    assert_eq!((merged.runs, merged.verdict), (12, Verdict::Verified));
}

#[test]
fn a_missing_shard_is_named() {
    let mut reports = in_shards(&tree(), 3);
    reports.remove(1);
    refused(&reports, &["`tree`", "missing: 2/3"]);
    refused(&[], &["nothing to merge"]);
}

#[test]
fn a_shard_of_another_search_is_refused_with_the_difference() {
    let other = |shard: ScenarioReport| [in_shards(&tree(), 2).remove(0), read("other.json", shard)];
    refused(&other(in_shard(&tree().faults(0), 2, 2)), &["other.json", "other bounds", "faults≤0"]);
    refused(&other(in_shard(&tree(), 2, 3)), &["other.json", "one of 3 shards"]);
    let mut reports = in_shards(&tree(), 2);
    change(&mut reports[1], |scenario| scenario.shard.as_mut().unwrap().fingerprint.build = "f00".to_owned());
    refused(&reports, &["2.json", "another build (`f00`"]);
    refused(&other(search(&tree())), &["other.json", "no shard"]);
}

#[test]
fn reports_that_contradict_each_other_or_themselves_are_refused() {
    let mut reports = in_shards(&tree(), 2);
    reports.push(read("again.json", in_shard(&tree(), 2, 2)));
    change(&mut reports[2], |scenario| {
        scenario.units[0].runs += 1;
        scenario.runs += 1;
    });
    refused(&reports, &["again.json", "contradicts 2.json"]);
    let mut reports = in_shards(&tree(), 2);
    change(&mut reports[0], |scenario| scenario.runs += 1);
    refused(&reports, &["1.json", "its units have"]);
}

#[test]
fn units_that_are_not_the_tree_are_refused() {
    let drop_unit = |scenario: &mut ScenarioReport| {
        let unit = scenario.units.pop().unwrap();
        scenario.runs -= unit.runs;
    };
    let mut reports = in_shards(&tree(), 2);
    change(&mut reports[0], drop_unit);
    refused(&reports, &["`tree`", "units are not the 12"]);
    let mut reports = in_shards(&tree(), 2);
    change(&mut reports[0], |scenario| scenario.units[0].chain.push('0'));
    refused(&reports, &["`tree`", "not those that the tree was cut into"]);
}

#[test]
fn an_incomplete_shard_gives_way_to_a_complete_one_and_is_incomplete_alone() {
    let mut reports = in_shards(&tree(), 2);
    let complete = reports[1].clone();
    change(&mut reports[1], |scenario| stopped(scenario, "stopped after 1s", None));
    let merged = merge(&reports).unwrap().scenarios.remove(0);
    assert_eq!((merged.verdict, merged.ok), (Verdict::Incomplete, false));
    assert!(merged.advice.unwrap().contains("not finished: shard 2"));
    reports.push(complete);
    assert_eq!(merge(&reports).unwrap().scenarios[0].verdict, Verdict::Verified);
}

#[test]
fn a_shard_that_was_stopped_before_its_tree_was_cut_fits_one_that_was_not() {
    let uncut = Options { max_executions: Some(1), shard: Some(Shard::new(2, 2).unwrap()), ..Options::default() };
    let uncut = check(&tree(), &uncut);
    let shard = uncut.shard.clone().unwrap();
    assert_eq!((shard.units_in_all, shard.complete), (0, false), "it could not even be cut");
    let reports = [in_shards(&tree(), 2).remove(0), read("2.json", uncut)];
    assert_ne!(reports[0].1.scenarios[0].shard.as_ref().unwrap().partition, shard.partition);
    let merged = merge(&reports).unwrap().scenarios.remove(0);
    assert_eq!((merged.verdict, merged.ok), (Verdict::Incomplete, false));
}

#[test]
fn as_much_is_added_up_as_can_be_counted() {
    let counts = |part: &ScenarioReport| {
        let own = part.runs + part.executions + part.steps;
        own + part.units.iter().map(|unit| unit.runs + unit.executions + unit.steps).sum::<u64>()
    };
    let mut reports = in_shards(&tree(), 2);
    let all: u64 = reports.iter().map(|(_, report)| counts(&report.scenarios[0])).sum();
    change(&mut reports[1], |part| part.executions += u64::MAX - all);
    assert!(merge(&reports).is_ok());
    change(&mut reports[1], |part| part.executions += 1);
    refused(&reports, &["beyond all that can be counted"]);
}

#[test]
fn a_file_that_is_no_report_is_named_with_its_line() {
    let rubbish = b"{\n  \"version\": 1,\n  oh\n";
    let message = report_from(Path::new("broken.json"), rubbish).unwrap_err().to_string();
    assert!(message.contains("broken.json:3: this is no report"), "{message}");
    let (path, report) = read("1.json", search(&tree()));
    let text = serde_json::to_string(&report).unwrap();
    let version = |number| text.replace("\"version\":1", &format!("\"version\":{number}"));
    let again = report_from(&path, version(1).as_bytes()).unwrap();
    assert_eq!((again.0, serde_json::to_string(&again.1).unwrap()), (path.clone(), text.clone()));
    let message = report_from(&path, version(2).as_bytes()).unwrap_err().to_string();
    assert!(message.contains("1.json: it is of version 2, and this build reads 1"), "{message}");
    let message = read_report(Path::new("not there.json")).unwrap_err().to_string();
    assert!(message.contains("not there.json cannot be read"), "{message}");
}
