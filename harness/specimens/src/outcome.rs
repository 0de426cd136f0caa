//! What a search says about each specimen, for people and for machines.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use nevernone::campaign::{Options, check};
use nevernone::{SometimesTally, Verdict};
use serde::Serialize;

use crate::Specimen;

/// One line of the corpus table, and of `specimens.json`.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// The specimen's number.
    pub id: &'static str,
    /// The kind of bug.
    pub class: &'static str,
    /// What was found in the broken one.
    pub broken: Broken,
    /// What was said about the fixed one.
    pub fixed: Fixed,
}

/// A search of the broken one.
#[derive(Debug, Clone, Serialize)]
pub struct Broken {
    /// Whether it failed.
    pub caught: bool,
    /// What did not hold.
    pub property: Option<String>,
    /// Distinct runs until the cheapest failure was known.
    pub runs: u64,
    /// What the cheapest failure costs.
    pub cost: Option<u32>,
    /// Replays it.
    pub token: Option<String>,
    /// What was wrong, in the specimen's words.
    pub message: Option<String>,
}

/// A search of the fixed one.
#[derive(Debug, Clone, Serialize)]
pub struct Fixed {
    /// `verified`, if all is well.
    pub verdict: Verdict,
    /// Distinct runs.
    pub runs: u64,
    /// What had to be seen for the verdict to count: how near to the bug the runs came.
    pub sometimes: Vec<SometimesTally>,
}

impl Outcome {
    /// Searches both.
    pub fn of(specimen: &Specimen) -> Self {
        let broken = check(&(specimen.broken)(), &Options::default());
        let fixed = check(&(specimen.fixed)(), &Options::default());
        let failure = broken.failure;
        Outcome {
            id: specimen.id,
            class: specimen.class,
            broken: Broken {
                caught: broken.verdict == Verdict::Failed,
                property: failure.as_ref().map(|failure| failure.property.clone()),
                runs: broken.runs,
                cost: failure.as_ref().map(|failure| failure.cost),
                token: failure.as_ref().map(|failure| failure.token.clone()),
                message: failure.map(|failure| failure.message),
            },
            fixed: Fixed { verdict: fixed.verdict, runs: fixed.runs, sometimes: fixed.sometimes },
        }
    }

    /// Whether the broken one was caught and the fixed one verified.
    pub fn is_well(&self) -> bool {
        self.broken.caught && self.fixed.verdict == Verdict::Verified
    }
}

/// The corpus as a table.
pub fn table(outcomes: &[Outcome]) -> String {
    let header = ["id", "class", "broken", "property", "runs", "cost", "fixed", "runs", "token"].map(str::to_owned);
    let rows: Vec<[String; 9]> = std::iter::once(header).chain(outcomes.iter().map(cells)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 9] = std::array::from_fn(width);
    rows.iter().fold(String::new(), |mut text, row| {
        let line = row.iter().zip(widths).fold(String::new(), |mut line, (cell, width)| {
            // Writing to a string cannot fail.
            let _ = write!(line, "{cell:width$}  ");
            line
        });
        text.push_str(line.trim_end());
        text.push('\n');
        text
    })
}

/// Writes `specimens.json` into a folder, which is made if it is not there.
///
/// # Errors
/// What the file system says.
pub fn write(outcomes: &[Outcome], folder: &Path) -> std::io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let path = folder.join("specimens.json");
    let mut text = serde_json::to_string_pretty(outcomes)?;
    text.push('\n');
    std::fs::write(&path, text)?;
    Ok(path)
}

fn cells(outcome: &Outcome) -> [String; 9] {
    let Broken { caught, property, runs, cost, token, .. } = &outcome.broken;
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
    [
        outcome.id.to_owned(),
        outcome.class.to_owned(),
        if *caught { "caught" } else { "MISSED" }.to_owned(),
        or_none(property.clone()),
        runs.to_string(),
        or_none(cost.map(|cost| cost.to_string())),
        outcome.fixed.verdict.to_string(),
        outcome.fixed.runs.to_string(),
        or_none(token.clone()),
    ]
}
