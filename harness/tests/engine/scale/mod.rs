//! One tree, searched in parts: by workers, in shards, with a checkpoint. Whatever the parts, the answer is the whole's.

mod checkpoint;
mod environment;
mod generated;
mod hangs;

use std::cell::Cell;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::rc::Rc;

use nevernone::campaign::{Options, check};
use nevernone::report::{Report, ScenarioReport};
use nevernone::shard::{Read, Shard, merge};
use nevernone::{Scenario, Verdict, any_moment, cancellable, fault, millis, sometimes, spawn};
use tokio::time::sleep;

use crate::search;

/// Three parts of a service, each with two attempts, beside a request; fails where that many faults fired in all.
fn service(fails_at: u32) -> Scenario {
    let body = move || async move {
        let fired = Rc::new(Cell::new(0));
        for part in ["database", "cache", "queue"] {
            let fired = Rc::clone(&fired);
            drop(spawn(part, async move {
                for attempt in 1..=2 {
                    let Some(kind) = fault(part, &["refused", "late"]) else { break };
                    fired.set(fired.get() + 1);
                    sometimes("a part was late", kind.kind == "late");
                    sleep(millis(10 * attempt)).await;
                }
            }));
        }
        let warm = cancellable("warm-up", sleep(millis(15))).await;
        sometimes("the warm-up was cancelled", warm.is_err());
        any_moment("a request arrives").await;
        sometimes("the request came early", fired.get() == 0);
        assert!(fired.get() < fails_at, "too many faults");
    };
    Scenario::new("service", body).faults(3).preemptions(0).cancellations(1)
}

/// A fault in the middle of a poll gives it more operations, and so more cuts: where a prefix ended inside a poll, the cuts
/// that only the fault makes possible would be lost.
fn more_operations_after_a_fault() -> Scenario {
    let body = || async {
        let permits = Rc::new(tokio::sync::Semaphore::new(100));
        for task in ["left", "right"] {
            let permits = Rc::clone(&permits);
            drop(spawn(task, async move {
                for _ in 0..2 {
                    let operations = if fault(task, &["slow"]).is_some() { 3 } else { 1 };
                    for _ in 0..operations {
                        permits.acquire().await.unwrap().forget();
                    }
                }
            }));
        }
    };
    Scenario::new("more operations", body).faults(2).preemptions(2)
}

/// Never fails.
const SOUND: u32 = 100;

fn in_shard(scenario: &Scenario, index: u32, of: u32) -> ScenarioReport {
    check(scenario, &Options { shard: Some(Shard::new(index, of).unwrap()), ..Options::default() })
}

/// The reports of all shards, as if each had been written and read.
fn in_shards(scenario: &Scenario, of: u32) -> Vec<Read> {
    (1..=of).map(|index| read(&format!("{index}.json"), in_shard(scenario, index, of))).collect()
}

fn read(path: &str, report: ScenarioReport) -> Read {
    let text = serde_json::to_string_pretty(&Report::new(vec![report], true)).unwrap();
    (PathBuf::from(path), serde_json::from_str(&text).unwrap())
}

/// What must not depend on the parts.
fn answer(report: &ScenarioReport) -> impl PartialEq + std::fmt::Debug + use<> {
    let counts = (report.runs, report.sometimes.clone(), report.faults.clone());
    let failure = report.failure.as_ref().map(|failure| (failure.cost, failure.token.clone()));
    // How far a search that failed had come depends on who came first.
    (failure.is_none().then_some(counts), report.verdict, report.ok, failure, report.complete_to_cost)
}

#[test]
fn eight_shards_merged_are_the_whole() {
    let small = Scenario::new("small", || async {
        drop(spawn("a task", tokio::task::yield_now()));
        sometimes("never", false);
    });
    for scenario in [service(SOUND), service(3), service(1), small, more_operations_after_a_fault()] {
        let whole = search(&scenario);
        let merged = merge(&in_shards(&scenario, 8)).unwrap().scenarios.remove(0);
        assert_eq!(answer(&merged), answer(&whole), "{scenario:?}");
        if whole.failure.is_none() {
            assert_eq!(merged.runs, whole.runs);
            assert!(merged.units.len() as u64 >= whole.runs.min(64 * 8), "{} units", merged.units.len());
        }
    }
    assert!(search(&service(SOUND)).runs > 2_000, "large enough to be worth cutting");
}

#[test]
fn a_complete_shard_is_no_verdict_and_green() {
    let report = in_shard(&service(SOUND), 2, 8);
    let shard = report.shard.clone().unwrap();
    assert_eq!((report.verdict, report.ok, report.exit_code()), (Verdict::Incomplete, true, 0), "{report:?}");
    assert_eq!((shard.index, shard.of, shard.complete), (2, 8, true));
    let stopped = Options { max_executions: Some(2_000), shard: Some(Shard::new(2, 8).unwrap()), ..Options::default() };
    let report = check(&service(SOUND), &stopped);
    assert_eq!((report.ok, report.exit_code(), report.shard.unwrap().complete), (false, 3, false));
}

#[test]
fn the_slowest_of_eight_shards_executes_little_more_than_the_mean() {
    let executions: Vec<u64> =
        in_shards(&service(SOUND), 8).iter().map(|(_, report)| report.scenarios[0].executions).collect();
    let (most, sum): (u64, u64) = (*executions.iter().max().unwrap(), executions.iter().sum());
    assert!(most * 8 * 10 <= sum * 13, "{executions:?}");
}

#[test]
fn any_number_of_workers_gives_the_answer_of_one() {
    for scenario in [service(SOUND), service(3), service(1)] {
        let one = search(&scenario);
        for jobs in [2, 5] {
            let options = Options { jobs: NonZeroUsize::new(jobs), ..Options::default() };
            assert_eq!(answer(&check(&scenario, &options)), answer(&one), "{jobs} workers, {scenario:?}");
        }
    }
}

#[test]
fn a_stopped_progress_stops_a_search_and_says_so() {
    let options = Options { jobs: NonZeroUsize::new(2), ..Options::default() };
    options.progress.stop();
    let report = check(&service(SOUND), &options);
    assert_eq!((report.verdict, report.runs), (Verdict::Incomplete, 0));
    assert_eq!(report.cut_short, ["stopped by an interrupt"]);
}
