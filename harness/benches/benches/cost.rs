//! What a run and a step of nevernone cost, with everything on. Times are the processor's, of one core.

use std::alloc::System;

use comfy_table::{Table, presets::ASCII_MARKDOWN};
use cpu_time::ProcessTime;
use nevernone::campaign::{Options, check};
use nevernone_benches::arguments;
use nevernone_benches::callers::{Case, cases};
use nevernone_benches::tools::{Failing, scenario};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::sync::OnceCell;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    // `-- 4 2` searches that one case, which is what a profiler is to see.
    let cases: Vec<Case> = match arguments()[..] {
        [callers, failures] => vec![Case { callers, failures }],
        _ => cases().chain([Case { callers: 4, failures: 2 }]).collect(),
    };
    // Calibration, once a process, is no cost of a run.
    check(&scenario::<OnceCell<u32>>(Case { callers: 2, failures: 0 }, Failing::First), &Options::default());
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header([
        "callers",
        "failures",
        "runs",
        "executions",
        "executions/s",
        "µs/execution",
        "steps/execution",
        "ns/step",
        "allocations/execution",
    ]);
    for case in cases {
        table.add_row(row(case));
    }
    println!("tokio's OnceCell, failures chosen, nothing bounded but them:\n{table}");
}

#[expect(clippy::cast_precision_loss, reason = "rates for people")]
fn row(case: Case) -> [String; 9] {
    let scenario = scenario::<OnceCell<u32>>(case, Failing::Chosen);
    let (region, started) = (Region::new(ALLOCATOR), ProcessTime::now());
    let report = check(&scenario, &Options::default());
    let (allocated, seconds) = (region.change().allocations, started.elapsed().as_secs_f64());
    let (executions, steps) = (report.executions as f64, report.steps as f64);
    [
        case.callers.to_string(),
        case.failures.to_string(),
        report.runs.to_string(),
        report.executions.to_string(),
        format!("{:.0}", executions / seconds),
        format!("{:.2}", seconds * 1e6 / executions),
        format!("{:.1}", steps / executions),
        format!("{:.0}", seconds * 1e9 / steps),
        format!("{:.1}", allocated as f64 / executions),
    ]
}
