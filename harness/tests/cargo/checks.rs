//! `check`: every verdict with its exit code, the table, the report.

use nevernone::Verdict;

use crate::{checked, command, project, run, scenario, scratch};

#[test]
fn every_verdict_has_its_exit_code_and_its_words() {
    let cases: [(&[&str], i32, &str); 8] = [
        (&["shop::tests::a_part_is_drawn"], 0, "verified"),
        (&["a_part_is_drawn", "--explorer", "random", "--runs", "50"], 0, "sampled"),
        (&["cold_start::fails_as_expected"], 0, "failed, as expected"),
        (&["deep::wide"], 0, "729"),
        (&["cold_start::takes_long"], 0, "verified"),
        (&["cold_start::ready_means_wired"], 1, "failed (expected verified)"),
        (&["cold_start::endless", "--max-time", "100ms"], 3, "stopped after 100ms"),
        (&["cold_start::no_such_part"], 4, "never came true: the fourth part"),
    ];
    for (words, code, says) in cases {
        let (called, report) = checked(&[&["-p", "shop"], words].concat());
        called.says(code, &[says, "searched at await points on one thread"]);
        assert_eq!(report.scenarios.len(), 1, "{called}");
        assert!(!called.out.contains("a line of the test's own"), "{called}");
    }
}

#[test]
fn a_whole_workspace_comes_to_one_table_and_one_report() {
    // For the one that never ends; long enough for all the others, also where the machine does other things.
    let (called, report) = checked(&["--max-time", "5s"]);
    called.says(1, &["3 left out, marked with `ignore`", "of 9 scenarios as expected"]);
    let expected = [
        ("shop::tests::a_part_is_drawn", Verdict::Verified, true),
        ("cold_start::fails_as_expected", Verdict::Failed, true),
        ("cold_start::ready_means_wired", Verdict::Failed, false),
        ("cold_start::no_such_part", Verdict::Vacuous, false),
        ("cold_start::endless", Verdict::Incomplete, false),
        ("cold_start::deep::wide", Verdict::Verified, true),
        ("cold_start::takes_its_process_with_it", Verdict::Failed, false),
        ("billing/startup::ready", Verdict::Verified, true),
        ("shop/startup::ready", Verdict::Failed, false),
    ];
    for (name, verdict, ok) in expected {
        let found = scenario(&report, name);
        assert_eq!((found.verdict, found.ok), (verdict, ok), "{name}\n{called}");
    }
    assert_eq!(report.scenarios.len(), expected.len());
    for package in ["shop", "billing"] {
        assert!(!project().join(package).join("trace").exists(), "a test was run that is no scenario");
    }
}

#[test]
fn a_process_that_dies_is_a_failure_with_its_last_words() {
    let (called, report) = checked(&["cold_start::takes_its_process_with_it", "deep::wide"]);
    called.says(1, &["the test's process ended without a report (signal: 6 (SIGABRT)", "its last words", "verified"]);
    let died = scenario(&report, "cold_start::takes_its_process_with_it");
    assert!(died.failure.is_none() && died.cut_short[0].contains("its last words"), "{died:?}");
}

#[test]
fn bounds_from_the_command_line_reach_the_test() {
    let (_, report) = checked(&["billing/startup::ready", "--faults", "7", "--cost", "9", "--jobs", "1"]);
    let bounds = report.scenarios[0].bounds;
    assert_eq!((bounds.faults, bounds.cost, bounds.preemptions), (Some(7), Some(9), Some(2)));
}

#[test]
fn bounds_from_the_environment_reach_it_too_and_the_command_line_goes_before_them() {
    let folder = scratch();
    let words =
        ["nevernone", "check", "billing/startup::ready", "--cost", "9", "--out", folder.to_str().expect("text")];
    let around = [("NEVERNONE_FAULTS", "7"), ("NEVERNONE_COST", "4"), ("NEVERNONE_JOBS", "1")];
    run(command("cargo").args(words).envs(around)).says(0, &["faults≤7", "cost≤9"]);
}
