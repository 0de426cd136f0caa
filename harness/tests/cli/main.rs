//! The shared command line as a program meets it that brings its own scenarios: what people type, the exit code, the text.

mod codes;
mod files;
#[cfg(feature = "html")]
mod page;
mod scenarios;
#[cfg(unix)]
mod stopped;
mod stories;
mod unusable;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use clap::{FromArgMatches as _, Subcommand as _};
use nevernone::Scenario;
use nevernone::cli::{self, Command, UsageError};

/// Exit code and text, or why it could not be carried out.
type Called = Result<(u8, String), UsageError>;

/// Carries out what somebody types behind the program's name.
fn call(words: &[&str], scenarios: &[Scenario]) -> Called {
    let program = Command::augment_subcommands(clap::Command::new("shop-check"));
    let matches = program.try_get_matches_from([&["shop-check"], words].concat()).expect("the words are a command");
    let command = Command::from_arg_matches(&matches).expect("a subcommand");
    let mut out = Vec::new();
    let code = cli::run(&command, scenarios, "shop-check", &mut out)?;
    Ok((code, String::from_utf8(out).expect("text")))
}

/// `check` with more words, whose report goes to a folder of its own.
fn check(words: &[&str], scenarios: &[Scenario]) -> Called {
    let folder = scratch();
    call(&[&["check"], words, &["--out", folder.to_str().expect("text")]].concat(), scenarios)
}

/// `check` of what can be checked.
#[track_caller]
fn checked(words: &[&str], scenarios: &[Scenario]) -> (u8, String) {
    check(words, scenarios).unwrap_or_else(|problem| panic!("{problem}"))
}

/// An empty folder that nobody else uses.
fn scratch() -> PathBuf {
    static FOLDERS: AtomicU32 = AtomicU32::new(0);
    // Relaxed: the counter only hands out numbers.
    let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("cli-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// The token in the replay line of a story.
#[track_caller]
fn token(out: &str) -> &str {
    let (_, rest) = out.split_once("shop-check replay '").unwrap_or_else(|| panic!("no replay line in:\n{out}"));
    rest.split_once('\'').expect("the quote ends").0
}
