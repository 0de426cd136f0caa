//! Failing runs that were found once are executed before every later search.

use std::fs;

use super::{PARTS, Package, Ran, SUBJECT};

#[test]
fn a_failing_run_is_recorded_and_the_next_test_needs_no_search() {
    let package = Package::new();
    let first = package.subject("red 3");
    let file = package.file().display().to_string();
    first.is_red(&[&format!("recorded in {file}, to be executed first from now on; commit it")]);
    let text = package.recorded();
    let token = first.token();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("# Failing runs of `engine::testing::subject`"), "{text}");
    assert_eq!(lines[2..], ["", "# ready means wired: does not hold", &token], "{text}");
    let second = package.subject("red 3");
    let place = format!("recorded at {file}:5; it was executed before the search, which was not begun");
    second.is_red(&["tests/engine/testing.rs:", "ready means", &place, "draws part = 3", "replay: NEVERNONE_REPLAY='"]);
    second.says(&["no smaller run was searched for"]);
    assert_eq!(second.token(), token);
    assert!(!second.out.contains("recorded in"), "{}", second.out);
    assert_eq!(package.recorded(), text, "once is enough");
}

#[test]
fn a_recorded_run_fails_whatever_the_bounds_are() {
    let package = Package::new();
    let _ = package.subject("red 3");
    let faultless = [("NEVERNONE_FAULTS", "0"), ("NEVERNONE_COST", "0"), ("NEVERNONE_SEED", "1")];
    package.run(&[SUBJECT], "red 3", &faultless).is_red(&["recorded at", "expected verified, found failed"]);
}

#[test]
fn a_recorded_run_that_passes_is_kept_and_the_search_goes_on() {
    let package = Package::new();
    let _ = package.subject("red 3");
    let text = package.recorded();
    let repaired = package.subject("green");
    repaired.is_green(&[&format!("verified, {PARTS} runs within")]);
    assert_eq!((repaired.err.as_str(), package.recorded()), ("", text));
    // Another failure is found behind it, and added.
    let again = package.subject("red 5");
    again.is_red(&["draws part = 5", "recorded in"]);
    assert_eq!(package.tokens().len(), 2);
    package.subject("red 5").is_red(&[".txt:7; it was executed before the search"]);
}

#[test]
fn a_stale_run_is_told_and_searched_for_again() {
    let package = Package::new();
    let _ = package.subject("red 3");
    let text = package.recorded();
    let stale = format!("{}:5 is stale, and was searched for again: the token is outdated", package.file().display());
    let green = package.subject("renamed");
    green.is_green(&[&format!("verified, {PARTS} runs within"), &stale]);
    assert!(green.err.contains(&stale), "hidden by the test harness:\n{}", green.err);
    assert_eq!(package.recorded(), text);
    package.subject("renamed red 3").is_red(&[&stale, "draws piece = 3", "recorded in"]);
    assert_eq!(package.tokens().len(), 2);
    assert!(package.recorded().starts_with(&text));
}

#[test]
fn a_run_of_another_version_is_stale_and_no_rubbish() {
    let package = Package::new();
    package.record(Package::token(3).replacen("nn1", "nn7", 1));
    let green = package.subject("red 99");
    green.is_green(&[&format!("verified, {PARTS} runs within"), ".txt:1 is stale", "version `nn7`"]);
}

#[test]
fn what_editors_do_to_a_file_does_no_harm() {
    let package = Package::new();
    let (three, five) = (Package::token(3), Package::token(5));
    package.record(format!("\u{feff}# by hand\r\n\r\n  {three}  \r\n{three}\r\n   # {five}"));
    package.subject("red 3").is_red(&[".txt:3; it was executed"]);
    package.subject("red 5").is_red(&["recorded in"]);
    // The last line had no end.
    assert_eq!(package.recorded().lines().last(), Some(&*five));
    package.subject("red 5").is_red(&[".txt:7; it was executed"]);
}

#[test]
fn processes_side_by_side_lose_and_double_nothing() {
    let package = Package::new();
    let started: Vec<_> = (0..PARTS)
        .flat_map(|part| [part, part])
        .map(|part| package.start(&[SUBJECT, "--exact"], &format!("red {part}"), &[]))
        .collect();
    for child in started {
        let _ = Ran::of(child);
    }
    let text = package.recorded();
    let mut tokens = package.tokens();
    assert_eq!(tokens.len(), PARTS as usize, "{text}");
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), PARTS as usize, "{text}");
    assert_eq!(text.matches("# Failing runs of").count(), 1, "{text}");
    assert_eq!(text.matches("# ready means wired: does not hold\nnn1:").count(), PARTS as usize, "{text}");
    package.subject("green").is_green(&["verified"]);
}

#[test]
fn a_test_that_is_expected_to_fail_records_nothing_and_executes_nothing_recorded() {
    let package = Package::new();
    let expected = |package: &Package| package.run(&["testing::expected_to_fail", "--exact", "--show-output"], "", &[]);
    expected(&package).is_green(&["failed, "]);
    let folder = package.0.join("nevernone-regressions");
    assert!(!folder.exists());
    fs::create_dir(&folder).unwrap();
    let file = folder.join("engine.testing.expected_to_fail.txt");
    let old = "nn1:engine%3a%3atesting%3a%3aexpected_to_fail:-:0000000000000001";
    // As a token of this test that was recorded before it was expected to fail.
    let token = nevernone::choice::token::Token {
        scenario: "engine::testing::expected_to_fail".to_owned(),
        choices: Vec::new(),
        history: 1,
    };
    assert!(token.to_string().starts_with(old));
    fs::write(&file, token.to_string()).unwrap();
    let aside = expected(&package);
    aside.is_green(&["1 recorded run is not executed, since this test is expected to fail"]);
    assert!(aside.err.contains("not executed"), "{}", aside.err);
}

#[test]
fn a_replay_records_nothing() {
    let package = Package::new();
    let token = Package::token(3);
    let replay = [("NEVERNONE_REPLAY", &*token)];
    package.run(&[SUBJECT, "--exact"], "red 3", &replay).is_red(&["draws part = 3"]);
    assert_eq!(fs::read_dir(&package.0).unwrap().count(), 0, "neither runs nor reports");
}

#[test]
fn a_package_that_is_not_there_is_told_beside_the_failure() {
    let package = Package::new();
    let gone = package.0.join("gone");
    let elsewhere = [("CARGO_MANIFEST_DIR", gone.to_str().unwrap())];
    let ran = package.run(&[SUBJECT, "--exact"], "red 3", &elsewhere);
    ran.is_red(&["draws part = 3", "the failing run could not be recorded in", "gone"]);
    assert!(!gone.exists());
}

#[test]
fn a_program_that_is_started_by_another_package_records_in_its_own() {
    let package = Package::new();
    let foreign = [("CARGO_PKG_NAME", "xtask")];
    // The subject is green: nothing may be written into the real package.
    package.record("rubbish");
    package.run(&[SUBJECT, "--exact"], "green", &foreign).is_green(&[]);
    package.run(&[SUBJECT, "--exact"], "green", &[]).is_red(&["`rubbish` is no token"]);
}
