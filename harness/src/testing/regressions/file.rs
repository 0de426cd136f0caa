//! The file of recorded runs: read as a whole, written a line at a time.

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::choice::token::{Token, TokenError};
use crate::report::FailureReport;

/// Characters of a failure's message in the comment above its token.
const MESSAGE: usize = 160;

/// Where the tokens of one test stand.
pub(super) struct File {
    folder: PathBuf,
    path: PathBuf,
    scenario: String,
}

/// What became of a token that was to be added.
pub(super) enum Added {
    New,
    /// It stood there.
    Known,
}

/// One line with a token.
#[derive(Debug)]
pub(super) struct Recorded {
    /// From 1.
    pub(super) line: usize,
    /// The token; one of another version of the framework is the only error that is none of the file's.
    pub(super) token: Result<Token, TokenError>,
}

impl File {
    pub(super) fn new(folder: PathBuf, name: &str, scenario: &str) -> Self {
        let path = folder.join(format!("{name}.txt"));
        File { folder, path, scenario: scenario.to_owned() }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// All tokens, each once; none where there is no file.
    ///
    /// # Errors
    /// Names file, line and reason where something in it is no token of this scenario.
    pub(super) fn read(&self) -> Result<Vec<Recorded>, String> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(format!("{} cannot be read: {error}; {REMEDY}", self.path.display())),
        };
        let mut seen = HashSet::new();
        let mut recorded = Vec::new();
        for (line, bytes) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
            let wrong = |reason: String| format!("{}:{line}: {reason}; {REMEDY}", self.path.display());
            let text = std::str::from_utf8(bytes).map_err(|_| wrong("this is no UTF-8".to_owned()))?;
            // Editors on some systems begin a file with a byte order mark.
            let text = text.trim_start_matches('\u{feff}').trim();
            if text.is_empty() || text.starts_with('#') || !seen.insert(text) {
                continue;
            }
            let token = match text.parse::<Token>() {
                Err(error) if !matches!(error, TokenError::OtherVersion(_)) => return Err(wrong(error.to_string())),
                token => token,
            };
            if let Some(other) =
                token.as_ref().ok().map(|token| &token.scenario).filter(|other| **other != self.scenario)
            {
                return Err(wrong(format!("this token belongs to `{other}`, and the test is `{}`", self.scenario)));
            }
            recorded.push(Recorded { line, token });
        }
        Ok(recorded)
    }

    /// Adds the token of a failing run, unless it is there.
    pub(super) fn add(&self, failure: &FailureReport) -> io::Result<Added> {
        // The package's own folder is not made: where it is missing, this is another machine.
        match fs::create_dir(&self.folder) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(&self.path)?;
        // Two shards may find the same run at one time. Where the file system knows no locks, both write it: what is added
        // is added in one piece anyhow, and whoever reads it counts it once.
        let _ = file.lock();
        let mut before = Vec::new();
        file.read_to_end(&mut before)?;
        if before.split(|byte| *byte == b'\n').any(|line| line.trim_ascii() == failure.token.as_bytes()) {
            return Ok(Added::Known);
        }
        let mut text = if before.is_empty() { self.header() } else { String::new() };
        if before.last().is_some_and(|last| *last != b'\n') {
            text.push('\n');
        }
        text.push_str(&comment(failure));
        text.push_str(&failure.token);
        text.push('\n');
        file.write_all(text.as_bytes())?;
        Ok(Added::New)
    }

    fn header(&self) -> String {
        format!(
            "# Failing runs of `{}`, found by nevernone and executed before every search.\n\
             # Commit this file. A run that no longer fits is told and no failure; its line can be deleted.\n\n",
            one_line(&self.scenario)
        )
    }

    /// What is told where the test is expected to fail.
    pub(super) fn left_aside(&self, count: usize) -> String {
        let (runs, are) = if count == 1 { ("run", "is") } else { ("runs", "are") };
        format!(
            "{}: {count} recorded {runs} {are} not executed, since this test is expected to fail; delete the file, or what \
             is expected",
            self.path.display()
        )
    }
}

/// What to do about a file that does not read.
const REMEDY: &str = "repair or delete it: it holds failing runs of this test, a token a line, and comments behind `#`";

fn comment(failure: &FailureReport) -> String {
    let told = one_line(&format!("{}: {}", failure.property, failure.message));
    let shortened: String = told.chars().take(MESSAGE).collect();
    let ellipsis = if shortened.len() < told.len() { "…" } else { "" };
    format!("# {shortened}{ellipsis}\n")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
