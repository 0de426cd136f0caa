//! All cells searched, and the table of what came of them.

use std::fmt::{self, Write as _};
use std::num::NonZeroUsize;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use nevernone::Verdict;
use nevernone::campaign::{self, Options};
use nevernone::report::{Report, ScenarioReport};

use super::suffices::suffices;
use super::{Caught, Cell, Kind};
use crate::legacy::{Layer, Layers};

/// Every cell with what came of it.
#[derive(Debug, Clone)]
pub struct Matrix {
    /// Set by set.
    cells: Vec<(Cell, ScenarioReport)>,
}

/// Searches every cell, on so many threads.
///
/// # Panics
/// Where the operating system starts no thread.
pub fn search(jobs: NonZeroUsize) -> Matrix {
    let cells = Cell::all();
    let reports: Vec<OnceLock<ScenarioReport>> = cells.iter().map(|_| OnceLock::new()).collect();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..jobs.get() {
            scope.spawn(|| {
                // Relaxed: the counter only hands out numbers; the reports are read after the threads were joined.
                while let Some((cell, report)) = at(&cells, &reports, next.fetch_add(1, Ordering::Relaxed)) {
                    let _ = report.set(campaign::check(&cell.scenario(), &Options::default()));
                }
            });
        }
    });
    let reports = reports.into_iter().map(|report| report.into_inner().expect("every cell was taken by a thread"));
    Matrix { cells: cells.into_iter().zip(reports).collect() }
}

fn at<'a, A, B>(cells: &'a [A], reports: &'a [B], index: usize) -> Option<(&'a A, &'a B)> {
    Some((cells.get(index)?, reports.get(index)?))
}

impl Matrix {
    /// Each cell with its report.
    pub fn cells(&self) -> &[(Cell, ScenarioReport)] {
        &self.cells
    }

    /// Everything as a report of the framework: for its files, stories and exit code.
    pub fn report(&self) -> Report {
        let reports = self.cells.iter().map(|(_, report)| report.clone()).collect();
        Report::new(reports, campaign::calibration().is_ok())
    }

    /// What came of a cell; `None` where that is not what was expected, and for a cell that there is not.
    pub fn caught(&self, layers: Layers, kind: Kind) -> Option<Caught> {
        let wanted = Cell { layers, kind };
        self.cells.iter().find(|(cell, _)| *cell == wanted).and_then(|(cell, report)| caught(cell, report))
    }

    /// The table, in Markdown whose columns stand under one another; at its edges, how many cells are verified.
    pub fn table(&self) -> String {
        let kinds = Kind::all();
        let mut rows = vec![head(&kinds), Vec::new()];
        for layers in Layers::sets() {
            let ticks = Layer::ALL.map(|layer| if layers.has(layer) { "yes" } else { "–" }.to_owned());
            let cells: Vec<String> = self.those(|cell| cell.layers == layers).map(text).collect();
            let verified = self.verified(|cell| cell.layers == layers);
            rows.push(ticks.into_iter().chain(cells).chain([verified]).collect());
        }
        let foot = Layer::ALL.iter().map(|_| String::new());
        let counts = kinds.iter().map(|kind| self.verified(|cell| cell.kind == *kind));
        rows.push(foot.chain(counts).chain([self.verified(|_| true)]).collect());
        aligned(&rows)
    }

    fn those(&self, wanted: impl Fn(&Cell) -> bool) -> impl Iterator<Item = &(Cell, ScenarioReport)> {
        self.cells.iter().filter(move |(cell, _)| wanted(cell))
    }

    fn verified(&self, wanted: impl Fn(&Cell) -> bool) -> String {
        let all = self.those(&wanted).count();
        let verified = self.those(wanted).filter(|(_, report)| report.verdict == Verdict::Verified).count();
        format!("{verified} of {all}")
    }

    /// For each kind the least sets of layers that suffice: to lose no request, and to show nobody what is no manager.
    pub fn least_sets(&self) -> String {
        let mut rows = vec![
            ["kind", "no accepted request is lost", "and nobody meets a missing or half-built manager"]
                .map(str::to_owned)
                .to_vec(),
        ];
        rows.push(Vec::new());
        for kind in Kind::all() {
            let heard = suffices(|layers| self.caught(layers, kind).is_some_and(|caught| caught != Caught::Lost));
            let unseen =
                suffices(|layers| matches!(self.caught(layers, kind), Some(Caught::Served { .. } | Caught::Refused)));
            rows.push(vec![kind.to_string(), heard, unseen]);
        }
        aligned(&rows)
    }

    /// A line for each cell that fails: its name, how many runs it took, and the token.
    pub fn tokens(&self) -> String {
        let mut lines = String::new();
        for (_, report) in &self.cells {
            if let Some(failure) = &report.failure {
                // Writing to a `String` cannot fail.
                let _ = writeln!(lines, "{}", failure.token);
            }
        }
        lines
    }
}

impl fmt::Display for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |verdict| self.cells.iter().filter(|(_, report)| report.verdict == verdict).count();
        let runs: u64 = self.cells.iter().map(|(_, report)| report.runs).sum();
        let (verified, failed) = (count(Verdict::Verified), count(Verdict::Failed));
        let as_expected = self.cells.iter().filter(|(_, report)| report.ok).count();
        writeln!(
            f,
            "{}\n{}\nreplay 'TOKEN' for each that failed:\n{}",
            self.table(),
            self.least_sets(),
            self.tokens()
        )?;
        writeln!(
            f,
            "{as_expected} of {} cells as expected: {verified} verified, {failed} failed; {runs} runs",
            self.cells.len()
        )
    }
}

fn caught(cell: &Cell, report: &ScenarioReport) -> Option<Caught> {
    match &report.failure {
        _ if !report.ok => None,
        // Exactly what was declared is what such a cell verifies.
        None => Some(cell.expected()),
        Some(failure) => Caught::by(&failure.property),
    }
}

/// A cell of the table: what came of it, and how many faults that took or left room for.
fn text((cell, report): &(Cell, ScenarioReport)) -> String {
    let cost = report.failure.as_ref().map_or(0, |failure| failure.cost);
    match caught(cell, report) {
        Some(Caught::Served { faults: 0 }) => "served".to_owned(),
        Some(Caught::Served { faults }) => format!("served {faults}"),
        Some(Caught::Refused) => "refused".to_owned(),
        Some(Caught::Seen) => format!("SEEN {cost}"),
        Some(Caught::Lost) => format!("LOST {cost}"),
        None => format!("?? {}", report.verdict),
    }
}

fn head(kinds: &[Kind]) -> Vec<String> {
    let layers = Layer::ALL.iter().map(|layer| layer.as_str().to_owned());
    layers.chain(kinds.iter().map(Kind::to_string)).chain(["verified".to_owned()]).collect()
}

/// Markdown, every column as wide as its widest cell; an empty row is the rule below the head.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or_default()).collect();
    let mut text = String::new();
    for row in rows {
        for (column, width) in widths.iter().enumerate() {
            // Writing to a `String` cannot fail.
            let _ = match row.get(column) {
                Some(cell) => write!(text, "| {cell:width$} "),
                None => write!(text, "|-{:-<width$}-", ""),
            };
        }
        text.push_str("|\n");
    }
    text
}
