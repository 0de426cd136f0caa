//! Features beside each other: spawned tasks, crashes, panics, cancellations, faults, events and cuts in one scenario.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use nevernone::explore::Bounds;
use nevernone::report::ScenarioReport;
use nevernone::{
    Scenario, Verdict, any_moment, balanced, cancellable, daemon, fault_at, may_panic, millis, restartable, secs,
    sometimes, spawn,
};
use tokio::sync::{Notify, Semaphore};
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};

use crate::{hits, search};

/// Everything but stalls.
fn all() -> Bounds {
    Bounds { stalls: Some(0), ..Bounds::unbounded() }
}

#[track_caller]
fn verified(scenario: &Scenario, runs: u64) -> ScenarioReport {
    let report = search(scenario);
    assert_eq!((report.verdict, report.runs), (Verdict::Verified, runs), "{report:#?}");
    report
}

#[track_caller]
fn verified_runs(scenario: &Scenario) -> u64 {
    let report = search(scenario);
    assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
    report.runs
}

/// What takes no budget has no cuts, so a lane of one task is a daemon, as long as no time passes beside what is ready.
fn beside<F>(spawned: bool, task: F)
where
    F: Future<Output = ()> + Send + 'static,
{
    if spawned {
        drop(tokio::spawn(task));
    } else {
        daemon("task", task);
    }
}

#[test]
fn a_spawned_task_and_a_daemon_have_one_tree() {
    let runs = |spawned: bool| {
        let notified = Scenario::new("notified", move || async move {
            let notify = Arc::new(Notify::new());
            let told = Arc::clone(&notify);
            beside(spawned, async move {
                told.notified().await;
                yield_now().await;
            });
            drop(spawn("tells", async move {
                yield_now().await;
                notify.notify_one();
                yield_now().await;
                yield_now().await;
            }));
        });
        let events = Scenario::new("events", move || async move {
            beside(spawned, async {
                any_moment("one").await;
                yield_now().await;
            });
            any_moment("other").await;
            sleep(millis(1)).await;
        });
        let faulty = Scenario::new("faulty", move || async move {
            fault_at("db").ok(|| ()).err(|| ());
            let answered = Arc::new(Notify::new());
            let told = Arc::clone(&answered);
            beside(spawned, async move {
                let _: Result<(), ()> = nevernone_point::point("db", async { Ok(()) }).await;
                told.notify_one();
            });
            let answer = timeout(secs(1), answered.notified()).await;
            sometimes("it hangs, or panics", answer.is_err());
            sometimes("it answers", answer.is_ok());
        });
        [notified, events, faulty].map(|scenario| verified_runs(&scenario.within(all())))
    };
    assert_eq!(runs(true), runs(false));
}

#[test]
fn a_future_that_waits_for_a_spawned_task_is_dropped_at_every_point() {
    let scenario = Scenario::new("joined", || async {
        let done = Arc::new(AtomicU32::new(0));
        let tells = Arc::clone(&done);
        let joined = cancellable("join", async move {
            let task = tokio::spawn(async move {
                yield_now().await;
                tells.store(1, Ordering::SeqCst);
            });
            task.await
        })
        .await;
        let done = done.load(Ordering::SeqCst) == 1;
        sometimes("dropped before it was done", joined.is_err() && !done);
        sometimes("dropped after it was done", joined.is_err() && done);
        sometimes("joined", joined.is_ok());
    });
    // Dropped before, between and after the task's two polls, which go on before the caller runs: 3 + 2 + 1. Or when the
    // caller was woken and cut, since joining is one of tokio's operations. Or not at all.
    let report = verified(&scenario.within(all()).cancellations(1), 3 + 2 + 1 + 1 + 1);
    let seen = ["dropped before it was done", "dropped after it was done", "joined"].map(|goal| hits(&report, goal));
    assert_eq!(seen, [2 + 1, 1 + 1 + 1 + 1, 1]);
}

#[test]
fn a_spawned_task_is_aborted_at_every_point() {
    let scenario = Scenario::new("aborted", || async {
        let polls = Arc::new(AtomicU32::new(0));
        let counts = Arc::clone(&polls);
        let task = tokio::spawn(async move {
            for _ in 0..2 {
                counts.fetch_add(1, Ordering::SeqCst);
                yield_now().await;
            }
        });
        let abort = task.abort_handle();
        drop(spawn("aborts", async move { abort.abort() }));
        let joined = task.await;
        let polls = polls.load(Ordering::SeqCst);
        for (goal, count) in [("never ran", 0), ("ran once", 1), ("ran twice", 2)] {
            sometimes(goal, joined.is_err() && polls == count);
        }
        sometimes("ended", joined.is_ok());
    });
    // After it has ended: before the one who joins runs, after it, and where that one is cut.
    let report = verified(&scenario.within(all()), 1 + 1 + 1 + 3);
    let seen = ["never ran", "ran once", "ran twice", "ended"].map(|goal| hits(&report, goal));
    assert_eq!(seen, [1, 1, 1, 3]);
}

#[test]
fn a_task_that_was_cut_may_panic_with_what_it_was_given() {
    let scenario = Scenario::new("permits", || async {
        let permits = Arc::new(Semaphore::new(8));
        let left = Arc::clone(&permits);
        balanced("permits", move || left.available_permits());
        let takes = async move {
            let _one = permits.acquire().await;
            let _other = permits.acquire().await;
        };
        let task = spawn("takes", may_panic("takes", takes));
        yield_now().await;
        task.await;
        sometimes("taken", true);
    });
    // Whole, before or after the other's poll: 2. After it and cut, at either permit, it can only panic: 2. Before it and
    // cut, at either permit: it panics before or after the other's poll, or goes on: 2 * 3. Cut at the first permit
    // and then at the second, it can only panic: 1.
    let report = verified(&scenario.within(all()).panics(1), 2 + 2 + 2 * 3 + 1);
    assert_eq!(hits(&report, "taken"), 2 + 2);
}

#[test]
fn an_output_that_panics_when_a_crash_drops_it_is_a_failure() {
    struct Fragile;
    impl Drop for Fragile {
        fn drop(&mut self) {
            panic!("the output was dropped");
        }
    }
    let scenario = Scenario::new("output", || async {
        let platform = restartable("platform", || async {
            drop(spawn("serves", sleep(millis(1))));
            Fragile
        });
        sleep(millis(5)).await;
        std::mem::forget(platform.await);
    });
    let failure = search(&scenario.crashes(1)).failure.expect("found");
    assert_eq!(failure.message, "`platform` panicked: the output was dropped");
}
