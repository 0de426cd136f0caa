//! Ctrl-C: what runs still reports, and what has not begun is told.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use nevernone::Verdict;
use nevernone::report::Report;

use crate::{command, scratch};

/// A `check` that nobody waits for the end of, in a group of its own as in a terminal; its first search has begun.
struct Begun {
    driver: Child,
    /// What the test's process has written.
    answer: PathBuf,
}

impl Begun {
    fn searching(folder: &Path) -> Self {
        let mut check = command("cargo-nevernone");
        check
            .args(["check", "cold_start::endless", "cold_start::deep::wide", "--max-time", "60s", "--out"])
            .arg(folder);
        let check = check.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped());
        let driver = check.spawn().expect("it starts");
        let reports = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cargo-target/nevernone");
        let answer = reports.join(format!("driven-{}", driver.id())).join("answer.json");
        let mut begun = Begun { driver, answer };
        while !begun.has_answered("Begun") {
            assert!(begun.driver.try_wait().expect("it runs").is_none(), "it ended before its search began");
            thread::yield_now();
        }
        begun
    }

    fn has_answered(&self, word: &str) -> bool {
        fs::read_to_string(&self.answer).is_ok_and(|text| text.contains(word))
    }

    /// To all processes of its group.
    fn signal(&self, name: &str) {
        let group = format!("-{}", self.driver.id());
        let sent = Command::new("kill").args([&format!("-{name}"), "--", &group]).status().expect("a signal");
        assert!(sent.success());
    }
}

#[test]
fn an_interrupt_ends_every_search_as_incomplete() {
    let folder = scratch();
    let begun = Begun::searching(&folder);
    begun.signal("INT");
    let output = begun.driver.wait_with_output().expect("it ends");
    let out = String::from_utf8(output.stdout).expect("text");
    assert_eq!(output.status.code(), Some(3), "{out}");
    assert_eq!(out.matches("stopped by an interrupt").count(), 2, "{out}");
    let report: Report = serde_json::from_slice(&fs::read(folder.join("report.json")).expect("a report")).unwrap();
    let verdicts: Vec<Verdict> = report.scenarios.iter().map(|scenario| scenario.verdict).collect();
    assert_eq!(verdicts, [Verdict::Incomplete; 2]);
    assert_eq!(report.scenarios[1].executions, 0, "it had not begun");
    assert!(!begun.answer.exists(), "what was written meanwhile is removed");
}

#[test]
fn a_driver_that_is_killed_leaves_no_search_behind() {
    let mut begun = Begun::searching(&scratch());
    begun.signal("KILL");
    assert!(!begun.driver.wait().expect("it ends").success());
    // The test's process hears nothing of the signal; it stops because the driver's end is gone, and says so.
    while !begun.has_answered("Checked") {
        thread::yield_now();
    }
    assert!(begun.has_answered("stopped by an interrupt"), "it went on until its own time was over");
    fs::remove_dir_all(begun.answer.parent().expect("a folder")).expect("nobody else removes it");
}
