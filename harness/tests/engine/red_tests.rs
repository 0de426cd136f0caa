//! What `cargo test` shows of a red `#[nevernone::test]`: a fresh process runs one, and the user's own line comes first.

use std::process::Command;

use nevernone::{always, choose, sometimes};

/// How the test below is to end; green where it is not set.
const VARIABLE: &str = "NEVERNONE_TEST_ENDS";

fn ends(how: &str) -> bool {
    std::env::var(VARIABLE).is_ok_and(|asked| asked == how)
}

const ITS_LINE: u32 = line!() + 2;

#[nevernone::test(preemptions = 0)]
async fn ends_as_it_is_asked() {
    let part = choose("part", 2);
    sometimes("the goal", !ends("vacuous"));
    always("ready means wired", move || part == 0 || !ends("red"));
}

const LINE_OF_ALWAYS: u32 = line!() - 3;

/// What a fresh process prints of that test, and whether it failed.
fn told(ends: &str, variable: Option<(&str, &str)>) -> (String, bool) {
    let program = std::env::current_exe().expect("a test knows its own program");
    let mut command = Command::new(program);
    command.args(["red_tests::ends_as_it_is_asked", "--exact"]).env(VARIABLE, ends).env("RUST_BACKTRACE", "1");
    // Failing runs are recorded in the package, which is another one here, that is not there.
    let nowhere = concat!(env!("CARGO_TARGET_TMPDIR"), "/no package");
    command.env("CARGO_PKG_NAME", "nevernone").env("CARGO_MANIFEST_DIR", nowhere);
    let output = command.envs(variable).output().expect("the program starts");
    // Captured by the test harness, which prints all of it to standard output.
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    (String::from_utf8(output.stdout).expect("text"), !output.status.success())
}

/// The first line of a red test; nothing else may look like the place where it failed.
#[track_caller]
fn first_line(ends: &str, variable: Option<(&str, &str)>) -> (String, String) {
    let (out, failed) = told(ends, variable);
    assert!(failed, "{out}");
    for misleading in ["panicked at", "src/testing", "stack backtrace"] {
        assert!(!out.contains(misleading), "`{misleading}` in:\n{out}");
    }
    let (_, shown) = out.split_once("ends_as_it_is_asked stdout ----\n").expect("the test is shown");
    (shown.lines().next().unwrap_or_default().replace('\\', "/"), out)
}

#[test]
fn a_red_test_begins_with_the_line_of_its_property_and_so_does_its_replay() {
    let expected = format!("harness/tests/engine/red_tests.rs:{LINE_OF_ALWAYS}: ready means wired: does not hold");
    let (line, out) = first_line("red", None);
    assert_eq!(line, expected, "{out}");
    assert!(out.contains("expected verified, found failed, within faults≤2 preemptions≤0"), "{out}");
    let (_, rest) = out.split_once("NEVERNONE_REPLAY='").expect("a replay line");
    let (token, _) = rest.split_once('\'').expect("a quoted token");
    let (line, out) = first_line("red", Some(("NEVERNONE_REPLAY", token)));
    assert_eq!(line, expected, "{out}");
    assert!(out.contains("draws part = 1"), "{out}");
    // Repaired, the same line is green.
    let (out, failed) = told("green", Some(("NEVERNONE_REPLAY", token)));
    assert!(!failed, "{out}");
}

#[test]
fn a_verdict_that_no_property_explains_begins_with_the_tests_own_line() {
    let (line, out) = first_line("vacuous", None);
    let name = "engine::red_tests::ends_as_it_is_asked";
    assert_eq!(line, format!("harness/tests/engine/red_tests.rs:{ITS_LINE}: {name}: vacuous"), "{out}");
    assert!(out.contains("never came true: the goal"), "{out}");
}

#[test]
fn a_variable_that_does_not_read_is_told_as_what_it_is() {
    let (line, _) = first_line("green", Some(("NEVERNONE_FAULTS", "many")));
    assert!(line.starts_with("the environment variable NEVERNONE_FAULTS=`many` does not read: "), "{line}");
    let (line, _) = first_line("green", Some(("NEVERNONE_REPLAY", "rubbish")));
    assert!(line.contains("`rubbish` is no token"), "{line}");
}
