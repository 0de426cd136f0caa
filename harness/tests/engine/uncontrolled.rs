//! What no choice explains is never verified. Each check is repeated: a verdict that depends on luck is none.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use nevernone::{Scenario, Verdict, choose, event, sometimes, spawn};
use tokio::task::yield_now;

use crate::search;

/// Searches again and again; `before` restores what a search left behind.
#[track_caller]
fn never_verified(cause: &str, scenario: &Scenario, before: impl Fn()) {
    for repetition in 0..20 {
        before();
        let report = search(scenario);
        assert_eq!(report.verdict, Verdict::Incomplete, "repetition {repetition}: {report:#?}");
        let told = report.uncontrolled.join("\n");
        assert!(told.contains("Uncontrolled nondeterminism") && told.contains(cause), "{told}");
        assert_eq!(report.failure.map(|failure| failure.token), None);
    }
}

/// A coin that is none of the explorer's.
fn coin() -> bool {
    RandomState::new().hash_one(0_u8) & 1 == 0
}

#[test]
fn an_unbiased_select_before_a_draw() {
    let scenario = Scenario::new("select", || async {
        let left = tokio::select! { () = async {} => true, () = async {} => false };
        if left {
            let _ = choose("a", 2);
        } else {
            yield_now().await;
        }
    });
    never_verified("select!", &scenario, || ());
}

#[test]
fn an_unbiased_select_after_the_last_draw() {
    let scenario = Scenario::new("select at the end", || async {
        let _ = choose("a", 2);
        let left = tokio::select! { () = async {} => true, () = async {} => false };
        event(if left { "left" } else { "right" });
    });
    never_verified("select!", &scenario, || ());
}

#[test]
fn a_goal_that_is_reached_by_luck() {
    let scenario = Scenario::new("lucky goal", || async {
        sometimes("heads", coin());
    });
    never_verified("rand", &scenario, || ());
}

#[test]
fn the_order_of_a_hash_map() {
    let scenario = Scenario::new("map", || async {
        let map: HashMap<u32, u32> = (0..8).map(|key| (key, key)).collect();
        for key in map.into_values() {
            drop(spawn("task", async move {
                if key < 2 {
                    yield_now().await;
                }
            }));
        }
    });
    never_verified("HashMap", &scenario.preemptions(0).cost(0), || ());
}

#[test]
fn a_static_that_counts() {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let scenario = Scenario::new("counting static", || async {
        if COUNT.fetch_add(1, Ordering::SeqCst) % 5 == 4 {
            let _ = choose("every fifth run", 2);
        }
    });
    never_verified("static", &scenario, || COUNT.store(0, Ordering::SeqCst));
}

#[test]
fn a_static_that_only_the_very_first_run_fills() {
    static FILLED: AtomicU32 = AtomicU32::new(0);
    let scenario = Scenario::new("filled static", || async {
        if FILLED.swap(1, Ordering::SeqCst) == 0 {
            yield_now().await;
        }
    });
    never_verified("static", &scenario, || FILLED.store(0, Ordering::SeqCst));
}

#[test]
fn a_real_clock() {
    let scenario = Scenario::new("clock", || async {
        let start = Instant::now();
        let mut spins = 0_u32;
        while start.elapsed().as_nanos() < 200 {
            spins += 1;
        }
        event(&format!("{spins} spins, {} ns", start.elapsed().as_nanos()));
        let _ = choose("a", 2);
    });
    never_verified("clock", &scenario, || ());
}

#[test]
fn a_random_number() {
    let scenario = Scenario::new("coin", || async {
        if coin() {
            yield_now().await;
        }
        let _ = choose("a", 2);
    });
    never_verified("rand", &scenario, || ());
}

#[test]
fn a_failure_that_is_not_confirmed_is_no_failure() {
    static FAILED: AtomicU32 = AtomicU32::new(0);
    let scenario = Scenario::new("fails once", || async {
        assert!(choose("a", 4) < 3 || FAILED.swap(1, Ordering::SeqCst) == 1, "only once");
    });
    never_verified("failed once, and not again", &scenario, || FAILED.store(0, Ordering::SeqCst));
}

#[test]
fn one_deviation_in_a_large_tree_is_seen_by_the_next_run() {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    // Too large to be repeated, and the run that deviates is none of those that are executed twice: only the
    // history that every draw carries tells.
    let scenario = Scenario::new("one of 1,600", || async {
        if COUNT.fetch_add(1, Ordering::SeqCst) == 20 {
            event("something else");
        }
        let _ = (choose("a", 40), choose("b", 40));
    });
    never_verified("led to another course of events", &scenario, || COUNT.store(0, Ordering::SeqCst));
}

#[test]
fn operations_by_luck() {
    // Nothing but the number of operations tells: fewer and more of them than a poll is given that is known already.
    for operations in [1, 100] {
        let scenario = Scenario::new("lucky operations", move || async move {
            let _ = choose("a", 8);
            drop(spawn("task", async move {
                for _ in 0..if coin() { operations } else { 0 } {
                    tokio::task::consume_budget().await;
                }
                yield_now().await;
                let _ = choose("b", 8);
            }));
        });
        never_verified("rand", &scenario.preemptions(0), || ());
    }
}
