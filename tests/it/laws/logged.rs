//! The checklist over logs passes every well-formed history of runs, in whichever form it was logged; and of those that are not,
//! it names the run, as far as a log can show what is wrong.

use nevernone::strategy::{Flaw, Flawed, Happened, History, HistorySize, Told, flawed_histories, histories};
use nevernone_reference::{
    log,
    verify_logs::{Checklist, Verdict},
};
use proptest::{prelude::*, sample::select};
use serde_json::{Value, json};

use super::config;
use crate::logs::{log_of, plain_log_of};

/// In which form a log comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Plain,
    CloudText,
    CloudJson,
    CloudArray,
}

const FORMS: [Form; 5] = [Form::Json, Form::Plain, Form::CloudText, Form::CloudJson, Form::CloudArray];

/// A start that went well, and then this, by the functions that the platform logs with.
fn live(history: &History) {
    log::attempt_ok_startup(1);
    log::attempt_ok_bridge(1);
    log::registry_wired(8, 8);
    for told in &history.told {
        tell(*told);
    }
}

fn tell(Told { thread, run, what }: Told) {
    let (name, thread) = (name(run), format!("thread-{thread}"));
    match what {
        Happened::Accepted => log::run_accepted(name, "triage", thread),
        // The platform logs none: somebody else does.
        Happened::Progress => tracing::info!(thread, "still at it"),
        Happened::Completed => log::run_ended(name, "agent_completed", 3, 0),
        Happened::Failed => log::run_ended(name, "agent_error", 3, 0),
    }
}

fn name(run: usize) -> String {
    format!("run-{run}")
}

fn log_in(form: Form, history: &History) -> String {
    if form == Form::Plain {
        return plain_log_of(|| live(history));
    }
    let json = log_of(|| live(history));
    if form == Form::Json {
        return json;
    }
    let entry = |(number, line): (usize, &str)| {
        let own: Value = serde_json::from_str(line).expect("it is JSON");
        let mut entry = json!({"insertId": number.to_string(), "severity": own["level"]});
        match form {
            Form::CloudText => entry["textPayload"] = own["message"].clone(),
            _ => entry["jsonPayload"] = own,
        }
        entry
    };
    let entries: Vec<Value> = json.lines().enumerate().map(entry).collect();
    if form == Form::CloudArray {
        return Value::from(entries).to_string();
    }
    entries.iter().map(Value::to_string).collect::<Vec<_>>().join("\n")
}

fn verified(log: &str) -> (Verdict, String) {
    let mut checklist = Checklist::default();
    checklist.read("app.log", log.as_bytes()).expect("it is in memory");
    let report = checklist.finish();
    (report.verdict(), report.to_string())
}

/// What is told of runs that were accepted: the mark, and what was found.
fn told_of_runs(text: &str) -> (&str, String) {
    let mut lines = text.lines().skip_while(|line| !line.ends_with("every accepted run told its end"));
    let mark = lines.next().expect("the item is told").split_whitespace().next().expect("its mark");
    (mark, lines.take_while(|line| line.starts_with("     ")).collect())
}

fn size() -> HistorySize {
    HistorySize { runs: 0..=6, ..HistorySize::default() }
}

/// The flaws that a log can show: it knows of no progress, and an end does not name its thread; a run whose acceptance is missing
/// was accepted before the log began.
const SHOWN: [Flaw; 3] = [Flaw::NoEnd, Flaw::EndedTwice, Flaw::AcceptedTwice];

fn flawed() -> impl Strategy<Value = Flawed> {
    select(&SHOWN[..]).prop_flat_map(|flaw| flawed_histories(&size(), flaw))
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn a_well_formed_history_passes_in_every_form(history in histories(&size()), form in select(&FORMS[..])) {
        let log = log_in(form, &history);
        let (verdict, text) = verified(&log);
        prop_assert_eq!(verdict, Verdict::Passed, "{}\n{}", text, log);
        let runs = history.told.iter().filter(|told| told.what == Happened::Accepted).count();
        let (mark, found) = told_of_runs(&text);
        let counted = if runs == 0 { "no run is in the log".to_owned() } else { format!("{runs} accepted") };
        prop_assert_eq!((mark, found.trim()), ("ok", counted.as_str()));
    }

    #[test]
    fn a_flawed_history_is_told_with_the_name_of_the_run(Flawed { history, flaw, run } in flawed(), form in select(&FORMS[..])) {
        let log = log_in(form, &history);
        let (verdict, text) = verified(&log);
        let (mark, found) = told_of_runs(&text);
        let expected = match flaw {
            // Two processes whose logs were put together may each have a run of that name.
            Flaw::EndedTwice => (Verdict::Passed, "warn"),
            _ => (Verdict::Failed, "FAIL"),
        };
        prop_assert_eq!((verdict, mark), expected, "{}\n{}", text, log);
        let named = found.split_whitespace().filter(|word| word.starts_with("run-")).collect::<Vec<_>>();
        prop_assert_eq!(named, [name(run)], "this run, and no other");
    }
}
