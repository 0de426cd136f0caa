//! What the shards of one search come to together, field by field.

use serde_json::Value;
use tokio::task::yield_now;

use super::{change, in_shard, in_shards, read, refused, search, stopped};
use crate::report::{FailureReport, Report, ScenarioReport};
use crate::shard::{Read, merge};
use crate::{Scenario, Verdict, any_moment, choose, fault, fault_at, sometimes};

/// A little of everything that a report tells: goals, faults, places, spawned tasks, a described place that is not met.
fn everything() -> Scenario {
    Scenario::new("everything", || async {
        let _ = fault_at("cache.open").ok(|| ()).err(|| "refused");
        let beside = tokio::spawn(yield_now());
        let early = choose("early", 3) == 0;
        sometimes("early", early);
        any_moment("a request arrives").await;
        let refused = fault("database", &["refused"]).is_some();
        sometimes("refused", refused && early);
        beside.await.unwrap();
    })
    .faults(1)
}

fn merged(reports: &[Read]) -> ScenarioReport {
    merge(reports).unwrap().scenarios.remove(0)
}

fn json(report: &ScenarioReport) -> serde_json::Map<String, Value> {
    let Value::Object(fields) = serde_json::to_value(report).unwrap() else { panic!("{report:?}") };
    fields
}

#[test]
fn every_field_of_the_sum_is_that_of_the_whole_or_of_all_the_parts() {
    for (scenario, of) in [(everything(), 3), (everything().faults(0), 3), (everything().faults(0), 1)] {
        let (whole, reports) = (search(&scenario), in_shards(&scenario, of));
        let sum = merged(&reports);
        let (mut told, mut expected) = (json(&sum), json(&whole));
        // Probes, repetitions and time are each part's own; a whole search is told without its units.
        for own in ["executions", "steps", "seconds", "runs_per_second", "units"] {
            assert!(told.remove(own).is_some() && expected.remove(own).is_some(), "{own}");
        }
        assert_eq!(told, expected);
        let parts = || reports.iter().map(|(_, report)| &report.scenarios[0]);
        assert_eq!(sum.executions, parts().map(|part| part.executions).sum::<u64>());
        assert_eq!(sum.steps, parts().map(|part| part.steps).sum::<u64>());
        let longest = parts().map(|part| part.seconds).fold(0.0, f64::max);
        #[expect(clippy::cast_precision_loss, reason = "as it is told")]
        let rate = sum.executions as f64 / longest;
        assert_eq!((sum.seconds, sum.runs_per_second), (longest, rate));
        assert!(sum.units.iter().map(|unit| unit.rank).eq(0..u32::try_from(sum.units.len()).unwrap()));
    }
}

#[test]
fn what_the_sum_tells_is_no_accident() {
    let mut reports = in_shards(&everything(), 3);
    // Not only the first part is asked.
    change(&mut reports[0], |part| {
        (part.lane, part.seconds) = (0, 0.0);
        part.places.clear();
        part.offered.clear();
    });
    change(&mut reports[1], |part| part.seconds = 2.5);
    let sum = merged(&reports);
    assert_eq!((sum.verdict, sum.lane, &sum.places[..]), (Verdict::Vacuous, 1, &["database".to_owned()][..]));
    assert_eq!((sum.seconds, &sum.offered), (2.5, &search(&everything()).offered));
    assert_eq!(sum.sometimes.iter().map(|goal| goal.hits > 0).collect::<Vec<_>>(), [true, true]);
    let quiet = Scenario::new("quiet", || async {
        let _ = fault_at("cache.open").ok(|| ()).err(|| "refused");
        let _ = (choose("first", 3), fault("database", &["refused"]));
    });
    let sum = merged(&in_shards(&quiet.faults(0), 2));
    assert_eq!(sum.verdict, Verdict::Verified);
    assert!(sum.notes.iter().any(|note| note.contains("no code came to `cache.open`")), "{:?}", sum.notes);
}

/// Fails in the run that draws these numbers, and is expected to.
fn fails_at(first: u32, second: u32) -> Scenario {
    let body = move || async move {
        let drawn = (choose("first", 4), choose("second", 4));
        assert_ne!(drawn, (first, second), "drawn");
    };
    Scenario::new("fails", body).expect(Verdict::Failed)
}

#[test]
fn a_failure_is_expected_by_its_property_or_not_at_all() {
    let ok = |scenario: &Scenario| {
        let (sum, whole) = (merged(&in_shards(scenario, 2)), search(scenario));
        assert_eq!((sum.verdict, sum.ok), (Verdict::Failed, whole.ok), "{scenario:?}");
        sum.ok
    };
    assert!(ok(&fails_at(3, 3)));
    assert!(ok(&fails_at(3, 3).expect_failed_by("panic")));
    assert!(!ok(&fails_at(3, 3).expect_failed_by("another")));
    assert!(!ok(&fails_at(3, 3).expect(Verdict::Verified)));
}

#[test]
fn of_two_failures_of_one_cost_the_first_in_order_is_told_whichever_shard_found_it() {
    let mut reports = in_shards(&fails_at(3, 1), 2);
    let found = |scenario: &Scenario| search(scenario).failure.unwrap();
    let (first, last) = (found(&fails_at(1, 3)), found(&fails_at(3, 1)));
    for (one, other) in [(&first, &last), (&last, &first)] {
        change(&mut reports[0], |scenario| scenario.failure = Some(one.clone()));
        change(&mut reports[1], |scenario| scenario.failure = Some(other.clone()));
        assert_eq!(merged(&reports).failure.unwrap().token, first.token);
        change(&mut reports[0], |scenario| scenario.failure.as_mut().unwrap().cost = 9);
        assert_eq!(merged(&reports).failure.unwrap().token, other.token, "the cheaper one comes first");
    }
}

#[test]
fn a_failure_of_the_first_probe_is_no_sum() {
    let always = Scenario::new("always", || async { assert!(choose("first", 3) > 9, "always") });
    let (sum, whole) = (merged(&in_shards(&always, 4)), search(&always));
    assert_eq!((sum.verdict, sum.runs, sum.units.len()), (Verdict::Failed, whole.runs, 0));
}

#[test]
fn a_failure_that_only_one_shard_came_to_is_part_of_the_sum() {
    // Beyond the cost of what every shard looks at first.
    let deep = Scenario::new("deep", || async {
        let faults = ["one", "two", "three"].map(|place| fault(place, &["a", "b", "c", "d", "e"]));
        assert!(faults.iter().flatten().filter(|fault| fault.kind == "c").count() < 3, "deep");
    });
    let deep = deep.faults(3);
    let reports = in_shards(&deep, 2);
    let runs = |index: usize| reports[index].1.scenarios[0].runs;
    let failed = |index: usize| reports[index].1.scenarios[0].failure.is_some();
    assert_ne!(failed(0), failed(1));
    let sum = merged(&reports);
    assert_eq!(
        (sum.verdict, sum.runs, sum.failure.map(|failure| failure.cost)),
        (Verdict::Failed, runs(0) + runs(1), Some(3))
    );
}

#[test]
fn an_unfinished_sum_is_complete_as_far_as_its_least_part_and_keeps_what_was_said() {
    let mut reports = in_shards(&everything(), 3);
    change(&mut reports[1], |scenario| stopped(scenario, "stopped after 1s", Some(2)));
    change(&mut reports[2], |scenario| stopped(scenario, "stopped after 1s", Some(1)));
    let whole = merged(&in_shards(&everything(), 3));
    let sum = merged(&reports);
    assert_eq!((sum.verdict, sum.ok, sum.exit_code()), (Verdict::Incomplete, false, 3));
    assert_eq!((sum.complete_to_cost, sum.estimate), (Some(1), Some(1000.0)));
    assert_eq!(sum.cut_short, ["stopped after 1s"], "said by two and told once");
    assert_eq!(
        sum.advice.unwrap(),
        "not finished: shard 2, 3; give it more time, or let it go on from its --checkpoint"
    );
    assert_eq!((sum.notes.len(), &sum.sometimes), (0, &whole.sometimes), "what the parts themselves counted");
    change(&mut reports[2], |scenario| scenario.complete_to_cost = None);
    assert_eq!(merged(&reports).complete_to_cost, None);
    // A failure needs no advice: it is there.
    let failure = search(&fails_at(1, 1)).failure;
    change(&mut reports[2], |scenario| scenario.failure = failure);
    assert_eq!(merged(&reports).advice, None);
}

#[test]
fn what_one_part_could_not_control_or_cut_short_makes_the_sum_incomplete() {
    let quiet = Scenario::new("quiet", || async { assert!(choose("first", 3) + choose("second", 3) < 9) });
    let verdict = |damage: fn(&mut ScenarioReport)| {
        let mut reports = in_shards(&quiet, 2);
        change(&mut reports[1], damage);
        let sum = merged(&reports);
        assert_eq!(sum.advice, None, "every shard was finished");
        (sum.verdict, sum.cut_short.len(), sum.uncontrolled.len())
    };
    assert_eq!(verdict(|_| ()), (Verdict::Verified, 0, 0));
    assert_eq!(verdict(|part| part.cut_short.push("a run was cut".to_owned())), (Verdict::Incomplete, 1, 0));
    assert_eq!(verdict(|part| part.uncontrolled.push("a clock".to_owned())), (Verdict::Incomplete, 0, 1));
}

#[test]
fn scenarios_are_told_in_the_order_in_which_they_are_met() {
    let both = |index| {
        let (_, mut report) = read("", in_shard(&everything(), index, 2));
        report.scenarios.push(in_shard(&fails_at(9, 9), index, 2));
        report.build.calibrated = index == 1;
        (format!("{index}.json").into(), report)
    };
    let report: Report = merge(&[both(1), both(2)]).unwrap();
    let names: Vec<&str> = report.scenarios.iter().map(|scenario| &*scenario.name).collect();
    assert_eq!((names, report.build.calibrated), (vec!["everything", "fails"], false));
    assert_eq!(report.scenarios[1].runs, 16);
}

#[test]
fn damaged_reports_are_refused_for_what_is_wrong_with_them() {
    let two = || in_shards(&everything(), 2);
    let damaged = |damage: &dyn Fn(&mut ScenarioReport), reasons: &[&str]| {
        let mut reports = two();
        change(&mut reports[1], damage);
        refused(&reports, reasons);
    };
    damaged(&|part| part.shard.as_mut().unwrap().index = 3, &["2.json", "there is no shard 3 of 2"]);
    damaged(&|part| part.shard.as_mut().unwrap().fingerprint.scenario = "x".into(), &["its fingerprint is of `x`"]);
    damaged(&|part| part.shard.as_mut().unwrap().partition = "x".into(), &["2.json", "cut otherwise than", "1.json"]);
    damaged(&|part| part.executions = u64::MAX, &["`everything`", "beyond all that can be counted"]);
    let broken = search(&fails_at(1, 1)).failure.map(|failure| FailureReport { token: "nn1:?".to_owned(), ..failure });
    damaged(&|part| part.failure.clone_from(&broken), &["2.json", "its token `nn1:?` does not read"]);
}

#[test]
fn two_reports_of_one_shard_may_differ_in_effort_and_not_in_what_they_found() {
    let again = |scenario: &Scenario, damage: &dyn Fn(&mut ScenarioReport)| {
        let mut reports = in_shards(scenario, 2);
        reports.push(read("again.json", in_shard(scenario, 2, 2)));
        change(&mut reports[2], damage);
        reports
    };
    let effort = |part: &mut ScenarioReport| {
        part.units[0].executions += 1;
        part.units[0].steps += 1;
    };
    let (sum, first) = (merged(&again(&everything(), &effort)), merged(&in_shards(&everything(), 2)));
    assert_eq!((sum.runs, sum.units), (first.runs, first.units), "the one that was read first counts");
    // Fails in the second shard: after it, what else was counted is the workers' affair.
    let (failing, other) = (fails_at(3, 3), search(&fails_at(1, 1)).failure);
    assert_eq!(merged(&again(&failing, &|part| part.units.clear())).verdict, Verdict::Failed);
    refused(&again(&failing, &|part| part.failure.clone_from(&other)), &["again.json", "contradicts 2.json"]);
    refused(&again(&failing, &|part| part.failure = None), &["again.json", "contradicts 2.json"]);
    // The finished one counts, whichever is read first.
    let mut reports = again(&everything(), &|part| stopped(part, "stopped", None));
    assert_eq!(merged(&reports).verdict, Verdict::Vacuous);
    reports.swap(1, 2);
    assert_eq!(merged(&reports).verdict, Verdict::Vacuous);
    // Of two that were stopped the first.
    change(&mut reports[2], |part| stopped(part, "stopped later", None));
    assert_eq!(merged(&reports).cut_short, ["stopped"]);
}
