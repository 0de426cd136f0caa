//! Tasks that the code under test gives to `tokio::spawn`: one lane of whole polls among everything else.

mod explorers;
mod model;
mod startup;
mod troubles;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nevernone::explore::Bounds;
use nevernone::report::ScenarioReport;
use nevernone::{
    Scenario, Verdict, any_moment, cancellable, choose, eventually, fault, millis, on_heal, secs, sometimes, spawn,
};
use tokio::task::{JoinSet, yield_now};
use tokio::time::{Instant, interval, sleep};

use crate::{hits, search};

const ALL: Bounds = Bounds {
    faults: None,
    preemptions: None,
    cancellations: None,
    crashes: None,
    panics: None,
    stalls: Some(0),
    cost: None,
    steps: 10_000,
};

async fn yields(count: u32) {
    for _ in 0..count {
        yield_now().await;
    }
}

/// A controlled task of that many polls beside spawned ones.
fn beside(polls: u32, spawned: &'static [u32]) -> Scenario {
    Scenario::new("beside", move || async move {
        for polls in spawned {
            drop(tokio::spawn(yields(polls - 1)));
        }
        drop(spawn("controlled", yields(polls - 1)));
    })
    .within(ALL)
}

#[track_caller]
fn verified(scenario: &Scenario, runs: u64) -> ScenarioReport {
    let report = search(scenario);
    assert_eq!((report.verdict, report.runs), (Verdict::Verified, runs), "{report:#?}");
    report
}

#[test]
fn one_spawned_task_of_four_polls_falls_into_every_order() {
    // What the spawned task would do after the last controlled poll is not run, and one order each: (n + 4)! / (n! 4!).
    for (polls, orders) in [(1, 5), (2, 15), (3, 35), (4, 70), (5, 126)] {
        assert_eq!(verified(&beside(polls, &[4]), orders).lane, 1);
    }
}

#[test]
fn a_lane_that_was_empty_while_time_passed_loses_no_run() {
    let scenario = Scenario::new("again", || async {
        drop(tokio::spawn(async {}));
        sleep(millis(1)).await;
        drop(tokio::spawn(yields(3)));
        drop(spawn("controlled", yields(2)));
    });
    // As in the test before: 7! / (3! 4!).
    assert_eq!(verified(&scenario.within(ALL), 35).lane, 1);
}

#[test]
fn a_spawned_task_whose_faults_are_over_is_started_again() {
    let scenario = Scenario::new("a watchman", || async {
        let serves = Arc::new(AtomicBool::new(false));
        let start = {
            let serves = Arc::clone(&serves);
            move || {
                let serves = Arc::clone(&serves);
                drop(tokio::spawn(async move {
                    serves.store(fault("start", &["dies"]).is_none(), Ordering::SeqCst);
                }));
            }
        };
        start();
        on_heal(start);
        eventually("serves", secs(1), move || serves.load(Ordering::SeqCst)).await;
    });
    // It dies, and nobody is alive until the chaos phase is over; or it does not.
    verified(&scenario.within(ALL).chaos_for(millis(250)), 2);
}

#[test]
fn two_spawned_tasks_keep_tokios_order() {
    // Six polls of the lane in one order, three of the controlled task: 9! / (6! 3!).
    assert_eq!(verified(&beside(3, &[4, 2]), 84).lane, 2);
    // The task that ends early leaves the lane to the other one.
    let scenario = Scenario::new("order", || async {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let tasks: Vec<_> = [("a", 1), ("b", 2)].map(|task| tokio::spawn(writes_down(Arc::clone(&seen), task))).into();
        yields(3).await;
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(*seen.lock().unwrap(), ["a", "b", "a", "b", "b"]);
    });
    assert_eq!(search(&scenario.within(ALL)).verdict, Verdict::Verified);
}

async fn writes_down(seen: Arc<Mutex<Vec<&'static str>>>, (name, times): (&'static str, u32)) {
    for _ in 0..times {
        seen.lock().unwrap().push(name);
        yield_now().await;
    }
    seen.lock().unwrap().push(name);
}

#[test]
fn a_spawned_timer_beside_an_event() {
    // Before the timer is set: 2, by who runs first. Before the clock moves: 1. After it: 2, by who runs first, and 1
    // when the timer's task has ended. That the clock stops on its way, every 64 ms, changes nothing.
    for delay in [5, 63, 65, 100, 250, 5_000] {
        verified(&timer_beside_event(millis(delay)), 6);
    }
}

#[test]
fn a_spawned_timer_at_a_multiple_of_64_ms_runs_with_the_clock() {
    // As above, but without the two orders between the clock and the timer's task.
    for delay in [64, 128, 640] {
        verified(&timer_beside_event(millis(delay)), 4);
    }
}

fn timer_beside_event(delay: Duration) -> Scenario {
    Scenario::new("timer", move || async move {
        drop(tokio::spawn(sleep(delay)));
        any_moment("event").await;
    })
    .within(ALL)
}

#[test]
fn a_spawned_timer_and_a_controlled_one_at_the_same_time() {
    let scenario = Scenario::new("two timers", || async {
        let spawned = Arc::new(AtomicBool::new(false));
        let tells = Arc::clone(&spawned);
        drop(tokio::spawn(async move {
            sleep(millis(10)).await;
            tells.store(true, Ordering::SeqCst);
        }));
        sleep(millis(10)).await;
        let first = spawned.load(Ordering::SeqCst);
        sometimes("the spawned one comes first", first);
        sometimes("the controlled one comes first", !first);
    });
    // One way to set the timers and two to notice them.
    verified(&scenario.within(Bounds { preemptions: Some(0), ..ALL }), 2);
}

#[test]
fn a_timer_that_is_set_when_the_lane_was_found_idle_moves_the_clock() {
    let scenario = Scenario::new("sets a timer late", || async {
        let (tell, told) = tokio::sync::oneshot::channel();
        drop(tokio::spawn(async move {
            tell.send(()).unwrap();
            sleep(millis(50)).await;
        }));
        told.await.unwrap();
        // In front of this one the lane is asked for, and is idle: nobody asks again before the clock moves.
        yield_now().await;
        sleep(millis(5)).await;
    });
    verified(&scenario.preemptions(0), 1);
}

#[test]
fn a_spawned_loop_that_waits_for_a_controlled_task_ends_under_every_bound() {
    let scenario = Scenario::new("spawned loop", || async {
        let flag = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&flag);
        let waits = tokio::spawn(async move {
            while !seen.load(Ordering::SeqCst) {
                yield_now().await;
            }
        });
        drop(tokio::spawn(std::future::pending::<()>()));
        yields(3).await;
        flag.store(true, Ordering::SeqCst);
        waits.await.unwrap();
    });
    for bound in 0..4 {
        assert_eq!(search(&scenario.clone().preemptions(bound)).verdict, Verdict::Verified, "preemptions≤{bound}");
    }
}

#[test]
fn a_controlled_loop_that_waits_for_a_spawned_task_ends_under_every_bound() {
    let scenario = Scenario::new("controlled loop", || async {
        let flag = Arc::new(AtomicBool::new(false));
        let sets = Arc::clone(&flag);
        drop(tokio::spawn(async move {
            yields(3).await;
            sets.store(true, Ordering::SeqCst);
        }));
        while !flag.load(Ordering::SeqCst) {
            yield_now().await;
        }
    });
    for bound in 0..4 {
        assert_eq!(search(&scenario.clone().preemptions(bound)).verdict, Verdict::Verified, "preemptions≤{bound}");
    }
}

#[test]
fn a_spawned_task_that_waits_for_ever_changes_no_tree() {
    // The controlled ones overtake nobody, as the lane has nothing to do: the prices are as if it were not there.
    let tree = |idle: bool| {
        Scenario::new("idle", move || async move {
            if idle {
                let (tell, told) = tokio::sync::oneshot::channel();
                drop(tokio::spawn(async move {
                    tell.send(()).unwrap();
                    std::future::pending::<()>().await;
                }));
                told.await.unwrap();
            }
            let timer = spawn("timer", sleep(millis(5)));
            drop(spawn("yields", yields(2)));
            yields(2).await;
            timer.await;
        })
    };
    for bounds in
        [Bounds { cancellations: Some(0), ..Bounds::default() }, Bounds { stalls: Some(1), ..Bounds::default() }]
    {
        for preemptions in 0..4 {
            let bounds = Bounds { preemptions: Some(preemptions), ..bounds };
            verified(&tree(true).within(bounds), search(&tree(false).within(bounds)).runs);
        }
    }
}

#[test]
fn dropping_a_future_beside_the_lane() {
    let scenario = Scenario::new("given up", || async {
        let answer = tokio::spawn(async {
            yield_now().await;
            7
        });
        let waited = cancellable("waits for the answer", answer).await;
        sometimes("given up", waited.is_err());
        sometimes("answered", waited.is_ok_and(|answer| answer.is_ok_and(|answer| answer == 7)));
    });
    // Dropped before either of the lane's two polls: 2 each, as that poll may come before the scenario hears of it. Or when
    // the answer is there, or not at all.
    verified(&scenario.within(Bounds { preemptions: Some(0), ..ALL }), 2 + 2 + 1 + 1);
}

#[test]
fn what_tokio_offers_to_spawned_tasks_works() {
    let scenario = Scenario::new("tokio's own", || async {
        let start = Instant::now();
        let mut set = JoinSet::new();
        for number in 0..2 {
            set.spawn(async move {
                let mut ticks = interval(millis(10));
                for _ in 0..3 {
                    ticks.tick().await;
                }
                yield_now().await;
                tokio::time::timeout(millis(1), std::future::pending::<()>()).await.unwrap_err();
                number
            });
        }
        let mut sum = 0;
        while let Some(number) = set.join_next().await {
            sum += number.unwrap();
        }
        assert_eq!((sum, start.elapsed()), (1, millis(21)));
        set.spawn(std::future::pending());
        set.shutdown().await;
        let nested = tokio::spawn(async { tokio::spawn(async { spawn("inner", async { 3 }).await }).await });
        let aborted = tokio::spawn(sleep(secs(1)));
        aborted.abort();
        assert!(aborted.await.unwrap_err().is_cancelled());
        drop(nested);
    });
    let report = search(&scenario);
    assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
}

#[test]
fn draws_of_a_spawned_task_are_its_own() {
    let scenario = Scenario::new("draws", || async {
        let drawn = tokio::spawn(async { choose("a", 3) });
        let event = spawn("event", any_moment("event"));
        let drawn = drawn.await.unwrap();
        event.await;
        sometimes("the last one", drawn == 2);
    });
    let report = search(&scenario.preemptions(0));
    assert_eq!((report.verdict, hits(&report, "the last one") * 3), (Verdict::Verified, report.runs));
}
