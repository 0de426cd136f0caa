//! Each test's report in a folder of its own.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use nevernone::Verdict;
use nevernone::report::ScenarioReport;
use nevernone::shard::{merge, read_report};

use super::{Package, Ran, SUBJECT, VARIABLE};

impl Package {
    fn report_file(&self, name: &str) -> PathBuf {
        self.0.join("reports/nevernone").join(name).join("report.json")
    }

    #[track_caller]
    fn report(&self, name: &str) -> ScenarioReport {
        let (_, mut report) = read_report(&self.report_file(name)).expect("a report");
        assert_eq!(report.scenarios.len(), 1);
        report.scenarios.remove(0)
    }
}

#[test]
fn tests_side_by_side_have_reports_side_by_side() {
    let package = Package::new();
    let ran = package.run(&["testing::subject", "testing::sibling", "--exact"], "red 3", &[]);
    ran.is_red(&["1 passed; 1 failed"]);
    let (red, green) = (package.report("engine.testing.subject"), package.report("engine.testing.sibling"));
    assert_eq!((red.name.as_str(), red.verdict), ("engine::testing::subject", Verdict::Failed));
    assert_eq!((green.name.as_str(), green.verdict), ("engine::testing::sibling", Verdict::Verified));
    let failure = red.failure.expect("told");
    assert_eq!(failure.token, ran.token());
    // Nothing but reports: drafts are gone.
    let file = package.report_file("engine.testing.subject");
    for entry in fs::read_dir(file.parent().unwrap()).unwrap() {
        let name = entry.unwrap().file_name();
        assert!(["report.json", "junit.xml", "report.html"].iter().any(|known| *known == name), "{}", name.display());
    }
}

#[test]
fn a_recorded_run_that_fails_replaces_a_report_that_was_green() {
    let package = Package::new();
    package.record(Package::token(3));
    package.run(&["testing::sibling", "--exact"], "", &[]).is_green(&[]);
    let _ = package.subject("green");
    assert_eq!(package.report("engine.testing.subject").verdict, Verdict::Verified);
    let ran = package.subject("red 3");
    let report = package.report("engine.testing.subject");
    let counts = (report.runs, report.executions, report.complete_to_cost);
    assert_eq!(
        (report.verdict, report.ok, report.explorer.as_str(), counts),
        (Verdict::Failed, false, "replay", (1, 1, None))
    );
    let failure = report.failure.expect("told");
    assert_eq!((failure.token, failure.cost), (ran.token(), 0));
    assert!(report.notes.iter().any(|note| note.contains("recorded at")), "{:?}", report.notes);
}

#[test]
fn shards_have_folders_of_their_own_and_merge() {
    let package = Package::new();
    let shards = ["1/2", "2/2"];
    let started = shards.map(|shard| package.start(&[SUBJECT, "--exact"], "", &[("NEVERNONE_SHARD", shard)]));
    started.map(Ran::of).iter().for_each(|ran| ran.is_green(&[]));
    let read = ["shard-1-of-2", "shard-2-of-2"]
        .map(|shard| read_report(&package.report_file(&format!("engine.testing.subject/{shard}"))).expect("a report"));
    let merged = merge(&read).expect("they fit");
    assert_eq!(merged.scenarios[0].verdict, Verdict::Verified);
}

#[test]
fn a_test_that_ends_without_a_report_does_not_show_the_last_one() {
    let package = Package::new();
    package.subject("green").is_green(&[]);
    assert!(package.report_file("engine.testing.subject").is_file());
    package.record("rubbish");
    package.subject("green").is_red(&["`rubbish` is no token"]);
    assert!(!package.report_file("engine.testing.subject").exists());
}

#[test]
fn where_nothing_is_said_reports_go_to_the_target_folder() {
    let package = Package::new();
    let program = std::env::current_exe().unwrap();
    let target = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file()).expect("cargo built this");
    // Of a scenario that is searched in processes like this one only.
    let report = target.join("nevernone/alone/report.json");
    let _ = fs::remove_file(&report);
    let mut command = Command::new(&program);
    command.args(["testing::names::first", "--exact"]).env(VARIABLE, "first").env_remove("NEVERNONE_REPORT_DIR");
    assert!(!command.env("CARGO_MANIFEST_DIR", &package.0).output().expect("it starts").status.success());
    assert!(report.is_file(), "{}", report.display());
}

#[test]
fn a_report_that_cannot_be_written_is_told_and_no_reason_to_be_red() {
    let package = Package::new();
    fs::write(package.0.join("reports"), "mine").unwrap();
    let ran = package.subject("green");
    ran.is_green(&["verified"]);
    assert!(ran.err.contains("the report could not be written to"), "{}", ran.err);
    assert_eq!(fs::read_to_string(package.0.join("reports")).unwrap(), "mine");
}
