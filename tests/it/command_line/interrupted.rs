//! Ctrl-C: a search that is interrupted says so, reports what it has, and is incomplete.

use std::{
    fs,
    process::{Child, Command, Stdio},
};

use serde_json::Value;

use super::folder;

/// The number of SIGINT, and so its place in a mask from 1.
const SIGINT: u32 = 2;

/// Waits until the program has a handler for SIGINT: before that the signal would end it.
fn wait_for_a_handler(child: &Child) {
    let status = format!("/proc/{}/status", child.id());
    loop {
        let text = fs::read_to_string(&status).expect("it goes on until it is told to stop");
        let caught = text.lines().find_map(|line| line.strip_prefix("SigCgt:")).expect("Linux tells it");
        let mask = u64::from_str_radix(caught.trim(), 16).expect("a mask in hexadecimal digits");
        if mask >> (SIGINT - 1) & 1 == 1 {
            return;
        }
        std::thread::yield_now();
    }
}

#[test]
#[cfg(target_os = "linux")]
fn ctrl_c_ends_the_search_as_incomplete_and_the_report_is_written() {
    let out = folder("interrupted");
    // Days of work.
    let bounds = ["--faults", "9", "--preemptions", "9", "--cancellations", "9"];
    let child = Command::new(env!("CARGO_BIN_EXE_nevernone"))
        .args(["check", "startup/early-request", "singleton/concurrent-callers"])
        .args(bounds)
        .arg("--out")
        .arg(&out)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for_a_handler(&child);
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(3), "{ended:?}");
    assert!(String::from_utf8_lossy(&ended.stdout).contains("stopped by an interrupt"), "{ended:?}");
    let report: Value = serde_json::from_str(&fs::read_to_string(out.join("report.json")).unwrap()).unwrap();
    assert_eq!(report["scenarios"][0]["verdict"], "incomplete");
    assert_eq!(report["scenarios"][0]["cut_short"][0], "stopped by an interrupt");
}
