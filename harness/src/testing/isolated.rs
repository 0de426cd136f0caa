//! Tests whose runs have processes of their own. Other tests of the same program may have filled its statics by now, so
//! the program executes itself, for this one test: its child executes no code under test but in children of its own.

use std::env;
use std::io::{BufRead as _, BufReader, Read};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::{Command, ExitStatus, Stdio, exit};
use std::thread;

use super::target::path_in_crate;
use super::{Target, names, red};
use crate::run::isolate;

/// Holds the name of the test that a process was started for. Private: nobody but this file sets it.
const MARK: &str = "NEVERNONE_TEST_ISOLATED";

/// One heap for all threads: a fork copies a page of each, and the few threads here take turns. Of glibc alone.
const ONE_ARENA: (&str, &str) = ("MALLOC_ARENA_MAX", "1");

/// What the child prints when what the test harness prints is over.
const BEGIN: &str = "nevernone: what follows is the test's own";

/// How the child says that the test is green. No harness ends with it, nor with the next one: a process in which no test of
/// that name was found is no green test.
const GREEN: i32 = 86;

/// And that it is red, which it explained on standard error.
const RED: i32 = 87;

/// Does `search` in a fresh process, in which this test alone is executed. Whatever that prints is printed here as well.
///
/// # Panics
/// Where the search does, with what it said.
pub(super) fn in_fresh_process(name: &str, target: &Target, search: impl FnOnce()) {
    if env::var(MARK).is_ok_and(|marked| marked == name) {
        be_the_fresh_process(search);
    }
    // The child sees itself alone.
    if let Err(text) = names::claim(name, target) {
        red::fail(text);
    }
    let Told { status, errors } = match executed_again(name) {
        Ok(told) => told,
        Err(error) => red::fail(format!("{name}: this program cannot execute itself: {error}")),
    };
    match status.code() {
        Some(GREEN) => {}
        Some(RED) => resume_unwind(Box::new(errors)),
        _ => red::fail(format!(
            "{name}: this program was executed again for this test alone, and ended with {status} before a verdict. \
             `isolate = \"process\"` needs the standard test harness, which knows the test as `{}`",
            path_in_crate(name)
        )),
    }
}

fn be_the_fresh_process(search: impl FnOnce()) -> ! {
    isolate::die_with_parent();
    isolate::leave_no_core();
    println!("\n{BEGIN}");
    // Unwind safety: nothing is looked at afterwards.
    exit(if catch_unwind(AssertUnwindSafe(search)).is_ok() { GREEN } else { RED })
}

struct Told {
    status: ExitStatus,
    errors: String,
}

fn executed_again(name: &str) -> std::io::Result<Told> {
    let mut command = Command::new(env::current_exe()?);
    command.args([path_in_crate(name), "--exact", "--nocapture", "--test-threads=1", "--include-ignored"]);
    let mut child = command
        .env(MARK, name)
        .env(ONE_ARENA.0, ONE_ARENA.1)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let (output, errors) = (child.stdout.take(), child.stderr.take());
    let errors = thread::scope(|scope| {
        // Threads of `std` print to where the thread that started them does.
        let errors = scope.spawn(move || passed_on(errors, true, |line| eprint!("{line}")));
        passed_on(output, false, |line| print!("{line}"));
        errors.join().unwrap_or_default()
    });
    Ok(Told { status: child.wait()?, errors })
}

/// Prints what is read, line by line, as soon as the test has `begun`; returns it.
fn passed_on(stream: Option<impl Read>, mut begun: bool, print: impl Fn(&str)) -> String {
    let mut all = String::new();
    let Some(stream) = stream else { return all };
    let mut lines = BufReader::new(stream);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        let text = String::from_utf8_lossy(&line);
        if begun {
            print(&text);
            all.push_str(&text);
        }
        begun |= text.trim_end() == BEGIN;
        line.clear();
    }
    all
}
