//! What people type behind `cargo nevernone`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::cli::{CheckArguments, ListArguments};

/// Searches the scenarios among the tests of this project: every async fn with `#[nevernone::test]`. Other tests are not
/// run. Alone it is `check`.
#[derive(Debug, Parser)]
#[command(name = "cargo-nevernone", bin_name = "cargo nevernone", version)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

/// The commands of the shared command line, over tests that cargo builds first.
#[derive(Debug, Clone, Subcommand)]
pub(super) enum Command {
    /// Lists the scenarios, their bounds and how many runs they have
    List {
        #[command(flatten)]
        arguments: ListArguments,
        #[command(flatten)]
        selection: Selection,
    },
    /// Searches scenarios and judges them: on all cores, one scenario after the other
    Check {
        #[command(flatten)]
        arguments: Box<CheckArguments>,
        #[command(flatten)]
        selection: Box<Selection>,
    },
    /// Executes one recorded run and prints its timeline, and what the test prints
    Replay {
        /// The token that a failing check or test printed
        token: String,
        #[command(flatten)]
        selection: Selection,
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
    /// Gathers the reports that `cargo test` left, one for each test, into one
    Report {
        /// The folder that holds them; target/nevernone where nothing is said
        #[arg(value_name = "DIR", env = "NEVERNONE_REPORT_DIR")]
        folder: Option<PathBuf>,
        /// Where the report goes
        #[arg(long, value_name = "DIR", default_value = "target/nevernone")]
        out: PathBuf,
    },
}

/// Which tests to build, and how.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Which tests, and how to build them; cargo has the same flags")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of cargo's own")]
pub(super) struct Selection {
    /// Only that package's tests
    #[arg(short, long, value_name = "SPEC")]
    pub(super) package: Vec<String>,
    /// All packages' of the workspace
    #[arg(long, alias = "all")]
    workspace: bool,
    /// All but that package's; with --workspace
    #[arg(long, value_name = "SPEC", requires = "workspace")]
    exclude: Vec<String>,
    /// Only the unit tests of the library
    #[arg(long)]
    lib: bool,
    /// Only the unit tests of that program
    #[arg(long, value_name = "NAME")]
    bin: Vec<String>,
    /// Only the unit tests of programs
    #[arg(long)]
    bins: bool,
    /// Only that integration test
    #[arg(long, value_name = "NAME")]
    test: Vec<String>,
    /// Only targets that are tests by themselves; this is what happens where nothing is said
    #[arg(long)]
    tests: bool,
    /// Only the tests in that example
    #[arg(long, value_name = "NAME")]
    example: Vec<String>,
    /// Only the tests in examples
    #[arg(long)]
    examples: bool,
    /// The tests of all targets, examples and benchmarks too
    #[arg(long)]
    all_targets: bool,
    /// Features to build with
    #[arg(short = 'F', long, value_name = "FEATURES")]
    features: Vec<String>,
    /// With all features
    #[arg(long)]
    all_features: bool,
    /// Without the default feature
    #[arg(long)]
    no_default_features: bool,
    /// Build with optimisation, in the profile `release`
    #[arg(short, long, conflicts_with = "profile")]
    release: bool,
    /// Build in that profile
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// How many compilers run at a time; --jobs is for the search
    #[arg(long, value_name = "N")]
    build_jobs: Option<String>,
    /// Build for that platform, which must run here
    #[arg(long, value_name = "TRIPLE")]
    pub(super) target: Option<String>,
    /// Where to build
    #[arg(long, value_name = "DIR")]
    pub(super) target_dir: Option<PathBuf>,
    /// The project's manifest, where it is not in this folder or above it
    #[arg(long, value_name = "PATH")]
    pub(super) manifest_path: Option<PathBuf>,
    /// Cargo.lock must not change
    #[arg(long)]
    locked: bool,
    /// Do not use the network
    #[arg(long)]
    offline: bool,
    /// Neither of both
    #[arg(long)]
    frozen: bool,
    /// A setting of cargo's
    #[arg(long, value_name = "KEY=VALUE")]
    config: Vec<String>,
}

/// What was asked for.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) command: Command,
    /// Nobody said where the report goes.
    pub(super) default_folder: bool,
}

/// Reads the command line. A wrong flag ends in clap's own message, with exit code 2.
pub(super) fn read(words: impl Iterator<Item = OsString>) -> Asked {
    let mut words: Vec<OsString> = words.collect();
    // Cargo starts `cargo-nevernone nevernone …`.
    if words.get(1).is_some_and(|word| word == "nevernone") {
        words.remove(1);
    }
    let matches = Arguments::command().get_matches_from(words);
    let source =
        |matches: &clap::ArgMatches| matches.try_contains_id("out").is_ok().then(|| matches.value_source("out"));
    let told = matches.subcommand().and_then(|(_, matches)| source(matches)).flatten();
    let read = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let check = || Command::Check { arguments: Box::default(), selection: Box::default() };
    Asked { command: read.command.unwrap_or_else(check), default_folder: told != Some(ValueSource::CommandLine) }
}

impl Selection {
    /// The words for `cargo test`.
    pub(super) fn words(&self) -> Vec<OsString> {
        let mut words = self.packages();
        words.extend(self.targets());
        if !self.names_targets() {
            // Otherwise examples would be built, which nobody runs, and documentation would be tested.
            words.push("--tests".into());
        }
        words.extend(self.settings());
        for (flag, value) in [("--jobs", &self.build_jobs), ("--target", &self.target)] {
            words.extend(valued(flag, value));
        }
        words
    }

    /// The words that a line which replays a failure must repeat; a package's name stands for all that say which.
    pub(super) fn words_of_replay(&self, package: Option<&str>) -> Vec<OsString> {
        let packages = package.map_or_else(|| self.packages(), |name| valued("--package", [&OsString::from(name)]));
        [packages, self.targets(), self.settings(), valued("--target", &self.target)].concat()
    }

    /// The words for `cargo metadata`.
    pub(super) fn words_of_metadata(&self) -> Vec<OsString> {
        [valued("--manifest-path", &self.manifest_path), self.reach(), valued("--config", &self.config)].concat()
    }

    fn names_targets(&self) -> bool {
        let lists = [&self.bin, &self.test, &self.example];
        let flags = [self.lib, self.bins, self.tests, self.examples, self.all_targets];
        lists.iter().any(|names| !names.is_empty()) || flags.contains(&true)
    }

    fn packages(&self) -> Vec<OsString> {
        let workspace = flag("--workspace", self.workspace);
        [valued("--package", &self.package), workspace, valued("--exclude", &self.exclude)].concat()
    }

    fn targets(&self) -> Vec<OsString> {
        let flags = [
            ("--lib", self.lib),
            ("--bins", self.bins),
            ("--tests", self.tests),
            ("--examples", self.examples),
            ("--all-targets", self.all_targets),
        ];
        let mut words: Vec<OsString> = flags.into_iter().flat_map(|(name, given)| flag(name, given)).collect();
        for (name, values) in [("--bin", &self.bin), ("--test", &self.test), ("--example", &self.example)] {
            words.extend(valued(name, values));
        }
        words
    }

    fn settings(&self) -> Vec<OsString> {
        let mut words = valued("--features", &self.features);
        words.extend(flag("--all-features", self.all_features));
        words.extend(flag("--no-default-features", self.no_default_features));
        words.extend(flag("--release", self.release));
        words.extend(valued("--profile", &self.profile));
        words.extend(valued("--target-dir", &self.target_dir));
        words.extend(self.words_of_metadata());
        words
    }

    fn reach(&self) -> Vec<OsString> {
        let flags = [("--locked", self.locked), ("--offline", self.offline), ("--frozen", self.frozen)];
        flags.into_iter().flat_map(|(name, given)| flag(name, given)).collect()
    }
}

fn flag(name: &str, given: bool) -> Vec<OsString> {
    if given { vec![name.into()] } else { Vec::new() }
}

fn valued<'a, T: Clone + Into<OsString> + 'a>(name: &str, values: impl IntoIterator<Item = &'a T>) -> Vec<OsString> {
    values.into_iter().flat_map(|value| [name.into(), value.clone().into()]).collect()
}
