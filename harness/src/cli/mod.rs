//! The shared command line: `list`, `check`, `replay`, `merge`, over whatever scenarios a program brings.

pub(crate) mod campaigns;
mod commands;
pub(crate) mod merge;
pub(crate) mod progress;
mod scale;

use std::path::PathBuf;

use clap::{Args, FromArgMatches as _, Subcommand, ValueEnum};

use crate::campaign::ESTIMATE_DESCENTS;
use crate::scenario::Scenario;
use crate::shard::ShardArgument;
use crate::testing::HumanDuration;
pub(crate) use commands::nearest;

/// The commands that every program with scenarios has.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Lists the scenarios, their bounds and how many runs they have
    List(ListArguments),
    /// Searches scenarios and judges them
    Check(CheckArguments),
    /// Executes one recorded run and prints its timeline
    Replay {
        /// The token that a failing check printed
        token: String,
    },
    /// Puts the reports of all shards together into one verdict
    Merge {
        /// The report.json of every shard
        #[arg(value_name = "REPORT.json", required = true)]
        reports: Vec<PathBuf>,
        /// Where the report goes
        #[arg(long, value_name = "DIR", default_value = "target/nevernone")]
        out: PathBuf,
    },
}

impl Default for Command {
    /// A check of every scenario within its own bounds.
    fn default() -> Self {
        Command::Check(CheckArguments::default())
    }
}

/// What to list.
#[derive(Debug, Clone, Args)]
pub struct ListArguments {
    /// Also estimate the size without any bound
    #[arg(long)]
    pub unbounded: bool,
    /// How many random paths an estimate is made from
    #[arg(long, value_name = "N", default_value_t = ESTIMATE_DESCENTS, value_parser = clap::value_parser!(u32).range(2..))]
    pub descents: u32,
}

/// What to check, and how far. What is not said here the environment may say, with the variables of `cargo test`.
#[derive(Debug, Clone, Args)]
pub struct CheckArguments {
    /// Scenarios; all of them where none is named
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// At most that many faults in a run
    #[arg(long, value_name = "N")]
    pub faults: Option<u32>,
    /// At most that many preemptions in a run
    #[arg(long, value_name = "N")]
    pub preemptions: Option<u32>,
    /// At most that many cancellations in a run
    #[arg(long, value_name = "N")]
    pub cancellations: Option<u32>,
    /// At most that many stalls in a run
    #[arg(long, value_name = "N")]
    pub stalls: Option<u32>,
    /// At most that much of everything together in a run
    #[arg(long, value_name = "N")]
    pub cost: Option<u32>,
    /// Worker threads, for all scenarios together and within one; as many as there are cores where nothing is said
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// Search one part of several, as 1/8; auto takes it from the scheduler or CI system that runs this
    #[arg(long, value_name = "K/N or auto")]
    pub shard: Option<ShardArgument>,
    /// Write finished parts to this file, and go on from what it holds
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Option<PathBuf>,
    /// Stop each search after that long: 500ms, 60s, 5m
    #[arg(long, value_name = "TIME")]
    pub max_time: Option<HumanDuration>,
    /// Who feeds the choices
    #[arg(long, value_enum, default_value_t)]
    pub explorer: ExplorerName,
    /// Seeds the random explorer
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub seed: u64,
    /// How many runs the random explorer takes
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    pub runs: u64,
    /// Where the report goes
    #[arg(long, value_name = "DIR", default_value = "target/nevernone")]
    pub out: PathBuf,
}

/// An explorer's name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ExplorerName {
    /// Everything within the bounds
    #[default]
    Exhaustive,
    /// Seeded random runs
    Random,
}

/// Why a command could not be carried out; the exit code is 2.
#[derive(Debug, thiserror::Error)]
pub enum UsageError {
    /// There is no such scenario.
    #[error("there is no scenario `{name}`{}; `list` shows all of them", did_you_mean(.nearest.as_deref()))]
    UnknownScenario {
        /// As it was asked for.
        name: String,
        /// The one with the most similar name.
        nearest: Option<String>,
    },
    /// Two scenarios have one name.
    #[error("two scenarios are called `{0}`: a token or a report could mean either; rename one")]
    DoubledName(String),
    /// The token does not read.
    #[error(transparent)]
    Token(#[from] crate::choice::token::TokenError),
    /// The token reads, but no longer fits.
    #[error("{0}")]
    Outdated(String),
    /// The report could not be written.
    #[error("the report could not be written to {}: {source}; name a folder that can be written with --out", .folder.display())]
    Report {
        /// Where it should have gone.
        folder: PathBuf,
        /// What the file system said.
        source: std::io::Error,
    },
    /// A variable of the environment does not read, or nobody reads it.
    #[error("{0}")]
    Environment(String),
    /// The environment does not say which shard this is.
    #[error(transparent)]
    NoShard(#[from] crate::shard::NoShard),
    /// A random search has no parts.
    #[error("--{0} needs the exhaustive explorer: a sample has no parts. Give each machine another --seed instead")]
    ExhaustiveOnly(&'static str),
    /// The checkpoint cannot be gone on from.
    #[error(transparent)]
    Checkpoint(#[from] crate::shard::CheckpointError),
    /// Reports cannot be put together.
    #[error(transparent)]
    Merge(#[from] crate::shard::MergeError),
    /// No worker thread could be started, or the terminal went away.
    #[error("{0}")]
    System(#[from] std::io::Error),
}

/// Carries out a command and gives the process's exit code; output goes to `out`. `program` is how a replay line
/// calls this program.
///
/// # Errors
/// [`UsageError`], for exit code 2.
pub fn run(
    command: &Command,
    scenarios: &[Scenario],
    program: &str,
    out: &mut dyn std::io::Write,
) -> Result<u8, UsageError> {
    commands::names_differ(scenarios)?;
    match command {
        Command::List(arguments) => commands::list(scenarios, arguments, out),
        Command::Check(arguments) => campaigns::check(scenarios, arguments, program, out),
        Command::Replay { token } => commands::replay(scenarios, token, out),
        Command::Merge { reports, out: folder } => merge::merge(reports, folder, program, out),
    }
}

impl Default for CheckArguments {
    /// As if nothing was said on the command line.
    fn default() -> Self {
        let command = CheckArguments::augment_args(clap::Command::new("check"));
        let matches = command.get_matches_from(["check"]);
        CheckArguments::from_arg_matches(&matches).expect("every argument has a default")
    }
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}
