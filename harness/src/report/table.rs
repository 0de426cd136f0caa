//! Tables for the terminal.

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, Table};

use super::{Report, ScenarioReport, Written, terminal};
use crate::verdict::Verdict;

/// A line of `list`.
#[derive(Debug)]
pub struct ListRow {
    /// The scenario.
    pub name: String,
    /// The right verdict.
    pub expected: Verdict,
    /// Its bounds.
    pub bounds: String,
    /// Its size within them.
    pub estimate: String,
    /// Its size without any, where that was asked for.
    pub unbounded: Option<String>,
}

/// The scenarios and their sizes.
pub fn list(rows: &[ListRow]) -> String {
    let unbounded = rows.iter().any(|row| row.unbounded.is_some());
    let mut header = vec!["scenario", "expected", "bounds", "runs, about"];
    header.extend(unbounded.then_some("runs without bounds, about"));
    let mut table = empty(header, &[3, 4]);
    for row in rows {
        let mut cells = vec![row.name.clone(), row.expected.to_string(), row.bounds.clone(), row.estimate.clone()];
        cells.extend(row.unbounded.clone());
        table.add_row(cells);
    }
    table.to_string()
}

/// The verdicts.
pub fn verdicts(report: &Report) -> String {
    let header = vec!["scenario", "verdict", "runs", "bounds", "seconds", "executions/s"];
    let mut table = empty(header, &[2, 4, 5]);
    for scenario in &report.scenarios {
        table.add_row(vec![
            scenario.name.clone(),
            judged(scenario),
            scenario.runs.to_string(),
            terminal::bounds_of(scenario),
            format!("{:.2}", scenario.seconds),
            format!("{:.0}", scenario.runs_per_second),
        ]);
    }
    table.to_string()
}

fn judged(scenario: &ScenarioReport) -> String {
    let complete_shard = scenario.shard.as_ref().filter(|_| scenario.ok && scenario.verdict == Verdict::Incomplete);
    match (scenario.ok, complete_shard) {
        (true, Some(shard)) => format!("shard {}/{} complete", shard.index, shard.of),
        (true, None) if scenario.verdict == Verdict::Failed => "failed, as expected".to_owned(),
        (true, None) => scenario.verdict.to_string(),
        (false, _) => format!("{} (expected {})", scenario.verdict, terminal::expectation(scenario)),
    }
}

/// The closing lines: what was checked with, and where the report is.
pub fn summary(report: &Report, written: &Written) -> String {
    let as_expected = report.scenarios.iter().filter(|scenario| scenario.ok).count();
    let slow = if report.build.optimised {
        ""
    } else {
        " (built with debug assertions: if it was not optimised either, a search is about 12 times slower)"
    };
    let page = written.html.as_ref().map(|page| format!("\npage: {}", page.display())).unwrap_or_default();
    format!(
        "{as_expected} of {} scenarios as expected; searched at await points on one thread, cuts at tokio {} \
         operations{slow}\nreport: {}{page}",
        report.scenarios.len(),
        report.build.tokio,
        written.json.display()
    )
}

/// `123456` stays, `1.2e9` beyond a million.
pub fn scientific(number: f64) -> String {
    if number < 1e6 { format!("{number:.0}") } else { format!("{number:.1e}") }
}

fn empty(header: Vec<&str>, right_aligned: &[usize]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY).set_header(header);
    for column in right_aligned {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
