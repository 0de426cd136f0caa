//! Random runs: each another one, and no more than there are.

use nevernone::campaign::{ExplorerChoice, Options, check};
use nevernone::explore::Bounds;
use nevernone::report::ScenarioReport;
use nevernone::{Scenario, Verdict, any_moment, cancellable, choose, fault, millis, spawn};
use tokio::sync::Semaphore;
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};

use crate::search;

fn random(scenario: &Scenario, seed: u64, runs: u64) -> ScenarioReport {
    check(scenario, &Options { explorer: ExplorerChoice::Random { seed, runs }, ..Options::default() })
}

fn four_leaves() -> Scenario {
    Scenario::new("four leaves", || async {
        let _ = (choose("a", 2), choose("b", 2));
    })
}

/// Faults inside polls that give them more operations, cuts, a timeout whose cuts may deny nothing, a cancellation, an
/// event.
fn everything_at_once() -> Scenario {
    Scenario::new("everything at once", || async {
        let task = spawn("task", async {
            let semaphore = Semaphore::new(9);
            if fault("place", &["slow", "refused"]).is_some_and(|fault| fault.kind == "slow") {
                semaphore.acquire().await.expect("never closed").forget();
            }
            semaphore.acquire().await.expect("never closed").forget();
            let _ = timeout(millis(5), cancellable("inner", sleep(millis(9)))).await;
        });
        any_moment("event").await;
        task.await;
    })
}

#[test]
fn a_sample_ends_when_the_whole_tree_was_seen() {
    let report = random(&four_leaves(), 1, 500);
    assert_eq!((report.verdict, report.runs, report.ok), (Verdict::Sampled, 4, true), "{report:?}");
    assert!(report.executions < 20, "{}", report.executions);
    assert_eq!(random(&four_leaves(), 1, 1).runs, 1);
}

#[test]
fn a_long_sample_has_exactly_the_runs_of_the_exhaustive_search() {
    let yields = Scenario::new("yields", || async {
        for name in ["left", "right"] {
            drop(spawn(name, async {
                yield_now().await;
                yield_now().await;
            }));
        }
    });
    let all = |preemptions| Bounds { preemptions, ..Bounds::default() };
    for scenario in [
        four_leaves(),
        yields.clone().within(all(None)),
        yields.within(all(Some(1))),
        everything_at_once().within(all(Some(1))),
        everything_at_once(),
        everything_at_once().cost(1),
    ] {
        let exhaustive = search(&scenario);
        assert_eq!(exhaustive.verdict, Verdict::Verified, "{exhaustive:?}");
        for seed in 0..3 {
            let sample = random(&scenario, seed, 1_000_000);
            assert_eq!(sample.runs, exhaustive.runs, "{} with seed {seed}", scenario.name());
        }
    }
}

#[test]
fn no_run_of_a_large_tree_is_taken_twice() {
    let scenario = Scenario::new("large", || async {
        for name in ["a", "b", "c", "d"] {
            drop(spawn(name, async {
                let semaphore = Semaphore::new(9);
                for _ in 0..4 {
                    let _ = fault("place", &["err"]);
                    semaphore.acquire().await.expect("never closed").forget();
                    yield_now().await;
                }
            }));
        }
    });
    let sample = random(&scenario.faults(1).preemptions(1), 7, 20_000);
    // Nothing in it is void: every path is a run.
    assert_eq!((sample.verdict, sample.runs), (Verdict::Sampled, 20_000));
}
