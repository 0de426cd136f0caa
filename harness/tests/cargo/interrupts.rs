//! Ctrl-C: what runs still reports, and what has not begun is told.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::thread;

use nevernone::Verdict;
use nevernone::report::Report;

use crate::{command, scratch};

#[test]
fn an_interrupt_ends_every_search_as_incomplete() {
    let folder = scratch();
    let mut driver = command("cargo-nevernone");
    driver.args(["check", "cold_start::endless", "cold_start::deep::wide", "--max-time", "60s", "--out"]).arg(&folder);
    // As in a terminal: the signal goes to all processes of a group.
    let mut child = driver.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let desk = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let answer = desk.join("cargo-target/nevernone").join(format!("driven-{}", child.id())).join("answer.json");
    while !fs::read_to_string(&answer).is_ok_and(|text| text.contains("Begun")) {
        assert!(child.try_wait().expect("it runs").is_none(), "it ended before its search began");
        thread::yield_now();
    }
    let group = format!("-{}", child.id());
    let sent = Command::new("kill").args(["-INT", "--", &group]).status().expect("a signal");
    assert!(sent.success());
    let output = child.wait_with_output().expect("it ends");
    let out = String::from_utf8(output.stdout).expect("text");
    assert_eq!(output.status.code(), Some(3), "{out}");
    assert_eq!(out.matches("stopped by an interrupt").count(), 2, "{out}");
    let report: Report = serde_json::from_slice(&fs::read(folder.join("report.json")).expect("a report")).unwrap();
    let verdicts: Vec<Verdict> = report.scenarios.iter().map(|scenario| scenario.verdict).collect();
    assert_eq!(verdicts, [Verdict::Incomplete; 2]);
    assert_eq!(report.scenarios[1].executions, 0, "it had not begun");
    assert!(!answer.exists(), "what was written meanwhile is removed");
}
