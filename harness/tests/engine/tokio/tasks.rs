//! Tasks of `nevernone::tokio::spawn`: every order, cuts included.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use nevernone::tokio;
use nevernone::{Scenario, Verdict, millis, sometimes};
use tokio::sync::{Mutex, Notify};
use tokio::task::yield_now;

use crate::{hits, known, search};

/// That many spawned tasks of that many polls; the last one that ends wakes the body, which does nothing else.
fn spawned(tasks: u32, polls: u32) -> Scenario {
    Scenario::new(format!("{tasks} spawned tasks of {polls} polls"), move || async move {
        let left = Arc::new((AtomicU32::new(tasks), Notify::new()));
        for _ in 0..tasks {
            let left = Arc::clone(&left);
            drop(tokio::spawn(async move {
                for _ in 1..polls {
                    yield_now().await;
                }
                if left.0.fetch_sub(1, Ordering::Relaxed) == 1 {
                    left.1.notify_one();
                }
            }));
        }
        left.1.notified().await;
    })
    .within(known::whole())
}

#[test]
fn two_spawned_tasks_of_three_polls_have_20_orders() {
    let report = search(&spawned(2, 3));
    // No lane: that would have one order.
    assert_eq!((report.verdict, report.runs, report.lane), (Verdict::Verified, 20, 0), "{report:#?}");
}

#[test]
fn spawned_tasks_have_as_many_orders_as_the_multinomial_says() {
    for (tasks, polls) in [(1, 1), (1, 4), (2, 2), (2, 6), (3, 2), (3, 3), (4, 2)] {
        let (_, runs) = known::yields(tasks, polls - 1);
        let report = search(&spawned(tasks, polls));
        assert_eq!((report.verdict, report.runs), (Verdict::Verified, runs), "{tasks} of {polls}");
    }
}

#[test]
fn spawned_tasks_stand_beside_those_of_the_scenario() {
    // As many orders as if both had been started in one way.
    let scenario = Scenario::new("mixed", || async {
        drop(nevernone::spawn("its own", async {
            for _ in 0..3 {
                yield_now().await;
            }
        }));
        drop(nevernone::spawn("waits", async {
            tokio::spawn(async { yield_now().await }).await.unwrap();
        }));
    });
    let twin = Scenario::new("twin", || async {
        drop(nevernone::spawn("its own", async {
            for _ in 0..3 {
                yield_now().await;
            }
        }));
        drop(nevernone::spawn("waits", async {
            nevernone::spawn("inner", async { yield_now().await }).await;
        }));
    });
    let runs = |scenario: Scenario| search(&scenario.preemptions(0)).runs;
    assert_eq!(runs(scenario), runs(twin));
}

#[test]
fn a_cut_inside_spawned_tasks_finds_the_deadlock_and_the_story_names_their_lines() {
    let scenario = Scenario::new("ab-ba", || async {
        let (a, b) = (Arc::new(Mutex::new(())), Arc::new(Mutex::new(())));
        let takes = |first: &Arc<Mutex<()>>, second: &Arc<Mutex<()>>| {
            let (first, second) = (Arc::clone(first), Arc::clone(second));
            tokio::spawn(async move {
                let _first = first.lock().await;
                let _second = second.lock().await;
            })
        };
        let (one, other) = (takes(&a, &b), takes(&b, &a));
        one.await.unwrap();
        other.await.unwrap();
    });
    let report = search(&scenario);
    let failure = report.failure.expect("found");
    assert_eq!((failure.property.as_str(), failure.cost), ("stuck", 1));
    let waits: Vec<_> = failure.stuck.iter().map(|task| (task.name.as_str(), task.at.clone())).collect();
    println!("{waits:#?} {}", failure.message);
    assert_eq!(waits.len(), 3, "{waits:?}");
}

#[test]
fn the_run_does_not_wait_for_spawned_tasks() {
    let scenario = Scenario::new("detached", || async {
        drop(tokio::spawn(async {
            loop {
                tokio::time::sleep(millis(10)).await;
            }
        }));
        tokio::time::sleep(millis(25)).await;
    });
    assert_eq!(search(&scenario).verdict, Verdict::Verified);
    let failure = search(&scenario.deny_leaks()).failure.expect("a leak");
    assert_eq!(failure.property, "leak");
    assert!(failure.message.contains("`spawned at "), "{}", failure.message);
}

#[test]
fn an_aborted_task_is_dropped_at_any_later_moment_and_not_after_it_ended() {
    let scenario = Scenario::new("aborted", || async {
        let polls = Arc::new(AtomicU32::new(0));
        let seen = Arc::clone(&polls);
        let task = tokio::spawn(async move {
            for _ in 0..3 {
                seen.fetch_add(1, Ordering::Relaxed);
                yield_now().await;
            }
            7
        });
        yield_now().await;
        task.abort();
        let ended = task.await;
        let polls = polls.load(Ordering::Relaxed);
        sometimes("before its first poll", polls == 0);
        sometimes("after its first poll", polls == 1);
        sometimes("after its second poll", polls == 2);
        sometimes("ended", ended.as_ref().is_ok_and(|output| *output == 7));
        assert!(ended.is_ok() || ended.is_err_and(|error| error.is_cancelled()));
    });
    let report = search(&scenario.within(known::whole()));
    assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
    assert!(hits(&report, "ended") > 0);
}
