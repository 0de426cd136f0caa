//! What goes wrong in spawned tasks, and with them.

use std::time::Duration;

use nevernone::{Scenario, Verdict, any_moment, choose, event, inject_panic, sometimes, spawn};
use tokio::task::yield_now;

use super::yields;
use crate::search;

#[test]
fn a_panic_in_a_spawned_task_is_told_with_its_place() {
    let line = line!() + 4;
    let scenario = Scenario::new("panics", || async {
        let handle = tokio::spawn(async {
            yield_now().await;
            assert!(choose("unlucky", 2) == 0, "no number {}", 7);
        });
        // Whoever joins it hears of it as usual, and it is a failure all the same.
        let _ = handle.await;
    });
    let failure = search(&scenario).failure.expect("found");
    assert_eq!(
        (failure.property.as_str(), failure.file.as_deref(), failure.line),
        ("panic", Some(file!()), Some(line))
    );
    assert_eq!(failure.message, "a task of `tokio::spawn` panicked: no number 7");
}

#[test]
fn a_panic_of_a_task_that_nobody_joins_is_told() {
    let scenario = Scenario::new("panics unseen", || async {
        drop(tokio::spawn(async { assert!(choose("unlucky", 2) == 0, "nobody joins me") }));
        yields(2).await;
    });
    let failure = search(&scenario).failure.expect("found");
    assert!(failure.message.contains("nobody joins me"), "{}", failure.message);
}

#[test]
fn a_panic_that_the_explorer_injected_reaches_whoever_joins() {
    let scenario = Scenario::new("injected", || async {
        let handle = tokio::spawn(async {
            if nevernone::fault("warm-up", &["panic"]).is_some() {
                inject_panic();
            }
        });
        let joined = handle.await;
        sometimes("it panicked", joined.as_ref().is_err_and(tokio::task::JoinError::is_panic));
        sometimes("it did not", joined.is_ok());
    });
    let report = search(&scenario);
    assert_eq!((report.verdict, report.runs), (Verdict::Verified, 2));
}

#[test]
fn a_run_that_spawns_for_ever_is_cut_short() {
    fn spawns_the_next() -> tokio::task::JoinHandle<()> {
        tokio::spawn(async {
            drop(spawns_the_next());
            std::future::pending::<()>().await;
        })
    }
    let report = search(
        &Scenario::new("more and more", || async {
            let _ = spawns_the_next().await;
        })
        .steps(100),
    );
    assert_eq!(
        (report.verdict, &report.cut_short[..]),
        (Verdict::Incomplete, &["a run was stopped after 100 steps".to_owned()][..])
    );
    assert_eq!(report.uncontrolled, Vec::<String>::new());
}

#[test]
fn a_spawned_loop_that_nobody_ends_is_cut_short() {
    let scenario = Scenario::new("endless", || async {
        tokio::spawn(async {
            loop {
                yield_now().await;
            }
        })
        .await
        .unwrap();
    });
    let report = search(&scenario.steps(100));
    assert_eq!((report.verdict, report.cut_short.len()), (Verdict::Incomplete, 1));
}

#[test]
fn who_waits_for_a_spawned_task_that_waits_for_ever_is_stuck() {
    let scenario = Scenario::new("stuck", || async {
        tokio::spawn(std::future::pending::<()>()).await.unwrap();
    });
    let failure = search(&scenario).failure.expect("found");
    assert_eq!(failure.property, "stuck");
    assert!(failure.message.contains("scenario, and 1 of the tasks given to `tokio::spawn`"), "{}", failure.message);
}

struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// A task that is left over when the run ends, and does that when it is dropped.
fn left_over(on_drop: impl Fn() + Copy + Send + Sync + 'static) -> Scenario {
    Scenario::new("left over", move || async move {
        drop(tokio::spawn(async move {
            let _guard = OnDrop(on_drop);
            std::future::pending::<()>().await;
        }));
        yields(2).await;
    })
}

#[test]
fn a_destructor_of_a_task_that_is_left_over_may_panic() {
    let failure = search(&left_over(|| panic!("dropped badly"))).failure.expect("found");
    assert_eq!(failure.property, "panic");
    assert!(failure.message.contains("dropped badly"), "{}", failure.message);
}

#[test]
fn a_destructor_of_a_task_that_is_left_over_may_call_everything() {
    let report = search(&left_over(|| {
        drop(tokio::spawn(async {}));
        drop(spawn("too late", async { drop(OnDrop(|| event("never polled"))) }));
        event("dropped");
        let _ = choose("a", 2);
        drop(Box::pin(any_moment("never")));
    }));
    assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
}

#[test]
fn blocking_work_of_a_spawned_task_is_named() {
    let report = search(&Scenario::new("spawn_blocking", || async {
        drop(tokio::spawn(async { tokio::task::spawn_blocking(|| ()).await }));
        yield_now().await;
    }));
    assert_eq!(report.verdict, Verdict::Incomplete);
    assert!(report.uncontrolled[0].contains("spawn_blocking"), "{:?}", report.uncontrolled);
}

#[test]
fn a_spawned_poll_that_never_returns_is_told_by_the_watchdog() {
    let scenario = Scenario::new("hangs", || async {
        drop(tokio::spawn(async {
            yield_now().await;
            let held = std::sync::Mutex::new(());
            let _first = held.lock().unwrap();
            let _second = held.lock().unwrap();
        }));
        yields(1).await;
    });
    let report = search(&scenario.watchdog(Duration::from_millis(500)));
    let failure = report.failure.expect("found");
    assert_eq!(failure.property, "watchdog");
    assert!(failure.message.contains("a step of `lane` did not return"), "{}", failure.message);
}

#[test]
fn what_a_spawned_task_must_not_do_is_told_in_tokios_words() {
    let forbidden: [(&str, fn()); 2] = [
        ("spawn_local", || drop(tokio::task::spawn_local(async {}))),
        ("runtime", || tokio::runtime::Handle::current().block_on(async {})),
    ];
    for (word, act) in forbidden {
        let scenario = Scenario::new(word, move || async move {
            let _ = tokio::spawn(async move { act() }).await;
        });
        let failure = search(&scenario).failure.unwrap_or_else(|| panic!("`{word}` is forbidden"));
        assert!(failure.property == "panic" && failure.message.contains(word), "{}", failure.message);
    }
}
