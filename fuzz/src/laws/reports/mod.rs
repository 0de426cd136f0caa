//! `report.json`, read and merged.
//!
//! The law: what reads is written as it was read, and what was cut does not read. Parts that merge come to the same in any
//! order and however their units are dealt, and do not merge where one of them is missing. Nothing panics or hangs, whatever
//! numbers a report has.

mod parts;

use std::path::Path;

use nevernone::report::Report;
use nevernone::shard::{Read, merge, report_from};
use serde_json::Value;

use self::parts::{are_distinct, dealt_again, in_order_of_names, is_needed};
use super::Target;

/// Reports, with a record separator (0x1e) between any two, as in a JSON text sequence.
pub(super) const REPORT_READER: Target = Target {
    name: "report_reader",
    law: |bytes| {
        judge(bytes);
        true
    },
    bare: |bytes| {
        if let Ok(read) = texts(bytes).map(read).collect::<Result<Vec<_>, _>>() {
            let _ = merge(&read);
        }
    },
    case: |bytes| Some(judge(bytes)),
    kept: <[u8]>::to_vec,
};

fn texts(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    bytes.split(|byte| *byte == 0x1e).enumerate()
}

fn read((number, text): (usize, &[u8])) -> Result<Read, String> {
    report_from(Path::new(&format!("{}.json", number + 1)), text).map_err(|error| error.to_string())
}

/// Holds an input to the law, and says what was read and merged.
fn judge(bytes: &[u8]) -> String {
    let mut reports = Vec::new();
    for text in texts(bytes) {
        match read(text) {
            Ok(report) => {
                judge_one(text.1, &report.1);
                reports.push(report);
            }
            Err(error) => return error,
        }
    }
    match merge(&reports) {
        Ok(merged) => {
            judge_merged(&reports, &merged);
            format!("{} reports come to {}", reports.len(), written(&merged))
        }
        Err(error) => error.to_string(),
    }
}

fn executions(report: &Report) -> u128 {
    report.scenarios.iter().map(|scenario| u128::from(scenario.executions) + u128::from(scenario.steps)).sum()
}

fn written(report: &Report) -> String {
    serde_json::to_string(report).expect("a report can be written")
}

/// What was read is written as it was, and what is cut off does not read.
fn judge_one(text: &[u8], report: &Report) {
    let told = written(report);
    let (_, again) = read((0, told.as_bytes())).expect("what was written reads");
    assert_eq!(written(&again), told, "what was written reads back equal");
    // Fields that mean nothing are skimmed, and may hold what is no text.
    if let Ok(original) = serde_json::from_slice::<Value>(text) {
        let kept: Value = serde_json::from_str(&told).expect("it was just written");
        same_as_read(&kept, &original);
    }
    let cut = told.len() * usize::from(text.len().to_be_bytes()[7]) / 256;
    assert!(read((0, &told.as_bytes()[..cut])).is_err(), "cut after {cut} bytes, it reads");
}

/// Whatever the original says of a field is what was kept. It may say nothing, and it may say more.
fn same_as_read(kept: &Value, original: &Value) {
    match (kept, original) {
        (Value::Object(kept), Value::Object(original)) => {
            kept.iter().for_each(|(name, kept)| original.get(name).into_iter().for_each(|o| same_as_read(kept, o)));
        }
        (Value::Array(kept), Value::Array(original)) => {
            assert_eq!(kept.len(), original.len(), "nothing is left out");
            kept.iter().zip(original).for_each(|(kept, original)| same_as_read(kept, original));
        }
        // A whole number where a fraction may stand.
        (Value::Number(kept), Value::Number(original)) if kept.is_f64() => {
            assert_eq!(kept.as_f64(), original.as_f64(), "a number is kept");
        }
        (kept, original) => assert_eq!(kept, original, "a value is kept"),
    }
}

fn judge_merged(reports: &[Read], merged: &Report) {
    assert!(merged.scenarios.iter().all(|scenario| scenario.shard.is_none()), "the whole is no part");
    if !are_distinct(reports) {
        return;
    }
    assert_eq!(
        executions(merged),
        reports.iter().map(|(_, report)| executions(report)).sum(),
        "nothing goes uncounted"
    );
    let reversed: Vec<Read> = reports.iter().rev().cloned().collect();
    let backwards = merge(&reversed).expect("the order of reports is no matter");
    assert_eq!(
        in_order_of_names(&backwards),
        in_order_of_names(merged),
        "in another order they come to something else"
    );
    for left_out in (0..reports.len()).filter(|left_out| is_needed(reports, *left_out)) {
        let mut rest = reports.to_vec();
        rest.remove(left_out);
        assert!(merge(&rest).is_err(), "report {} is missing, and nobody noticed", left_out + 1);
    }
    for parts in 1..=3 {
        if let Some(dealt) = dealt_again(reports, merged, parts) {
            let again = merge(&dealt).expect("the same units in other parts");
            assert_eq!(in_order_of_names(&again), in_order_of_names(merged), "in {parts} parts it is another whole");
        }
    }
}
