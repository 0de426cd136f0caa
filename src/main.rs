//! The program: checks the reference implementation, or serves it.

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[cfg(feature = "check")]
mod matrix;
#[cfg(feature = "server")]
mod serve;
mod verify;

/// Checks that the platform's WebSocket manager can never be observed missing, or serves the platform.
#[derive(Debug, Parser)]
#[command(name = "nevernone", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[cfg(feature = "check")]
    #[command(flatten)]
    Scenarios(nevernone::cli::Command),
    /// Searches every set of the four layers against each kind of fault: which layer catches what
    ///
    /// Each cell is a scenario of its own, `layers/LAYERS/KIND`. `check` searches those that it is given by name, and
    /// `replay` knows their tokens; `list`, and `check` without names, leave them out.
    #[cfg(feature = "check")]
    Matrix(matrix::MatrixArguments),
    /// Serves the platform: /ws, /healthz, /readyz
    #[cfg(feature = "server")]
    Serve(serve::ServeArguments),
    /// Goes through logs of the platform with the checklist of a deployment
    VerifyLogs(verify::VerifyArguments),
}

fn main() -> ExitCode {
    // A wrong flag ends in clap's own message, with exit code 2.
    let command = Arguments::parse().command;
    run(command).unwrap_or_else(|problem| {
        let _ = writeln!(std::io::stderr(), "nevernone: {problem}");
        ExitCode::from(2)
    })
}

fn run(command: Option<Command>) -> Result<ExitCode, Box<dyn std::error::Error>> {
    match command {
        #[cfg(feature = "server")]
        Some(Command::Serve(arguments)) => serve::serve(&arguments),
        Some(Command::VerifyLogs(arguments)) => verify::verify(&arguments),
        #[cfg(feature = "check")]
        Some(Command::Scenarios(command)) => scenarios(&command),
        #[cfg(feature = "check")]
        Some(Command::Matrix(arguments)) => matrix::matrix(&arguments),
        #[cfg(feature = "check")]
        None => scenarios(&nevernone::cli::Command::default()),
        #[cfg(not(feature = "check"))]
        None => Err("this build has no scenarios to check; say `serve`, or build with the feature `check`".into()),
    }
}

#[cfg(feature = "check")]
fn scenarios(command: &nevernone::cli::Command) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let program = "cargo run --release --";
    let code = nevernone::cli::run(command, &known_to(command), program, &mut std::io::stdout())?;
    Ok(ExitCode::from(code))
}

/// The cells of the matrix are there for whoever names one, and in nobody's way else.
#[cfg(feature = "check")]
fn known_to(command: &nevernone::cli::Command) -> Vec<nevernone::Scenario> {
    use nevernone::cli::Command;
    use nevernone_reference::scenarios;

    let mut known = scenarios::all();
    let names_one = match command {
        Command::List(_) => false,
        Command::Check(arguments) => !arguments.names.is_empty(),
        Command::Replay { .. } | Command::Merge { .. } => true,
    };
    if names_one {
        known.extend(scenarios::layers::Cell::all().into_iter().map(scenarios::layers::Cell::scenario));
    }
    known
}
