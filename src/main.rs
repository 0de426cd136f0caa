//! The program: checks the reference implementation, or serves it.

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

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
        None => scenarios(&nevernone::cli::Command::default()),
        #[cfg(not(feature = "check"))]
        None => Err("this build has no scenarios to check; say `serve`, or build with the feature `check`".into()),
    }
}

#[cfg(feature = "check")]
fn scenarios(command: &nevernone::cli::Command) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let program = "cargo run --release --";
    let code = nevernone::cli::run(command, &nevernone_reference::scenarios::all(), program, &mut std::io::stdout())?;
    Ok(ExitCode::from(code))
}
