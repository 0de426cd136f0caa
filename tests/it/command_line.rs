//! The real program, as people call it: exit codes, reasons, reports.

mod interrupted;
mod matrix;
mod reports;
mod scale;
mod unusable;

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use serde_json::Value;

/// What one call of the program showed.
#[derive(Debug, PartialEq, Eq)]
struct Called {
    code: i32,
    out: String,
    err: String,
}

fn nevernone(arguments: &[&str]) -> Called {
    let output = Command::new(env!("CARGO_BIN_EXE_nevernone")).args(arguments).output().unwrap();
    let Output { status, stdout, stderr } = output;
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Called { code: status.code().expect("not ended by a signal"), out: text(stdout), err: text(stderr) }
}

/// `check` with its report in a folder of this test's own; the report, where one was written.
fn check(test: &str, arguments: &[&str]) -> (Called, Option<Value>) {
    let folder = folder(test);
    let out = folder.display().to_string();
    let called = nevernone(&[&["check"], arguments, &["--out", &out]].concat());
    let report = fs::read_to_string(folder.join("report.json")).ok();
    (called, report.map(|text| serde_json::from_str(&text).unwrap()))
}

/// A test's own folder.
fn folder_of(test: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("command_line").join(test)
}

/// The same, emptied.
fn folder(test: &str) -> PathBuf {
    let folder = folder_of(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The token in the replay line of a story.
fn printed_token(out: &str) -> &str {
    let (_, rest) = out.split_once("replay '").unwrap_or_else(|| panic!("no replay line in:\n{out}"));
    rest.split_once('\'').unwrap().0
}

#[test]
fn the_incident_fails_as_expected_and_replays_to_the_same_every_time() {
    let (checked, report) = check("incident", &["legacy/none-wired"]);
    assert_eq!(checked.code, 0, "{checked:?}");
    assert!(checked.out.contains("failed, as expected"), "{}", checked.out);
    let token = printed_token(&checked.out);
    assert_eq!(report.unwrap()["scenarios"][0]["failure"]["token"], token);
    let first = nevernone(&["replay", token]);
    assert_eq!((first.code, first.err.as_str()), (0, ""));
    assert!(first.out.contains("failed: an accepted request's events reach its thread"), "{}", first.out);
    for _ in 1..10 {
        assert_eq!(nevernone(&["replay", token]), first);
    }
}

#[test]
fn out_of_time_is_incomplete_with_an_estimate_and_an_advice() {
    let (checked, report) = check("incomplete", &["startup/early-request", "--max-time", "1ms"]);
    assert_eq!(checked.code, 3, "{checked:?}");
    let scenario = &report.unwrap()["scenarios"][0];
    assert_eq!((&scenario["verdict"], &scenario["ok"]), (&"incomplete".into(), &false.into()));
    assert!(scenario["estimate"].as_f64().unwrap() > 1_000.0, "{scenario}");
    assert!(scenario["advice"].is_string(), "{scenario}");
    assert!(checked.out.contains("stopped after 1ms"), "{}", checked.out);
}

#[test]
fn a_search_that_cannot_reach_its_goals_is_vacuous() {
    let bounds = ["startup/early-request", "--faults", "0", "--preemptions", "0"];
    let (checked, report) = check("vacuous", &bounds);
    assert_eq!(checked.code, 4, "{checked:?}");
    assert_eq!(report.unwrap()["scenarios"][0]["verdict"], "vacuous");
    assert!(checked.out.contains("never came true: the startup failed"), "{}", checked.out);
}

#[test]
fn a_seeded_sample_is_green_and_the_same_twice() {
    // Rare goals need that many: a sample that misses one is vacuous.
    let sample = |seed| ["singleton/concurrent-callers", "--explorer", "random", "--seed", seed, "--runs", "5000"];
    let [first, second] = ["sample-1", "sample-2"].map(|test| {
        let (checked, report) = check(test, &sample("1"));
        assert_eq!(checked.code, 0, "{checked:?}");
        let mut scenario = report.unwrap()["scenarios"][0].take();
        // Real time, and nothing else, may differ.
        for timing in ["seconds", "runs_per_second"] {
            assert!(scenario[timing].take().is_number());
        }
        scenario
    });
    assert_eq!(first["verdict"], "sampled");
    assert_eq!(first["seed"], 1);
    assert_eq!(first, second);
    let (_, other) = check("sample-3", &sample("2"));
    assert_ne!(other.unwrap()["scenarios"][0]["steps"], first["steps"], "another seed, another sample");
}
