//! `nevernone matrix`.

use std::io::{self, Write as _};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;

use clap::Args;
use nevernone_reference::scenarios::layers;

/// How, and what to print.
#[derive(Debug, Args)]
pub(crate) struct MatrixArguments {
    /// Worker threads; as many as there are cores where nothing is said
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Where the report goes
    #[arg(long, value_name = "DIR", default_value = "target/nevernone/matrix")]
    out: PathBuf,
}

/// Searches every cell and prints the table; the exit code is 0 if each came to what is expected of it.
pub(crate) fn matrix(arguments: &MatrixArguments) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let cores = || thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let matrix = layers::search(arguments.jobs.unwrap_or_else(cores));
    let report = matrix.report();
    let written = report.write(&arguments.out)?;
    writeln!(io::stdout(), "{matrix}report: {}", written.json.display())?;
    Ok(ExitCode::from(report.exit_code()))
}
