//! `list` and `replay`.

use std::io::Write;

use super::arguments::Selection;
use super::child::{Desk, Done, Prints, Running, errand};
use super::scenarios::Test;
use super::{Problem, chosen, project};
use crate::choice::token::Token;
use crate::cli::{ListArguments, UsageError};
use crate::report::{table, terminal};
use crate::testing::orders::{Answer, Listed, Task};
use crate::verdict::exit_code;

pub(super) fn list(arguments: &ListArguments, selection: &Selection, out: &mut dyn Write) -> Result<u8, Problem> {
    let tests = chosen::all(selection)?;
    let (desk, running) = (Desk::within(&project::report_folder(selection)?)?, Running::watched());
    let task = Task::List { unbounded: arguments.unbounded, descents: arguments.descents };
    let (mut rows, mut dead) = (Vec::new(), Vec::new());
    for test in &tests {
        match errand(test, &task, (&desk, &running), Prints::Kept, || ())? {
            Done { answer: Some(Answer::Listed(listed)), .. } => rows.push(row(test, &listed)),
            // Its size is found by executing it, which others survive.
            done => dead.push(unanswered(test, done)),
        }
        if running.is_interrupted() {
            break;
        }
    }
    writeln!(out, "{}", table::list(&rows))?;
    dead.iter().try_for_each(|problem| writeln!(out, "{problem}"))?;
    let left = tests.len() - rows.len() - dead.len();
    if left > 0 {
        writeln!(out, "interrupted: {left} more were not looked at")?;
    }
    Ok(exit_code([u8::from(!dead.is_empty()), if left > 0 { 3 } else { 0 }]))
}

fn row(test: &Test, listed: &Listed) -> table::ListRow {
    let size = |(mean, half)| format!("{} ± {}", table::scientific(mean), table::scientific(half));
    let ignored = if test.ignored { " (ignored)" } else { "" };
    table::ListRow {
        name: format!("{}{ignored}", test.name),
        expected: listed.expected,
        bounds: terminal::bounds(&listed.bounds),
        estimate: size(listed.size),
        unbounded: listed.unbounded.map(size),
    }
}

pub(super) fn replay(token: &str, selection: &Selection, out: &mut dyn Write) -> Result<u8, Problem> {
    // A token that does not read is told before anything is built.
    let read: Token = token.parse().map_err(UsageError::from)?;
    let tests = chosen::all(selection)?;
    let test = chosen::of_token(&tests, &read.scenario)?;
    let (desk, running) = (Desk::within(&project::report_folder(selection)?)?, Running::watched());
    let task = Task::Replay { token: token.to_owned() };
    match errand(test, &task, (&desk, &running), Prints::Shown, || ())? {
        Done { answer: Some(Answer::Replayed { text, as_expected }), .. } => {
            write!(out, "{}\n{text}", test.name)?;
            Ok(u8::from(!as_expected))
        }
        done => Err(unanswered(test, done)),
    }
}

/// What is told of a test's process that did not do what it was asked.
pub(super) fn unanswered(test: &Test, done: Done) -> Problem {
    match done.answer {
        Some(Answer::Refused(reason)) => UsageError::Outdated(reason).into(),
        _ => Problem::Died { name: test.name.clone(), how: died(&done) },
    }
}

/// How a process ended that should have answered.
pub(super) fn died(done: &Done) -> String {
    let said = if done.last_words.is_empty() { "it said nothing" } else { "what it said last:" };
    let told = format!("the test's process ended without a report ({}); {said}", done.status);
    done.last_words.iter().fold(told, |told, line| told + "\n    " + line)
}
