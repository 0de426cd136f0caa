//! Shards, merging and checkpoints, with the real program: several processes, and one that is killed.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::{Called, check, folder, nevernone};

/// Large enough to be cut, small enough for a test.
const SCENARIO: &str = "startup/early-request";
const BOUNDS: [&str; 4] = ["--faults", "3", "--preemptions", "1"];

/// A check of the scenario, and its part of the report.
fn searched(test: &str, arguments: &[&str]) -> (Called, Value) {
    let (called, report) = check(test, &[&[SCENARIO], &BOUNDS[..], arguments].concat());
    let report = report.unwrap_or_else(|| panic!("{called:?}"));
    (called, report["scenarios"][0].clone())
}

fn counts(scenario: &Value) -> [Value; 4] {
    ["runs", "sometimes", "faults", "verdict"].map(|field| scenario[field].clone())
}

#[test]
fn shards_of_separate_processes_merge_into_the_whole() {
    let (_, whole) = searched("merge-whole", &[]);
    let mut reports = Vec::new();
    for shard in ["1/2", "2/2"] {
        let test = format!("merge-{}", &shard[..1]);
        let (called, report) = searched(&test, &["--shard", shard]);
        assert_eq!((called.code, &report["verdict"]), (0, &"incomplete".into()), "{called:?}");
        assert!(called.out.contains(&format!("shard {shard} complete")), "{}", called.out);
        assert_eq!(report["shard"]["complete"], true);
        reports.push(folder_of(&test).join("report.json").display().to_string());
    }
    let out = folder("merged").display().to_string();
    let merged = nevernone(&["merge", &reports[0], &reports[1], "--out", &out]);
    assert_eq!((merged.code, merged.err.as_str()), (0, ""), "{merged:?}");
    let report: Value = serde_json::from_str(&fs::read_to_string(format!("{out}/report.json")).unwrap()).unwrap();
    assert_eq!(counts(&report["scenarios"][0]), counts(&whole));
    let missing = nevernone(&["merge", &reports[1]]);
    assert_eq!(missing.code, 2, "{missing:?}");
    assert!(missing.err.contains("missing: 1/2"), "{}", missing.err);
}

#[test]
fn a_shard_nobody_knows_is_refused() {
    for (shard, reason) in [("9/8", "no shard 9 of 8"), ("x", "write K/N"), ("0/8", "counted from 1")] {
        let called = nevernone(&["check", "--shard", shard]);
        assert_eq!(called.code, 2, "{called:?}");
        assert!(called.err.contains(reason), "{}", called.err);
    }
    let called = nevernone(&["check", "--shard", "1/2", "--explorer", "random"]);
    assert!(called.code == 2 && called.err.contains("exhaustive"), "{called:?}");
}

#[test]
fn auto_reads_the_schedulers_variables() {
    let auto = |variables: &[(&str, &str)], test: &str| {
        let out = folder(test).display().to_string();
        let mut command = Command::new(env!("CARGO_BIN_EXE_nevernone"));
        // Whatever system runs this test has variables of its own.
        command.env_clear().envs(variables.iter().copied());
        command.args(["check", "legacy/none-wired", "--shard", "auto", "--out", &out]).output().unwrap()
    };
    let found = auto(&[("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "3")], "auto");
    assert_eq!(found.status.code(), Some(0), "{found:?}");
    let report: Value =
        serde_json::from_str(&fs::read_to_string(folder_of("auto").join("report.json")).unwrap()).unwrap();
    assert_eq!(
        (&report["scenarios"][0]["shard"]["index"], &report["scenarios"][0]["shard"]["of"]),
        (&2.into(), &3.into())
    );
    let none = auto(&[], "auto-none");
    assert_eq!(none.status.code(), Some(2), "{none:?}");
    assert!(String::from_utf8(none.stderr).unwrap().contains("JOB_COMPLETION_INDEX"));
}

#[test]
fn a_search_that_was_killed_again_and_again_goes_on_and_ends_as_one_that_never_stopped() {
    let never_stopped = folder("never-stopped").join("checkpoint").display().to_string();
    let (_, whole) = searched("whole", &["--checkpoint", &never_stopped]);
    let file = folder("killed").join("checkpoint");
    let path = file.display().to_string();
    let out = folder("killed-report").display().to_string();
    let arguments = [&["check", SCENARIO], &BOUNDS[..], &["--checkpoint", &path, "--out", &out]].concat();
    // At its very beginning, and then further and further on.
    for moment in [0, 1, 20, 21, 60, 100] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nevernone"));
        let mut child = command.args(&arguments).stdout(Stdio::null()).spawn().unwrap();
        wait_for_lines(&file, moment, &mut child);
        child.kill().unwrap();
        assert!(!child.wait().unwrap().success(), "it was killed before its end");
    }
    let written = lines(&file);
    assert!(written >= 100, "what was finished was kept: {written} lines");
    assert!(written < lines(Path::new(&never_stopped)), "it had more to do");
    let (called, resumed) = searched("resumed", &["--checkpoint", &path]);
    assert_eq!(called.code, 0, "{called:?}");
    assert_eq!(counts(&resumed), counts(&whole));
    assert_eq!((&resumed["executions"], &resumed["steps"]), (&whole["executions"], &whole["steps"]));
    let other = nevernone(&["check", SCENARIO, "--faults", "0", "--checkpoint", &path]);
    assert_eq!(other.code, 2, "{other:?}");
    assert!(other.err.contains("other bounds"), "{}", other.err);
}

/// Where [`check`] puts a test's report.
fn folder_of(test: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("command_line").join(test)
}

fn lines(path: &Path) -> usize {
    fs::read(path).map_or(0, |text| text.split(|byte| *byte == b'\n').count() - 1)
}

/// Returns once the file has so many lines, at once where the process ended before.
fn wait_for_lines(path: &Path, count: usize, child: &mut Child) {
    while lines(path) < count && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
}
