//! Searches that stopped and go on.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nevernone::campaign::{Options, check};
use nevernone::report::ScenarioReport;
use nevernone::shard::{Checkpoint, CheckpointError};
use nevernone::{Scenario, Verdict};

use super::{SOUND, answer, service};
use crate::search;

/// A path where no file is.
fn fresh(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.checkpoint"));
    let _ = fs::remove_file(&path);
    path
}

fn open(path: &Path, scenario: &Scenario) -> Result<Checkpoint, CheckpointError> {
    Checkpoint::open(path, &[(scenario, scenario.bounds())], None)
}

fn go_on(path: &Path, scenario: &Scenario, max_executions: Option<u64>) -> ScenarioReport {
    let checkpoint = Some(Arc::new(open(path, scenario).unwrap()));
    check(scenario, &Options { checkpoint, max_executions, ..Options::default() })
}

fn lines(path: &Path) -> usize {
    fs::read_to_string(path).unwrap().lines().count()
}

#[test]
fn a_search_that_stops_again_and_again_ends_as_one_that_never_stopped() {
    let scenario = service(SOUND);
    let never_stopped = go_on(&fresh("never stopped"), &scenario, None);
    assert_eq!(answer(&never_stopped), answer(&search(&scenario)));
    let path = fresh("stopped");
    // Enough for cutting the tree and some units.
    let stop_at = never_stopped.executions * 2 / 3;
    let mut stops = 0;
    let finished = loop {
        let report = go_on(&path, &scenario, Some(stop_at));
        if report.verdict != Verdict::Incomplete {
            break report;
        }
        stops += 1;
        assert!(stops < 100, "each time a few more units are finished");
    };
    assert!(stops > 0);
    assert_eq!(answer(&finished), answer(&never_stopped));
    assert_eq!((finished.executions, finished.steps), (never_stopped.executions, never_stopped.steps));
}

#[test]
fn a_torn_last_line_is_searched_again() {
    let scenario = service(SOUND);
    let path = fresh("torn");
    let whole = go_on(&path, &scenario, None);
    let text = fs::read(&path).unwrap();
    fs::write(&path, &text[..text.len() - 20]).unwrap();
    let known = lines(&path) - 1;
    let again = go_on(&path, &scenario, None);
    assert_eq!(answer(&again), answer(&whole));
    assert_eq!(lines(&path), known + 1, "the torn line was written anew");
}

#[test]
fn a_failure_is_found_again_and_nothing_that_it_pruned_is_kept() {
    let scenario = service(3);
    let path = fresh("failing");
    let first = go_on(&path, &scenario, None);
    assert_eq!(first.verdict, Verdict::Failed);
    assert_eq!(answer(&go_on(&path, &scenario, None)), answer(&first));
    assert_eq!(answer(&first), answer(&search(&scenario)));
}

#[test]
fn a_file_of_another_search_is_refused_and_left_alone() {
    let path = fresh("other");
    let scenario = service(SOUND).faults(1);
    go_on(&path, &scenario, None);
    let before = fs::read(&path).unwrap();
    let refused = |scenario: &Scenario, reason: &str| {
        let message = open(&path, scenario).unwrap_err().to_string();
        assert!(message.contains(reason), "`{reason}` is not in: {message}");
        assert_eq!(fs::read(&path).unwrap(), before);
    };
    refused(&service(SOUND).faults(2), "other bounds for `service`");
    refused(&Scenario::new("another", || async {}), "other scenarios (service)");
    let text = String::from_utf8(before.clone()).unwrap();
    let build = text.split("\"build\":\"").nth(1).unwrap().split('"').next().unwrap();
    let other_build = fresh("other build");
    fs::write(&other_build, text.replace(build, "f00")).unwrap();
    let message = open(&other_build, &scenario).unwrap_err().to_string();
    assert!(message.contains("another build (`f00`"), "{message}");
}
