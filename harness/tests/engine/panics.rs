//! Panics at an await: where they fall, and who hears of them.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use nevernone::{Scenario, Verdict, cancellable, daemon, may_panic, millis, sometimes, spawn};
use tokio::sync::{Notify, Semaphore};
use tokio::task::yield_now;
use tokio::time::sleep;

use crate::{hits, search};

/// No preemption, so that only panics are counted.
fn calm(scenario: Scenario) -> Scenario {
    scenario.preemptions(0)
}

/// The future's output, or `None` if it panicked: what a supervisor does.
pub(crate) async fn caught<F: Future>(future: F) -> Option<F::Output> {
    let mut future = Box::pin(future);
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(Poll::Ready(output)) => Poll::Ready(Some(output)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(_) => Poll::Ready(None),
    })
    .await
}

#[test]
fn a_task_of_four_awaits_has_5_runs() {
    let scenario = Scenario::new("awaits", || async {
        drop(spawn(
            "worker",
            may_panic("worker", async {
                for _ in 0..4 {
                    yield_now().await;
                }
            }),
        ));
    });
    // None, or at one of the four awaits; it dies but once, so a second panic finds nobody.
    for (bound, runs) in [(0, 1), (1, 1 + 4), (2, 1 + 4)] {
        let report = search(&calm(scenario.clone()).panics(bound));
        assert_eq!((report.verdict, report.runs), (Verdict::Verified, runs), "panics≤{bound}");
    }
}

#[test]
fn two_futures_of_two_awaits_each_have_5_or_9_runs() {
    let scenario = Scenario::new("both", || async {
        for name in ["left", "right"] {
            // One after the other, and a supervisor that goes on: no order to choose.
            let _ = caught(may_panic(name, async {
                yield_now().await;
                yield_now().await;
            }))
            .await;
        }
    });
    // Each ends well or dies at one of two awaits: (1 + 2)², of which four have two panics.
    for (bound, runs) in [(0, 1), (1, 5), (2, 9), (3, 9)] {
        assert_eq!(search(&calm(scenario.clone()).panics(bound)).runs, runs, "panics≤{bound}");
    }
}

#[test]
fn one_panic_is_what_the_defaults_admit() {
    let scenario = Scenario::new("defaults", || async {
        drop(spawn("worker", may_panic("worker", yield_now())));
    });
    assert_eq!(scenario.bounds().panics, Some(1));
    assert_eq!(search(&calm(scenario)).runs, 2);
}

#[test]
fn a_future_panics_before_and_after_it_was_woken() {
    let scenario = Scenario::new("sleeps", || async {
        let start = tokio::time::Instant::now();
        let died = caught(may_panic("sleep", sleep(millis(5)))).await.is_none();
        let woken = start.elapsed() >= millis(5);
        sometimes("before it was woken", died && !woken);
        sometimes("after it was woken", died && woken);
        sometimes("not at all", !died);
    });
    let report = search(&calm(scenario));
    assert_eq!(report.runs, 3);
    assert!(report.sometimes.iter().all(|goal| goal.hits == 1), "{:?}", report.sometimes);
}

#[test]
fn nothing_panics_before_its_first_poll_or_after_its_end() {
    let scenario = Scenario::new("ready at once", || async {
        let mut ready = pin!(may_panic("ready", async { 7 }));
        yield_now().await;
        assert_eq!(ready.as_mut().await, 7);
        yield_now().await;
    });
    let report = search(&calm(scenario));
    assert_eq!((report.runs, report.offered.iter().any(|offered| offered == "panics")), (1, false));
}

#[test]
fn who_awaits_the_task_meets_the_panic_and_nobody_else_fails() {
    let scenario = Scenario::new("joined", || async {
        let worker = spawn(
            "worker",
            may_panic("worker", async {
                yield_now().await;
                7
            }),
        );
        let joined = caught(worker).await;
        sometimes("it died", joined.is_none());
        sometimes("it ended", joined == Some(7));
    });
    let report = search(&calm(scenario));
    assert_eq!((report.verdict, report.runs), (Verdict::Verified, 2));
}

#[test]
fn a_branch_that_select_does_not_come_to_does_not_panic() {
    let scenario = Scenario::new("select", || async {
        let stop = Rc::new(Notify::new());
        let stopped = Rc::clone(&stop);
        let selected = spawn("selects", async move {
            tokio::select! {
                biased;
                () = stopped.notified() => "stopped",
                () = may_panic("work", std::future::pending()) => "worked",
            }
        });
        yield_now().await;
        stop.notify_one();
        let selected = caught(selected).await;
        sometimes("stopped", selected == Some("stopped"));
        sometimes("died", selected.is_none());
    });
    let report = search(&calm(scenario));
    // While it waits it may panic; once the notification has come, that branch goes first, and the panic is none.
    assert_eq!((report.verdict, report.runs), (Verdict::Verified, 2), "{report:#?}");
}

#[test]
fn a_combinator_that_polls_only_what_was_woken_comes_to_the_panic() {
    let scenario = Scenario::new("a set", || async {
        drop(daemon("set", async {
            let mut part = pin!(may_panic("part", std::future::pending::<()>()));
            let flag = Arc::new(Flag::default());
            flag.woken.store(true, Ordering::SeqCst);
            poll_fn(|cx| {
                *flag.task.lock().expect("never poisoned") = Some(cx.waker().clone());
                if flag.woken.swap(false, Ordering::SeqCst) {
                    return part.as_mut().poll(&mut Context::from_waker(&Waker::from(Arc::clone(&flag))));
                }
                Poll::Pending
            })
            .await;
        }));
        sleep(millis(1)).await;
    });
    // Not at all, before the clock moves, or after it.
    assert_eq!(search(&calm(scenario)).runs, 3);
}

/// A waker of a part of a task.
#[derive(Default)]
struct Flag {
    woken: AtomicBool,
    task: Mutex<Option<Waker>>,
}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.woken.store(true, Ordering::SeqCst);
        if let Some(task) = self.task.lock().expect("never poisoned").as_ref() {
            task.wake_by_ref();
        }
    }
}

#[test]
fn a_future_that_is_cancelled_can_no_longer_panic_and_the_other_way_round() {
    let scenario = Scenario::new("both ways", || async {
        let dropped = caught(cancellable("given up", may_panic("worker", yield_now()))).await;
        sometimes("ended", dropped == Some(Ok(())));
        sometimes("was given up", matches!(dropped, Some(Err(_))));
        sometimes("panicked", dropped.is_none());
    });
    for bound in [1, 2] {
        let report = search(&calm(scenario.clone()).panics(bound).cancellations(bound));
        assert_eq!((report.verdict, report.runs), (Verdict::Verified, 3), "bounds of {bound}");
    }
}

#[test]
fn at_a_cut_there_is_an_await_as_well() {
    let scenario = Scenario::new("permits", || async {
        let permits = Rc::new(Semaphore::new(2));
        let both = Rc::clone(&permits);
        drop(spawn(
            "worker",
            may_panic("worker", async move {
                let _first = both.acquire().await.expect("never closed");
                let _second = both.acquire().await.expect("never closed");
            }),
        ));
        yield_now().await;
        // What a panic unwinds through is given back.
        sometimes("two are free", permits.available_permits() == 2);
        sometimes("one is free", permits.available_permits() == 1);
        sometimes("none is free", permits.available_permits() == 0);
    });
    let report = search(&scenario.preemptions(1));
    // The worker whole, or after the scenario: 2. Cut at the first or at the second permit: 2 times 3, it goes on after
    // the scenario's end, or dies before or after it.
    assert_eq!((report.verdict, report.runs), (Verdict::Verified, 2 + 2 * 3), "{report:#?}");
    assert_eq!(["two are free", "one is free", "none is free"].map(|goal| hits(&report, goal)), [4, 2, 2]);
}
