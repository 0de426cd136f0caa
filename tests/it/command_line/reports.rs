//! `report.json` is a contract: fields may be added, never changed or dropped.

use std::collections::BTreeSet;

use serde_json::Value;

use std::process::Command;

use super::{check, folder, folder_of};

const SCENARIO: &str = "name verdict expected ok explorer seed runs executions estimate bounds complete_to_cost shard \
                        units uncontrolled seconds runs_per_second sometimes faults failure";
/// Added since version 1.
const SCENARIO_ADDED: &str = "steps lane cut_short advice notes offered expected_property places isolation";
const BOUNDS: &str = "faults preemptions cancellations panics stalls cost steps crashes";
const FAILURE: &str = "property message file line cost steps token replay costs stuck explanation timeline";

#[test]
fn a_report_has_the_fields_of_version_1_and_the_added_ones() {
    let (_, report) = check("fields", &["legacy/none-wired", "singleton/concurrent-callers", "--faults", "1"]);
    let report = report.unwrap();
    fields(&report, "version build scenarios");
    fields(&report["build"], "nevernone tokio calibrated optimised");
    assert_eq!((&report["version"], &report["build"]["calibrated"]), (&1.into(), &true.into()));
    let [failed, verified] = &report["scenarios"].as_array().unwrap()[..] else { panic!("two scenarios: {report}") };
    for scenario in [failed, verified] {
        fields(scenario, &format!("{SCENARIO} {SCENARIO_ADDED}"));
        fields(&scenario["bounds"], BOUNDS);
        types(scenario);
    }
    fields(&failed["failure"], FAILURE);
    assert_eq!((&failed["verdict"], &failed["expected"]), (&"failed".into(), &"failed".into()));
    assert_eq!((&verified["verdict"], &verified["failure"]), (&"verified".into(), &Value::Null));
    assert_eq!(verified["bounds"]["faults"], 1, "as asked for");
    fields(&verified["sometimes"][0], "name hits");
    fields(&verified["faults"][0], "name fired");
    assert_eq!(verified["faults"][0]["name"], "manager.create=nothing");
}

#[test]
fn a_check_leaves_a_page_and_a_junit_file_beside_the_report() {
    let (called, _) = check("files", &["singleton/concurrent-callers", "--faults", "1"]);
    let folder = folder_of("files");
    for (file, begins) in [("report.html", "<!DOCTYPE html>"), ("junit.xml", "<?xml "), ("report.json", "{")] {
        let text = std::fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(text.starts_with(begins) && text.contains("singleton/concurrent-callers"), "{file}");
    }
    let page = format!("page: {}", folder.join("report.html").display());
    assert!(called.out.contains(&page), "{}", called.out);
}

#[test]
fn a_workflow_on_github_is_told_what_is_not_as_expected() {
    let out = folder("annotations").display().to_string();
    let said = |on_github: Option<&str>| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_nevernone"));
        program.args(["check", "startup/early-request", "--max-time", "1ms", "--out", &out]);
        program.env_remove("GITHUB_ACTIONS").envs(on_github.map(|value| ("GITHUB_ACTIONS", value)));
        String::from_utf8(program.output().unwrap().stdout).unwrap()
    };
    let on_github = said(Some("true"));
    assert!(
        on_github.contains("\n::error title=startup/early-request%3A incomplete::expected verified\n"),
        "{on_github}"
    );
    assert!(!said(None).contains("::error") && !said(Some("false")).contains("::error"));
}

/// An object with these fields, and no others.
fn fields(object: &Value, expected: &str) {
    let found: BTreeSet<&str> =
        object.as_object().unwrap_or_else(|| panic!("{object}")).keys().map(String::as_str).collect();
    assert_eq!(found, expected.split_whitespace().collect(), "{object}");
}

fn types(scenario: &Value) {
    let all = |names: &str, fits: fn(&Value) -> bool| {
        for name in names.split_whitespace() {
            assert!(fits(&scenario[name]), "{name}: {}", scenario[name]);
        }
    };
    all("name verdict expected explorer", Value::is_string);
    all("ok", Value::is_boolean);
    all("runs executions steps", Value::is_u64);
    all("seconds runs_per_second", Value::is_f64);
    all("units uncontrolled cut_short sometimes faults", Value::is_array);
    all("seed complete_to_cost", |value| value.is_null() || value.is_u64());
    all("estimate", |value| value.is_null() || value.is_f64());
    all("shard advice isolation", |value| value.is_null() || value.is_string());
}
