//! The checklist over logs. An input is a log as it is, or a history of the platform that is written down in two forms.
//!
//! The law for any log: every line is accounted for, in whatever pieces it is read; what cannot be read, and what was cut,
//! never passes. For a history: one verdict in its own form and in any other; and what a model of a few lines says of it, in
//! which a run without its end never passes.

mod forms;
mod history;

use std::io::BufReader;

use nevernone_reference::verify_logs::{Checklist, Verdict};
use serde_json::Value;

use self::forms::Form;
use self::history::History;
use super::{Material, Target, fnv};

pub(super) const LOG_VERIFIER: Target = Target {
    name: "log_verifier",
    law: |bytes| {
        judge(bytes);
        true
    },
    bare: |bytes| match as_history(bytes) {
        Some((history, form)) => drop((verify(&history.as_json()), verify(&history.written(form)))),
        None => drop(verify(bytes)),
    },
    case: |bytes| Some(judge(bytes)),
    kept: <[u8]>::to_vec,
};

/// A log is text, and a history's first byte is not: it says in which form it is written beside its own.
fn as_history(bytes: &[u8]) -> Option<(History, Form)> {
    let (first, rest) = bytes.split_first()?;
    (!first.is_ascii()).then(|| (History::of(Material(rest)), Form::of(*first)))
}

/// Holds an input to the law, and says what the checklist says of it.
fn judge(bytes: &[u8]) -> String {
    match as_history(bytes) {
        Some((history, form)) => judge_history(&history, form),
        None => judge_log(bytes),
    }
}

/// What the checklist says of a log.
#[derive(Debug, PartialEq, Eq)]
struct Verified {
    verdict: Verdict,
    text: String,
}

fn verify(log: &[u8]) -> Verified {
    verify_in_pieces(log, log.len().max(1))
}

fn verify_in_pieces(log: &[u8], size: usize) -> Verified {
    let mut checklist = Checklist::default();
    checklist.read("log", BufReader::with_capacity(size, log)).expect("memory can be read");
    let report = checklist.finish();
    Verified { verdict: report.verdict(), text: report.to_string() }
}

impl Verified {
    /// How many lines were counted: the last number of the last line.
    fn lines(&self) -> usize {
        let numbers = self.text.lines().last().into_iter().flat_map(|line| line.split(' '));
        numbers.filter_map(|word| word.parse().ok()).next_back().expect("the report counts its lines")
    }

    fn reads_all(&self) -> bool {
        self.text.contains("ok    every line can be read")
    }

    /// Marks, items and counts, without what was found, which tells lines in their own form.
    fn outline(&self) -> Vec<&str> {
        self.text.lines().filter(|line| !line.starts_with("        ")).collect()
    }
}

fn judge_log(log: &[u8]) -> String {
    let verified = verify(log);
    let pieces = 1 + fnv(log) as usize % 13;
    assert_eq!(verify_in_pieces(log, pieces), verified, "read in pieces of {pieces} bytes");
    if begins_as_array(log) {
        judge_arrays(log, &verified);
        return format!("an array\n{}", verified.text);
    }
    judge_lines(log, &verified);
    format!("lines\n{}", verified.text)
}

/// A bracket, and an object in it or nothing more.
fn begins_as_array(log: &[u8]) -> bool {
    let inside = log.trim_ascii_start().strip_prefix(b"[").map(<[u8]>::trim_ascii_start);
    inside.is_some_and(|inside| matches!(inside.first(), None | Some(b'{' | b']')))
}

/// One after another, each entry a line.
fn judge_arrays(log: &[u8], verified: &Verified) {
    let (mut entries, mut rest) = (0, log);
    while begins_as_array(rest) {
        let mut arrays = serde_json::Deserializer::from_slice(rest).into_iter::<Vec<Value>>();
        match arrays.next() {
            Some(Ok(array)) => entries += array.len(),
            Some(Err(error)) => {
                assert!(!error.is_eof() || !verified.reads_all(), "an array was cut, and nobody noticed");
                // A comma too many or too few costs no entry, and no verdict either.
                return;
            }
            None => return,
        }
        rest = rest[arrays.byte_offset()..].trim_ascii_start();
    }
    if rest.is_empty() {
        assert_eq!(verified.lines(), entries, "entries of arrays");
    } else {
        assert!(!verified.reads_all(), "what comes behind an array was not read");
    }
}

fn judge_lines(log: &[u8], verified: &Verified) {
    let text = |line: &[u8]| String::from_utf8(line.to_vec()).ok();
    let lines: Vec<_> = log.split(|byte| *byte == b'\n').collect();
    let filled = lines.iter().filter(|line| text(line).is_none_or(|text| !text.trim().is_empty())).count();
    assert_eq!(verified.lines(), filled, "lines that are not empty");
    assert!(lines.iter().all(|line| text(line).is_some()) || !verified.reads_all(), "a line that is no text was read");
    // Coloured words hide escapes between their letters, and what begins as JSON may be none.
    let plain = lines.iter().filter_map(|line| text(line)).filter(|text| !text.trim_start().starts_with('{'));
    let is_incident = |text: &String| text.to_ascii_lowercase().contains("manager set to none");
    let none_wired = plain.filter(|text| !text.contains('\u{1b}')).any(|text| is_incident(&text));
    assert!(!none_wired || verified.verdict == Verdict::Failed, "somebody was given None, and the log passes");
    let damaged = verify(&[log, b"\n\xff\n"].concat());
    assert_ne!(damaged.verdict, Verdict::Passed, "a damaged line passes");
}

fn judge_history(history: &History, form: Form) -> String {
    let own = verify(&history.as_json());
    let other = verify(&history.written(form));
    assert_eq!(
        (other.verdict, other.outline()),
        (own.verdict, own.outline()),
        "JSON of its own, and {form:?}:\n{}{}",
        own.text,
        other.text
    );
    if let Some(foretold) = history.foretold() {
        assert_eq!(own.verdict, foretold, "{}", own.text);
    }
    format!("a history, beside its own form as {form:?}\n{}", own.text)
}
