//! The retryable cell, searched by nevernone, shuttle and loom; and what each of them covers that the others do not.

use std::time::Duration;

use comfy_table::{Table, presets::ASCII_MARKDOWN};
use nevernone_benches::arguments;
use nevernone_benches::callers::{Case, cases};
use nevernone_benches::cells::{loomed, plain, shuttled};
use nevernone_benches::tools::{Failing, Searched, loom, nevernone, shuttle};

/// A search that takes longer is given up.
const LIMIT: Duration = Duration::from_secs(3);

type Search = fn(Case, Duration) -> Searched;

/// Each tool, the cell it is given, and how it searches.
const SEARCHES: [(&str, &str, Search); 6] = [
    ("nevernone", "tokio's OnceCell", |case, limit| {
        nevernone::<tokio::sync::OnceCell<u32>>(case, Failing::First, limit)
    }),
    ("nevernone, failures chosen", "tokio's OnceCell", |case, limit| {
        nevernone::<tokio::sync::OnceCell<u32>>(case, Failing::Chosen, limit)
    }),
    ("shuttle, depth first", "shuttle-tokio's OnceCell", shuttle::<shuttle_tokio::sync::OnceCell<u32>>),
    ("nevernone", "ours, std's Mutex", |case, limit| nevernone::<plain::Cell>(case, Failing::First, limit)),
    ("shuttle, depth first", "ours, shuttle's Mutex", shuttle::<shuttled::Cell>),
    ("loom", "ours, loom's Mutex", loom::<loomed::Cell>),
];

fn main() {
    let limit = arguments().first().map_or(LIMIT, |seconds| Duration::from_secs(*seconds));
    println!("Callers of one cell that retry until they have its value; each search is given {limit:?}.");
    println!(
        "nevernone executes a small tree again until it has executed 1,000, to tell hidden nondeterminism; between the"
    );
    println!(
        "operations of our own cell it cannot cut, and loom and shuttle can. So the numbers tell what it takes to finish"
    );
    println!("what a tool covers, not who is faster.");
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header([
        "callers",
        "failures",
        "tool",
        "cell",
        "executions",
        "of them distinct",
        "time",
        "executions/s",
    ]);
    for case in cases() {
        for (tool, cell, search) in SEARCHES {
            table.add_row(row(case, [tool, cell], search(case, limit)));
        }
    }
    println!("{table}\n");
    println!("{}", coverage());
}

fn row(case: Case, [tool, cell]: [&str; 2], searched: Searched) -> Vec<String> {
    let Searched { executions, runs, time, finished } = searched;
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = executions as f64 / time.as_secs_f64();
    vec![
        case.callers.to_string(),
        case.failures.to_string(),
        tool.to_owned(),
        cell.to_owned(),
        if finished { executions.to_string() } else { format!("unfinished after {executions}") },
        runs.map_or_else(|| "not told".to_owned(), |runs| runs.to_string()),
        format!("{time:.1?}"),
        format!("{rate:.0}"),
    ]
}

/// What each tool covers. From their documentation and sources: nevernone 0.1, shuttle 0.9, shuttle-tokio 1.0, loom 0.7.
const COVERAGE: [[&str; 4]; 8] = [
    ["memory orderings weaker than SeqCst", "no", "no: one order for all", "yes, as far as loom models C11"],
    [
        "gaps between two operations of one poll",
        "where tokio's budget is asked",
        "at its primitives",
        "at its primitives",
    ],
    [
        "tokio as it is",
        "yes: 1.54, unmodified",
        "no: a wrapper stands in for it",
        "no: the code is written over loom's types",
    ],
    ["faults as choices", "yes", "at random only; depth first replays one sequence", "no: a model each"],
    ["a future dropped at any `Pending`", "yes", "no: as the test itself does", "no: as the test itself does"],
    ["time", "virtual, timers in order, stalls bounded", "not modelled: timeouts fire by hook", "no"],
    ["a search that was cut short", "`incomplete`, never green", "ends as if done", "ends as if done"],
    [
        "a failure's replay",
        "shortest by cost, as a readable token",
        "the first found, as a schedule",
        "the first found, by checkpoint file",
    ],
];

fn coverage() -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(["what is covered", "nevernone", "shuttle", "loom"]);
    table.add_rows(COVERAGE);
    table
}
