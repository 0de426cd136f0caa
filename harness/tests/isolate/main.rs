//! A process for each run. What a test here searches must be isolated, or come last: so each has a process of its own too.

#![cfg(unix)]

#[cfg(feature = "cli")]
mod command_line;
mod edges;
#[cfg(feature = "fail")]
mod fail_points;
mod processes;
mod seeds;
mod statics;
mod tests;
mod trees;

use std::env;
use std::process::Command;
use std::thread;

use nevernone::campaign::{Options, check};
use nevernone::report::ScenarioReport;
use nevernone::{Scenario, Verdict};

/// Holds the name of the test that a process was started for.
const FRESH: &str = "NEVERNONE_TEST_FRESH";

/// Does `check` in a fresh process, which executes nothing else: this test's own.
#[track_caller]
fn fresh(check: impl FnOnce()) {
    let thread = thread::current();
    let name = thread.name().expect("a test's thread has its name");
    if env::var(FRESH).is_ok_and(|asked| asked == name) {
        return check();
    }
    let program = env::current_exe().expect("a test knows its own program");
    let output = Command::new(program).args([name, "--exact", "--nocapture"]).env(FRESH, name).output();
    let output = output.expect("the program starts");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    print!("{out}");
    assert!(output.status.success() && out.contains("1 passed"), "{out}\n{err}");
}

/// Searches a scenario within its own bounds.
fn search(scenario: &Scenario) -> ScenarioReport {
    check(scenario, &Options::default())
}

#[track_caller]
fn verified(scenario: &Scenario) -> ScenarioReport {
    let report = search(scenario);
    assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
    report
}
