//! Finished units on disk, so that a search that was killed goes on where it was.
//!
//! One line of JSON says what is searched; then each finished unit appends one. A line is written in one piece after the
//! unit's last run, so whatever moment the process ends at, at most the last line is torn, and a torn line is ignored:
//! its unit is searched again. Units in which a failure was found, or left something out because of one, are not
//! written: the search finds the failure again.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::{Fingerprint, Shard, UnitReport};
use crate::explore::Bounds;
use crate::scenario::Scenario;

/// Of this format.
const VERSION: u32 = 1;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    nevernone_checkpoint: u32,
    searches: Vec<Searched>,
}

/// One scenario of those that are searched.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Searched {
    fingerprint: Fingerprint,
    bounds: Bounds,
    /// `K/N`.
    shard: Option<String>,
}

/// Every other line.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    scenario: String,
    unit: UnitReport,
}

/// A file of finished units. Two searches must not write to one file at a time.
#[derive(Debug)]
pub struct Checkpoint {
    path: PathBuf,
    file: Mutex<File>,
    /// What an earlier process finished.
    finished: Vec<Line>,
}

/// Why a checkpoint cannot be gone on from. The file is left as it is.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file system refuses.
    #[error("the checkpoint {} cannot be used: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
    /// It is no checkpoint, or was damaged.
    #[error("{}:{line}: this is no line of a checkpoint ({reason}); name another file", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What does not read.
        reason: String,
    },
    /// It belongs to another search.
    #[error("the checkpoint {} is of {difference}; name another file, or delete this one", .path.display())]
    OtherSearch {
        /// The file.
        path: PathBuf,
        /// In what it differs.
        difference: String,
    },
}

impl Checkpoint {
    /// Opens the checkpoint of these searches, or begins one where there is no such file.
    ///
    /// # Errors
    /// [`CheckpointError`]: where the file is no checkpoint, or one of another search.
    ///
    /// # Panics
    /// If called within a tokio runtime or within a run: the first run of each scenario is executed.
    pub fn open(path: &Path, searches: &[(&Scenario, Bounds)], shard: Option<Shard>) -> Result<Self, CheckpointError> {
        let fingerprint = |(scenario, bounds): &(&Scenario, Bounds)| (Fingerprint::of(scenario, bounds), *bounds);
        Self::open_for(path, searches.iter().map(fingerprint), shard)
    }

    /// Like [`open`](Self::open), for searches that other processes will make.
    pub(crate) fn open_for(
        path: &Path,
        searches: impl Iterator<Item = (Fingerprint, Bounds)>,
        shard: Option<Shard>,
    ) -> Result<Self, CheckpointError> {
        let failed = |source| CheckpointError::File { path: path.to_owned(), source };
        let header = Header {
            nevernone_checkpoint: VERSION,
            searches: searches.map(|(fingerprint, bounds)| Searched::new(fingerprint, bounds, shard)).collect(),
        };
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let mut file = options.map_err(failed)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(failed)?;
        // What comes after the last end of a line was torn off.
        text.truncate(text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1));
        let finished =
            if text.is_empty() { Vec::new() } else { read(path, &text, |theirs| difference(&header, theirs))? };
        file.set_len(text.len() as u64).and_then(|()| file.seek(SeekFrom::End(0))).map_err(failed)?;
        if text.is_empty() {
            write_line(&mut file, &header).map_err(failed)?;
        }
        Ok(Checkpoint { path: path.to_owned(), file: Mutex::new(file), finished })
    }

    /// Opens the checkpoint of several searches for one of them, in the process that makes it. Another has opened it for
    /// all of them before, so that no line is torn.
    ///
    /// # Errors
    /// [`CheckpointError`], also where this search is not one of those.
    pub(crate) fn go_on(
        path: &Path,
        scenario: &Scenario,
        bounds: Bounds,
        shard: Option<Shard>,
    ) -> Result<Self, CheckpointError> {
        let failed = |source| CheckpointError::File { path: path.to_owned(), source };
        let mut file = OpenOptions::new().read(true).append(true).open(path).map_err(failed)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(failed)?;
        let ours = Searched::new(Fingerprint::of(scenario, &bounds), bounds, shard);
        let finished = read(path, &text, |header| difference_of_one(&ours, header))?;
        Ok(Checkpoint { path: path.to_owned(), file: Mutex::new(file), finished })
    }

    /// What an earlier process finished of a scenario.
    pub(crate) fn finished(&self, scenario: &str) -> impl Iterator<Item = &UnitReport> {
        self.finished.iter().filter(move |line| line.scenario == scenario).map(|line| &line.unit)
    }

    /// Appends a finished unit; says why where that is impossible.
    pub(crate) fn record(&self, scenario: &str, unit: &UnitReport) -> Result<(), String> {
        let line = Line { scenario: scenario.to_owned(), unit: unit.clone() };
        // Another worker's panic cannot tear a line: it is written in one piece.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        write_line(&mut file, &line).map_err(|error| format!("{} cannot be written: {error}", self.path.display()))
    }
}

fn write_line(file: &mut File, line: &impl Serialize) -> io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    file.write_all(&text)
}

/// The finished units of a file in whose header `difference` finds nothing.
fn read(
    path: &Path,
    text: &[u8],
    difference: impl FnOnce(&Header) -> Option<String>,
) -> Result<Vec<Line>, CheckpointError> {
    let unreadable = |line, reason: &serde_json::Error| {
        let reason = reason.to_string();
        CheckpointError::Unreadable { path: path.to_owned(), line, reason }
    };
    let mut lines = text.trim_ascii_end().split(|byte| *byte == b'\n').zip(1..);
    let first = lines.next().map_or(&[][..], |(line, _)| line);
    let header: Header = serde_json::from_slice(first).map_err(|reason| unreadable(1, &reason))?;
    if let Some(difference) = difference(&header) {
        return Err(CheckpointError::OtherSearch { path: path.to_owned(), difference });
    }
    lines.map(|(line, number)| serde_json::from_slice(line).map_err(|reason| unreadable(number, &reason))).collect()
}

fn difference(ours: &Header, theirs: &Header) -> Option<String> {
    if theirs.nevernone_checkpoint != VERSION {
        return Some(format!("version {}, and this build reads {VERSION}", theirs.nevernone_checkpoint));
    }
    let names = |header: &Header| -> Vec<String> {
        header.searches.iter().map(|searched| searched.fingerprint.scenario.clone()).collect()
    };
    if names(ours) != names(theirs) {
        return Some(format!("other scenarios ({})", names(theirs).join(", ")));
    }
    ours.searches.iter().zip(&theirs.searches).find_map(|(ours, theirs)| ours.difference(theirs))
}

/// What keeps one search from going on from a file of several.
fn difference_of_one(ours: &Searched, theirs: &Header) -> Option<String> {
    let name = &ours.fingerprint.scenario;
    match theirs.searches.iter().find(|searched| searched.fingerprint.scenario == *name) {
        Some(theirs) => ours.difference(theirs),
        None => Some(format!("other scenarios, and not of `{name}`")),
    }
}

impl Searched {
    fn new(fingerprint: Fingerprint, bounds: Bounds, shard: Option<Shard>) -> Self {
        Searched { fingerprint, bounds, shard: shard.map(|shard| shard.to_string()) }
    }

    /// In what another search of this scenario differs.
    fn difference(&self, theirs: &Searched) -> Option<String> {
        let other = if self.bounds != theirs.bounds {
            Some("other bounds".to_owned())
        } else if self.shard != theirs.shard {
            Some(format!("another shard ({})", theirs.shard.as_deref().unwrap_or("the whole")))
        } else {
            self.fingerprint.difference(&theirs.fingerprint)
        };
        other.map(|other| format!("{other} for `{}`", self.fingerprint.scenario))
    }
}
