//! Tasks of `nevernone::tokio::spawn`: every order, cuts included.

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use nevernone::campaign::replay;
use nevernone::tokio;
use nevernone::{Scenario, Verdict, eventually, fault, millis, restartable, secs, sometimes};
use tokio::sync::{Mutex, Notify, oneshot};
use tokio::task::yield_now;

use crate::{hits, search, verified, whole};

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
    .within(whole())
}

#[test]
fn two_spawned_tasks_of_three_polls_have_20_orders() {
    let report = search(&spawned(2, 3));
    // No lane: that would have one order.
    assert_eq!((report.verdict, report.runs, report.lane), (Verdict::Verified, 20, 0), "{report:#?}");
}

#[test]
fn spawned_tasks_have_as_many_orders_as_the_multinomial_says() {
    // (tasks · polls)! / polls!^tasks.
    for (tasks, polls, runs) in [(1, 1, 1), (1, 4, 1), (2, 2, 6), (2, 6, 924), (3, 2, 90), (3, 3, 1_680), (4, 2, 2_520)]
    {
        let report = search(&spawned(tasks, polls));
        assert_eq!((report.verdict, report.runs), (Verdict::Verified, runs), "{tasks} of {polls}");
    }
}

#[test]
fn in_the_simplest_run_nobody_overtakes() {
    // The counts above say nothing of it: they are the same whoever comes first.
    let polls: Arc<std::sync::Mutex<Vec<&str>>> = Arc::default();
    let into = Arc::clone(&polls);
    let scenario = Scenario::new("in line", move || {
        let (into, (tell, told)) = (Arc::clone(&into), oneshot::channel());
        async move {
            let note = |name| into.lock().unwrap().push(name);
            note("|");
            let also = Arc::clone(&into);
            let woken = tokio::spawn(async move {
                also.lock().unwrap().push("waits");
                told.await.unwrap();
                also.lock().unwrap().push("is woken");
            });
            let yields = Arc::clone(&into);
            let wakes = tokio::spawn(async move {
                yields.lock().unwrap().push("wakes");
                tell.send(()).unwrap();
                yield_now().await;
                yields.lock().unwrap().push("goes on");
            });
            let last = tokio::spawn(async move { into.lock().unwrap().push("last") });
            for task in [woken, wakes, last] {
                task.await.unwrap();
            }
        }
    });
    assert_eq!(search(&scenario.preemptions(0)).verdict, Verdict::Verified);
    let polls = polls.lock().unwrap().join(" ");
    assert!(polls.starts_with("| waits wakes last is woken goes on |"), "{polls}");
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

const LOCKS: u32 = line!();
fn takes(first: &Arc<Mutex<()>>, second: &Arc<Mutex<()>>) -> tokio::task::JoinHandle<()> {
    let (first, second) = (Arc::clone(first), Arc::clone(second));
    tokio::spawn(async move {
        let _first = first.lock().await;
        let _second = second.lock().await;
    })
}

#[test]
fn a_cut_inside_spawned_tasks_finds_the_deadlock_and_the_story_names_their_lines() {
    let scenario = Scenario::new("ab-ba", || async {
        let (a, b) = (Arc::new(Mutex::new(())), Arc::new(Mutex::new(())));
        let (one, other) = (takes(&a, &b), takes(&b, &a));
        one.await.unwrap();
        other.await.unwrap();
    });
    let failure = search(&scenario).failure.expect("found");
    assert_eq!((failure.property.as_str(), failure.cost), ("stuck", 1));
    let waits = failure.stuck.iter().map(ToString::to_string);
    let told = [vec![failure.message], waits.collect()].concat().join("\n");
    for line in [LOCKS + 3, LOCKS + 5] {
        assert!(told.contains(&format!("tests/spawned/tasks.rs:{line}")), "line {line} is not in {told}");
    }
    assert!(told.contains("the task `spawned at "), "who waits for the tasks is told as well: {told}");
    let again = replay(&scenario, &failure.token.parse().expect("a token")).expect("it fits").to_string();
    assert!(again.contains("is cut after 0 operations"), "{again}");
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

/// Says how often it was polled, and when it was dropped.
#[derive(Clone, Default)]
struct Traces(Arc<(AtomicU32, AtomicU32)>);

impl Traces {
    fn polled(&self) -> u32 {
        self.0.0.load(Ordering::Relaxed)
    }

    fn dropped(&self) -> u32 {
        self.0.1.load(Ordering::Relaxed)
    }

    async fn leave(self, polls: u32) -> u32 {
        let traces = self;
        for _ in 0..polls {
            traces.0.0.fetch_add(1, Ordering::Relaxed);
            yield_now().await;
        }
        7
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        self.0.1.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn an_aborted_task_is_dropped_at_any_later_moment_but_not_after_its_end() {
    let report = verified(|| async {
        let traces = Traces::default();
        let task = tokio::spawn(traces.clone().leave(2));
        yield_now().await;
        task.abort();
        assert_eq!(traces.dropped(), u32::from(task.is_finished()), "an abort is no drop yet");
        let ended = task.await;
        assert_eq!(traces.dropped(), 1, "told after its destructors have run");
        sometimes("before its first poll", traces.polled() == 0);
        sometimes("after its first poll", traces.polled() == 1);
        sometimes("after its second poll", traces.polled() == 2 && ended.is_err());
        sometimes("too late", ended.as_ref().is_ok_and(|output| *output == 7));
        assert!(ended.is_ok() || ended.is_err_and(|error| error.is_cancelled()));
    });
    assert!(report.sometimes.iter().all(|goal| goal.hits > 0), "{:?}", report.sometimes);
}

#[test]
fn a_task_knows_its_number() {
    verified(|| async {
        assert_eq!(tokio::task::try_id(), None, "the body is none of tokio's");
        let task =
            tokio::spawn(async { (tokio::task::id(), tokio::spawn(async { tokio::task::id() }).await.unwrap()) });
        let (id, handle) = (task.id(), task.abort_handle());
        let (own, inner) = task.await.unwrap();
        assert_eq!((own, handle.id(), handle.is_finished()), (id, id, true));
        assert_ne!(own, inner);
    });
}

#[test]
fn what_a_start_spawned_goes_down_with_it_and_is_controlled() {
    let scenario = Scenario::new("crash", || async {
        let traces = Traces::default();
        let of_start = traces.clone();
        let start = restartable("service", move || {
            let traces = of_start.clone();
            async move {
                // By itself it never ends.
                drop(tokio::spawn(async move {
                    let _held = traces;
                    std::future::pending::<()>().await;
                }));
                yield_now().await;
            }
        });
        start.await;
        sometimes("its task went down", traces.dropped() == 1);
    });
    let report = search(&scenario);
    assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
    assert!(hits(&report, "its task went down") > 0);
}

#[test]
fn a_spawned_startup_meets_every_fault_before_the_run_heals() {
    // Between two attempts nothing is ready, and the body waits for others; but this one is not done with its faults.
    let scenario = Scenario::new("retries", || async {
        let failed = Arc::new(AtomicU32::new(0));
        let done = Arc::new(AtomicU32::new(0));
        let (counts, tells) = (Arc::clone(&failed), Arc::clone(&done));
        drop(tokio::spawn(async move {
            while fault("connect", &["refused"]).is_some() {
                counts.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(millis(100)).await;
            }
            tells.store(1, Ordering::Relaxed);
        }));
        eventually("serves", secs(1), move || done.load(Ordering::Relaxed) == 1).await;
        for times in ["never", "once", "twice"] {
            let wanted = ["never", "once", "twice"].iter().position(|name| *name == times);
            sometimes(times, wanted == Some(failed.load(Ordering::Relaxed) as usize));
        }
    });
    let report = search(&scenario.faults(2));
    assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
}

#[test]
fn a_handle_is_as_tokios_is() {
    fn as_tokios<T: Send + Sync + Unpin + UnwindSafe + RefUnwindSafe + std::fmt::Debug>() {}
    fn sent<T: Send + Sync + Unpin + std::fmt::Debug + Default>() {}
    as_tokios::<tokio::task::JoinHandle<u32>>();
    as_tokios::<::tokio::task::JoinHandle<u32>>();
    sent::<tokio::task::JoinSet<u32>>();
    sent::<::tokio::task::JoinSet<u32>>();
}
