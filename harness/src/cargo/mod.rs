//! The program `cargo nevernone`: the shared command line over the scenarios among a project's tests.
//!
//! `arguments.rs` what people type · `project.rs` what cargo builds, and how it would start it · `scenarios.rs` which tests are
//! scenarios · `chosen.rs` which of them are meant · `child.rs` a test's process while it does one errand · `searches.rs`
//! `check` · `commands.rs` `list` and `replay` · `gather.rs` `report`. What a test's process does is in `testing/driven.rs`.

mod arguments;
mod child;
mod chosen;
mod commands;
mod gather;
mod project;
mod scenarios;
mod searches;

use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use arguments::{Asked, Command, Selection};

use crate::cli::{UsageError, merge};

/// Why a command could not be carried out; the exit code is 2.
#[derive(Debug, thiserror::Error)]
enum Problem {
    /// As the shared command line says it.
    #[error(transparent)]
    Usage(#[from] UsageError),
    /// Cargo has said why.
    #[error("the tests could not be built; cargo said why")]
    Build,
    /// Cargo says something else than expected.
    #[error("cargo gave no answer that reads: {0}")]
    Cargo(String),
    #[error("`{program}` could not be started: {source}")]
    Start { program: String, source: std::io::Error },
    #[error("the test's program {} cannot be read: {source}", .path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{} does not list its tests: {reason}", .path.display())]
    Unlisted { path: PathBuf, reason: String },
    #[error(
        "no test here is a scenario; write one, in tests/startup.rs say, and call this again:\n\n    \
         #[nevernone::test]\n    async fn nobody_sees_it_half_built() {{ … }}\n\n\
         where tests are behind a feature, say --features; in another package, say --package or --workspace"
    )]
    NoScenario,
    #[error("two scenarios of the package {package} are called `{name}`: one in {}, one in {}; {}", .targets[0], .targets[1], rename(.targets))]
    DoubledName { name: String, package: String, targets: [String; 2] },
    #[error("several scenarios end in `{name}`: {names}; say more of the one that is meant")]
    SeveralNames { name: String, names: String },
    #[error("every scenario here is marked with `ignore`; name those that are to be checked, `list` shows all")]
    AllIgnored,
    #[error("several packages have a scenario `{0}`, which one checkpoint cannot tell apart; choose a package with -p")]
    OneFile(String),
    #[error("{name}: {how}")]
    Died { name: String, how: String },
    #[error("several packages have a scenario `{name}`: {packages}; say which with -p")]
    Ambiguous { name: String, packages: String },
    #[error("there is nothing to report in {}: run `cargo test` first, or name the folder of its reports", .0.display())]
    NoReports(PathBuf),
    #[error("{0}")]
    System(#[from] std::io::Error),
}

fn rename(targets: &[String; 2]) -> String {
    let flag = format!("--{}", targets[0]);
    format!("rename one, or choose with {flag}")
}

/// Reads the command line, `nevernone` as cargo's first argument or not, and carries it out.
///
/// Exit codes: 0 as expected, 1 failed, 2 usage, 3 incomplete, 4 vacuous; of several scenarios 1 before 4 before 3.
pub fn main(words: impl Iterator<Item = OsString>) -> ExitCode {
    let words: Vec<OsString> = words.collect();
    let code = match &words[..] {
        // Cargo believes to start a test.
        [_, role, executable, ..] if role == project::AS_RUNNER => project::tell_start(executable).map_or(2, |()| 0),
        _ => carry_out(arguments::read(words.into_iter())).unwrap_or_else(|problem| {
            let _ = writeln!(std::io::stderr(), "cargo nevernone: {problem}");
            2
        }),
    };
    ExitCode::from(code)
}

fn carry_out(asked: Asked) -> Result<u8, Problem> {
    let out = &mut std::io::stdout();
    let folder = |told: &Path, selection: &Selection| {
        if asked.default_folder { project::report_folder(selection) } else { Ok(told.to_owned()) }
    };
    // Outside of a project reports can be read all the same.
    let anywhere = |told: &Path| folder(told, &Selection::default()).unwrap_or_else(|_| told.to_owned());
    match asked.command {
        Command::List { arguments, selection } => commands::list(&arguments, &selection, out),
        Command::Check { arguments, selection } => {
            let folder = folder(&arguments.out, &selection)?;
            searches::check(&arguments, &selection, &folder, out)
        }
        Command::Replay { token, selection } => commands::replay(&token, &selection, out),
        Command::Merge { reports, out: told } => Ok(merge::merge(&reports, &anywhere(&told), "cargo nevernone", out)?),
        Command::Report { folder: gathered, out: told } => {
            let left_by_tests = || project::report_folder(&Selection::default());
            let from = gathered.or_else(|| left_by_tests().ok()).unwrap_or_else(|| "target/nevernone".into());
            gather::report(&from, &anywhere(&told), out)
        }
    }
}
