//! `nevernone verify-logs`.

use std::error::Error;
use std::fs::File;
use std::io::{self, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use nevernone_reference::verify_logs::Checklist;

/// Which logs.
#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    /// Logs in the order in which they were written; `-` is standard input. The platform's JSON, plain text and Cloud
    /// Logging's JSON are understood, also as one array
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

/// Prints the checklist; the exit code is the verdict's.
pub(crate) fn verify(arguments: &VerifyArguments) -> Result<ExitCode, Box<dyn Error>> {
    let mut checklist = Checklist::default();
    for file in &arguments.files {
        read(&mut checklist, file).map_err(|error| format!("{} could not be read: {error}", file.display()))?;
    }
    let report = checklist.finish();
    write!(io::stdout(), "{report}")?;
    Ok(ExitCode::from(report.verdict().exit_code()))
}

fn read(checklist: &mut Checklist, file: &Path) -> io::Result<()> {
    if file == Path::new("-") {
        return checklist.read("standard input", io::stdin().lock());
    }
    checklist.read(&file.display().to_string(), BufReader::new(File::open(file)?))
}
