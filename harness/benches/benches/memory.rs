//! Resident memory after ever more runs of one scenario: a search keeps one path, so the line must be flat. Random runs
//! remember which parts of the tree they have seen, by a number each, up to a million of them: the line must grow to some 40
//! MB and stay there.

use std::fs;
use std::time::Instant;

use nevernone::campaign::{ExplorerChoice, Options, check};
use nevernone_benches::arguments;
use nevernone_benches::callers::Case;
use nevernone_benches::tools::{Failing, scenario};
use tokio::sync::OnceCell;

/// Where no other number is asked for.
const MOST: u64 = 1_000_000;

fn main() {
    let most = arguments().first().copied().unwrap_or(MOST);
    // More runs than anybody has time for, so that every search below is stopped by its number of executions.
    let scenario = scenario::<OnceCell<u32>>(Case { callers: 6, failures: 6 }, Failing::Chosen);
    println!("{:>12} {:>12} {:>10} {:>14}", "explorer", "executions", "seconds", "resident KiB");
    for name in ["exhaustive", "random"] {
        for executions in (4..).map(|power| 10_u64.pow(power)).take_while(|executions| *executions <= most) {
            let explorer = match name {
                "random" => ExplorerChoice::Random { seed: 1, runs: executions },
                _ => ExplorerChoice::Exhaustive,
            };
            let started = Instant::now();
            let report =
                check(&scenario, &Options { explorer, max_executions: Some(executions), ..Options::default() });
            assert!(report.failure.is_none() && report.executions >= executions, "{report:?}");
            let seconds = started.elapsed().as_secs_f64();
            match resident_kib() {
                Some(resident) => println!("{name:>12} {:>12} {seconds:>10.1} {resident:>14}", report.executions),
                None => println!("{name:>12} {:>12} {seconds:>10.1} {:>14}", report.executions, "not told here"),
            }
        }
    }
}

/// Linux tells it in pages of 4 KiB; elsewhere nothing is printed.
fn resident_kib() -> Option<u64> {
    let pages: u64 = fs::read_to_string("/proc/self/statm").ok()?.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * 4)
}
