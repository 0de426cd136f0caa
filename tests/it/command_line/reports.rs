//! `report.json` is a contract: fields may be added, never changed or dropped.

use std::collections::BTreeSet;

use serde_json::Value;

use super::check;

const SCENARIO: &str = "name verdict expected ok explorer seed runs executions estimate bounds complete_to_cost shard \
                        units uncontrolled seconds runs_per_second sometimes faults failure";
/// Added since version 1.
const SCENARIO_ADDED: &str = "steps lane cut_short advice notes offered expected_property places isolation";
const BOUNDS: &str = "faults preemptions cancellations panics stalls cost steps crashes";
const FAILURE: &str = "property message file line cost steps token stuck explanation";

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
