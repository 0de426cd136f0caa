//! `#[nevernone::test(isolate = "process")]`: the program executes itself, and tells what came of it as its own.

use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use nevernone::{always, choose, fault, sometimes};

/// How the tests below are to end; green where it is not set.
const VARIABLE: &str = "NEVERNONE_TEST_ENDS";

fn ends(how: &str) -> bool {
    std::env::var(VARIABLE).is_ok_and(|asked| asked == how)
}

static CELL: OnceLock<u32> = OnceLock::new();

#[nevernone::test(isolate = "process", preemptions = 0)]
async fn fills_a_static() {
    println!("a line of the test's own");
    let value = choose("value", 3);
    assert_eq!(CELL.set(value), Ok(()), "filled by an earlier run");
    sometimes("the goal", !ends("vacuous"));
    if ends("exit") && fault("connect", &["err"]).is_some() {
        std::process::exit(0);
    }
    always("ready means wired", move || value == 0 || !ends("red"));
}

#[nevernone::test(isolate = "process", expect_failed_by = "process")]
async fn is_expected_to_end_its_process() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    // Every run is the first.
    if RUNS.fetch_add(1, Ordering::SeqCst) == 0 && choose("value", 3) == 2 {
        std::process::abort();
    }
}

/// What a fresh process prints of that test, and whether it failed.
fn told(ends: &str, variable: Option<(&str, &str)>) -> (String, bool) {
    let program = std::env::current_exe().expect("a test knows its own program");
    let mut command = Command::new(program);
    command.args(["tests::fills_a_static", "--exact", "--nocapture"]).env(VARIABLE, ends).envs(variable);
    // Failing runs are recorded in the package, which is another one here, that is not there.
    let nowhere = concat!(env!("CARGO_TARGET_TMPDIR"), "/no package");
    command.env("CARGO_PKG_NAME", "nevernone").env("CARGO_MANIFEST_DIR", nowhere);
    let output = command.output().expect("the program starts");
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    (text.into_owned(), !output.status.success())
}

#[test]
fn a_green_test_tells_its_verdict_and_what_it_printed() {
    let (out, failed) = told("green", None);
    assert!(!failed, "{out}");
    for expected in ["tests::fills_a_static: verified, 3 runs", "isolation: process", "a line of the test's own"] {
        assert!(out.contains(expected), "`{expected}` is not in:\n{out}");
    }
    // Once, not by the process within as well.
    assert_eq!(out.matches("running 1 test").count(), 1, "{out}");
}

#[test]
fn a_red_test_is_red_and_its_replay_line_replays() {
    let (out, failed) = told("red", None);
    assert!(failed && out.contains("ready means wired: does not hold"), "{out}");
    let (_, rest) = out.split_once("NEVERNONE_REPLAY='").expect("a replay line");
    let token = rest.split_once('\'').expect("a quoted token").0;
    let (out, failed) = told("red", Some(("NEVERNONE_REPLAY", token)));
    assert!(failed && out.contains("draws value = 1"), "{out}");
    let (out, failed) = told("green", Some(("NEVERNONE_REPLAY", token)));
    assert!(!failed && out.contains("this run does not fail"), "{out}");
}

#[test]
fn a_run_that_ends_its_process_without_an_error_is_red_all_the_same() {
    let (out, failed) = told("exit", None);
    assert!(failed && out.contains("process: a step of `scenario` ended the process: exit code 0"), "{out}");
    let (out, failed) = told("vacuous", None);
    assert!(failed && out.contains("never came true: the goal"), "{out}");
}

#[test]
fn a_scenario_that_the_harness_does_not_know_is_no_green_test() {
    let scenario = nevernone::Scenario::new("isolate::tests::nowhere", || async {}).isolated();
    let told = std::thread::spawn(move || nevernone::testing::run(&scenario)).join().expect_err("no verdict");
    let told = told.downcast_ref::<String>().expect("a text");
    assert!(told.contains("before a verdict") && told.contains("`tests::nowhere`"), "{told}");
}
