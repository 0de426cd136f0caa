//! The same log in other forms, logs that prove nothing, and the program's exit codes.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use super::*;

/// The same log as Cloud Logging tells it: each line as an entry, half of them as text.
fn as_cloud_entries(log: &str) -> Vec<Value> {
    let entry = |(number, line): (usize, &str)| {
        let own: Value = serde_json::from_str(line).unwrap();
        let severity = own["level"].as_str().unwrap().replace("WARN", "WARNING");
        let common = json!({"insertId": number.to_string(), "severity": severity, "timestamp": own["timestamp"]});
        let mut entry = common;
        if number % 2 == 0 {
            entry["jsonPayload"] = own;
        } else {
            entry["textPayload"] = own["message"].clone();
        }
        entry
    };
    log.lines().enumerate().map(entry).collect()
}

/// Without where things stand, which differs from form to form, and without the last line, which counts.
fn findings(log: &str) -> (Verdict, Vec<String>) {
    let (verdict, text) = verified(log);
    (verdict, text.lines().map(|line| line.split_once(": ").map_or(line, |(_, told)| told).to_owned()).collect())
}

#[test]
fn cloud_logging_tells_the_same_line_by_line_and_as_an_array() {
    for outcomes in [vec![], vec![Outcome::Nothing], vec![Outcome::Error; 3]] {
        let life = async {
            let platform = platform(parts(outcomes));
            if platform.start().await.is_ok() {
                live(platform).await;
            }
        };
        let log = log_of(life);
        let entries = as_cloud_entries(&log);
        let lines = entries.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
        assert_eq!(findings(&lines), findings(&log), "{lines}");
        assert_eq!(findings(&serde_json::to_string_pretty(&entries).unwrap()), findings(&log));
    }
}

#[test]
fn a_manager_that_was_wired_to_nobody_or_not_to_all_fails() {
    let wired = |count: &str| {
        let line = format!("INFO startup: WebSocketManager wired to {count} agents and the tool dispatcher");
        told(line, "it was wired to every agent").1
    };
    assert!(wired("8/8").starts_with("ok"));
    for count in ["0/0", "0/8", "7/8"] {
        assert!(wired(count).starts_with("FAIL"), "{count}");
    }
}

#[test]
fn a_log_without_the_platform_proves_nothing() {
    let (verdict, text) = verified("GET / 200\nGET / 200\n");
    assert_eq!(verdict, Verdict::Vacuous);
    assert!(text.contains("vacuous: no line is the platform's") && text.contains("0 of 2 lines"), "{text}");
    assert_eq!(verified("").0, Verdict::Vacuous);
}

#[test]
fn a_log_that_begins_after_the_start_is_incomplete() {
    let log = log_of(live(platform(parts([]))));
    let later = log.lines().skip_while(|line| !line.contains("run.accepted")).collect::<Vec<_>>().join("\n");
    let (verdict, item) = told(later, "it was wired to every agent");
    assert_eq!(verdict, Verdict::Incomplete);
    assert!(item.contains("from the start of the process"), "{item}");
}

/// `nevernone verify-logs -` with that as its input: exit code, output, errors.
fn called(arguments: &[&str], input: &str) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nevernone"));
    command.arg("verify-logs").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Whoever needs no input may have ended before it comes.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_exit_code_is_the_verdict() {
    let good = log_of(live(platform(parts([]))));
    let (code, out, err) = called(&["-"], &good);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("passed: ") && out.contains("standard input:1"), "{out}");
    assert_eq!(called(&["-"], "INFO WebSocket manager set to None for 8/8 agents").0, 1);
    assert_eq!(called(&["-"], &format!("{good}{{\"cut")).0, 3);
    assert_eq!(called(&["-"], "GET / 200").0, 4);
    let (code, out, err) = called(&["/nowhere/app.log"], "");
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("/nowhere/app.log could not be read"), "{err}");
    assert_eq!(called(&[], "").0, 2);
}
