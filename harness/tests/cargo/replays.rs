//! A replay line, pasted where it was printed.

use std::fs;

use nevernone::report::Report;

use crate::{Called, call, checked, command, project, run};

/// The line that replays the failure in a story.
#[track_caller]
fn line(called: &Called) -> &str {
    let (_, rest) = called.out.split_once("replay: ").unwrap_or_else(|| panic!("no replay line in:\n{called}"));
    rest.lines().next().expect("a line")
}

#[test]
fn the_printed_line_replays_in_a_fresh_shell() {
    let (called, _) = checked(&["cold_start::ready_means_wired", "--features", "shop/slow"]);
    let line = line(&called);
    assert!(line.starts_with("cargo nevernone replay --features shop/slow 'nn1:"), "{line}");
    let replayed = run(command("sh").args(["-c", line]));
    let told = ["cold_start::ready_means_wired", "draws part = 1", "failed: ready means wired", "cold-start.rs:"];
    replayed.says(1, &told);
    assert!(replayed.out.starts_with("a line of the test's own\n"), "what the test prints comes first:\n{replayed}");
    assert!(!replayed.out.contains("running 1 test"), "{replayed}");
}

#[test]
fn a_line_of_a_name_that_two_packages_have_says_which() {
    let (called, _) = checked(&["shop/startup::ready"]);
    let line = line(&called);
    assert!(line.starts_with("cargo nevernone replay --package shop 'nn1:"), "{line}");
    run(command("sh").args(["-c", line])).says(1, &["startup::ready", "the second part is never drawn"]);
    let token = line.split_once('\'').expect("a token").1.trim_end_matches('\'');
    call(&["replay", token]).says(2, &["several packages have a scenario `startup::ready`: billing, shop", "-p"]);
    // The other package's tree is the same, and does not fail there.
    call(&["replay", "-p", "billing", token]).says(0, &["passed: this run does not fail"]);
}

#[test]
fn an_expected_failure_replays_with_exit_code_0() {
    let (called, _) = checked(&["cold_start::fails_as_expected"]);
    run(command("sh").args(["-c", line(&called)])).says(0, &["failed: ready means wired"]);
}

#[test]
fn what_fails_is_recorded_for_cargo_test_to_execute_first() {
    let recorded = project().join("billing/nevernone-regressions");
    let _ = fs::remove_dir_all(&recorded);
    let (called, report) = checked(&["-p", "billing", "refuses"]);
    called.says(1, &["to be executed first from now on"]);
    let token = &report.scenarios[0].failure.as_ref().expect("it fails").token;
    let files = fs::read_dir(&recorded).expect("a folder").map(|entry| entry.expect("a file").path());
    let texts: Vec<String> = files.map(|file| fs::read_to_string(file).expect("text")).collect();
    assert!(texts.iter().any(|text| text.contains(token)), "{texts:?}");
}

#[test]
fn what_is_recorded_is_executed_before_every_search_and_rubbish_is_refused() {
    let file = project().join("shop/nevernone-regressions/cold_start.fails_later.txt");
    let _ = fs::remove_file(&file);
    let name = "cold_start::fails_later";
    let (called, first) = checked(&[name, "--faults", "1"]);
    called.says(1, &["to be executed first from now on"]);
    let text = fs::read_to_string(&file).expect("recorded");
    // Bounds that the failing run is beyond: it is no part of this search, and fails all the same.
    let (called, second) = checked(&[name, "--faults", "0"]);
    called.says(1, &["it was executed before the search, which was not begun"]);
    let token = |report: &Report| report.scenarios[0].failure.as_ref().expect("it fails").token.clone();
    assert_eq!((token(&second), fs::read_to_string(&file).expect("text")), (token(&first), text));
    fs::write(&file, "rubbish\n").expect("written");
    call(&["check", name]).says(2, &["fails_later.txt:1: `rubbish` is no token", "repair or delete it"]);
    assert_eq!(fs::read_to_string(&file).expect("text"), "rubbish\n", "nothing is overwritten");
    fs::remove_file(&file).expect("removed");
}
