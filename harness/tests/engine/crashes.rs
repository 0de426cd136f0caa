//! Crash and second start: when, of what, and what the second start meets.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use nevernone::{
    Scenario, Verdict, any_moment, cancellable, choose, daemon, may_panic, millis, require, restartable, sometimes,
    spawn,
};
use tokio::sync::Mutex;
use tokio::task::yield_now;
use tokio::time::sleep;

use crate::panics::caught;
use crate::{hits, search};

/// No preemption, so that only crashes are counted.
fn calm(scenario: Scenario) -> Scenario {
    scenario.preemptions(0)
}

#[test]
fn a_start_of_three_awaits_has_1_4_or_13_runs() {
    let scenario = Scenario::new("awaits", || async {
        restartable("platform", || async {
            for _ in 0..3 {
                yield_now().await;
            }
        })
        .await;
    });
    // Each start may crash at one of its three awaits, and then there is another: 1 + 3 + 3² …
    for (bound, runs) in [(0, 1), (1, 1 + 3), (2, 1 + 3 + 9)] {
        let report = search(&calm(scenario.clone()).crashes(bound));
        assert_eq!((report.verdict, report.runs), (Verdict::Verified, runs), "crashes≤{bound}");
    }
}

#[test]
fn one_crash_is_what_the_defaults_admit() {
    let scenario = Scenario::new("defaults", || async { restartable("platform", yield_now).await });
    assert_eq!(scenario.bounds().crashes, Some(1));
    assert_eq!(search(&calm(scenario)).runs, 2);
}

#[test]
fn what_was_not_polled_or_has_ended_cannot_crash() {
    let scenario = Scenario::new("nothing to lose", || async {
        let at_once = restartable("platform", || async { 7 });
        yield_now().await;
        assert_eq!(at_once.await, 7);
        yield_now().await;
    });
    let report = search(&calm(scenario));
    assert_eq!((report.runs, report.offered.iter().any(|offered| offered == "crashes")), (1, false));
}

#[test]
fn the_second_start_meets_what_outlives_the_first() {
    let scenario = Scenario::new("a file", || async {
        let file: Rc<RefCell<Vec<&str>>> = Rc::default();
        let written = Rc::clone(&file);
        let start = move || {
            let file = Rc::clone(&written);
            async move {
                file.borrow_mut().push("begun");
                sleep(millis(5)).await;
                file.borrow_mut().push("done");
                file.borrow().len()
            }
        };
        let lines = restartable("platform", start).await;
        sometimes("it never crashed", lines == 2);
        sometimes("it crashed half-done", lines == 3);
        assert_eq!(lines, file.borrow().len(), "the handle gives the output of the start that ended");
    });
    let report = search(&calm(scenario));
    // Not at all, before the clock moved, or after.
    assert_eq!((report.verdict, report.runs), (Verdict::Verified, 3), "{report:#?}");
}

#[test]
fn all_that_it_spawned_goes_down_newest_first_and_in_one_step() {
    struct Log(Rc<RefCell<Vec<u32>>>, u32);
    impl Drop for Log {
        fn drop(&mut self) {
            self.0.borrow_mut().push(self.1);
        }
    }
    async fn start(first: bool, log: Rc<RefCell<Vec<u32>>>) {
        let _main = Log(Rc::clone(&log), 0);
        if first {
            drop(daemon("child", async move {
                let _child = Log(Rc::clone(&log), 1);
                drop(daemon("grandchild", async move {
                    let _grandchild = Log(log, 2);
                    std::future::pending::<()>().await;
                }));
                std::future::pending::<()>().await;
            }));
            sleep(millis(5)).await;
        }
    }
    let scenario = Scenario::new("descendants", || async {
        let dropped: Rc<RefCell<Vec<u32>>> = Rc::default();
        let (log, starts) = (Rc::clone(&dropped), Cell::new(0));
        let platform = restartable("platform", move || start(starts.replace(1) == 0, Rc::clone(&log)));
        let seen = Rc::clone(&dropped);
        nevernone::always("all or nothing, newest first", move || {
            let seen = seen.borrow();
            let ended = seen.strip_prefix(&[0]).unwrap_or(&seen);
            // Nothing, or a crash of those that had begun, or that crash and the end of the start after it.
            [&[][..], &[0], &[1, 0], &[1, 0, 0], &[2, 1, 0], &[2, 1, 0, 0], &[2, 1]].contains(&ended)
        });
        platform.await;
        let dropped = dropped.borrow();
        for (newest, expected) in [("main", &[0, 0][..]), ("child", &[1, 0, 0]), ("grandchild", &[2, 1, 0, 0])] {
            sometimes(newest, dropped[..] == *expected);
        }
    });
    assert_eq!(search(&calm(scenario)).verdict, Verdict::Verified);
}

#[test]
fn what_was_spawned_outside_lives_on() {
    let scenario = Scenario::new("outside", || async {
        let outside = spawn("outside", async {
            yield_now().await;
            yield_now().await;
            7
        });
        let platform = restartable("platform", || sleep(millis(1)));
        assert_eq!(caught(outside).await, Some(7));
        platform.await;
    });
    assert_eq!(search(&scenario).verdict, Verdict::Verified);
}

#[test]
fn it_can_crash_while_only_a_daemon_of_its_is_left() {
    let scenario = Scenario::new("serving", || async {
        let starts = Rc::new(Cell::new(0));
        let counted = Rc::clone(&starts);
        let platform = restartable("platform", move || {
            counted.set(counted.get() + 1);
            async {
                drop(daemon("serves", std::future::pending::<()>()));
                7
            }
        });
        assert_eq!(platform.await, 7);
        any_moment("the end").await;
        sometimes("crashed while it served", starts.get() == 2);
    });
    let report = search(&calm(scenario));
    assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
}

#[test]
fn events_cancellations_and_panics_of_a_crashed_start_are_gone() {
    let scenario = Scenario::new("left over", || async {
        let starts = Cell::new(0);
        let platform = restartable("platform", move || {
            let first = starts.replace(1) == 0;
            async move {
                if first {
                    let _ = cancellable("work", may_panic("work", any_moment("a request"))).await;
                } else {
                    yield_now().await;
                }
            }
        });
        let _ = caught(platform).await;
    });
    let report = search(&calm(scenario).cost(2));
    // There are two points, before and after the request. None: 1. One upset of three at one of the two: 6. A
    // cancellation at either, and a crash before the start has noticed: 2. After a crash nothing is left to upset, and
    // whom the panic killed has nothing to lose.
    assert_eq!((report.verdict, report.runs), (Verdict::Verified, 1 + 6 + 2), "{report:#?}");
}

#[test]
fn a_crash_gives_back_what_tokio_guards() {
    let scenario = Scenario::new("a lock", || async {
        let lock = Rc::new(Mutex::new(0));
        let shared = Rc::clone(&lock);
        let platform = restartable("platform", move || {
            let lock = Rc::clone(&shared);
            async move {
                let mut held = lock.lock().await;
                yield_now().await;
                *held += 1;
            }
        });
        platform.await;
        assert_eq!(*lock.lock().await, 1);
    });
    assert_eq!(search(&scenario).verdict, Verdict::Verified);
}

#[test]
fn a_start_that_panics_by_itself_fails_the_run() {
    let scenario = Scenario::new("second start", || async {
        let started = Cell::new(false);
        restartable("platform", move || {
            assert!(!started.replace(true), "already started");
            yield_now()
        })
        .await;
    });
    let failure = search(&scenario).failure.expect("found");
    assert_eq!((failure.property.as_str(), failure.cost), ("panic", 1));
    assert!(failure.message.contains("`platform` panicked: already started"), "{}", failure.message);
}

#[test]
fn a_start_that_an_injected_panic_ends_is_not_awaited_for_ever() {
    let scenario = Scenario::new("died", || async {
        let platform = caught(restartable("platform", || may_panic("work", yield_now()))).await;
        sometimes("died", platform.is_none());
        sometimes("ended", platform.is_some());
    });
    let report = search(&calm(scenario).crashes(0));
    assert_eq!((report.verdict, report.runs), (Verdict::Verified, 2), "{report:#?}");
}

#[test]
fn one_inside_another_goes_down_with_it() {
    let scenario = Scenario::new("nested", || async {
        let starts: Rc<Cell<(u32, u32)>> = Rc::default();
        let counted = Rc::clone(&starts);
        restartable("outer", move || {
            let counted = Rc::clone(&counted);
            async move {
                counted.set((counted.get().0 + 1, counted.get().1));
                restartable("inner", move || {
                    counted.set((counted.get().0, counted.get().1 + 1));
                    yield_now()
                })
                .await;
            }
        })
        .await;
        let starts = starts.get();
        sometimes("neither crashed", starts == (1, 1));
        sometimes("the inner one crashed", starts == (1, 2));
        sometimes("the outer one crashed before the inner began", starts == (2, 1));
        sometimes("both started twice", starts == (2, 2));
    });
    let report = search(&calm(scenario));
    // The outer one waits at three points: before the inner one's first poll, after it, and after its end. At the second
    // the inner one can crash alone.
    assert_eq!((report.verdict, report.runs), (Verdict::Verified, 1 + 3 + 1), "{report:#?}");
    assert_eq!(hits(&report, "both started twice"), 2);
}

#[test]
fn what_a_destructor_spawns_during_a_crash_goes_down_as_well() {
    struct Cleans;
    impl Drop for Cleans {
        fn drop(&mut self) {
            if choose("how", 2) == 1 {
                drop(spawn("cleaner", async { require("a crashed process does nothing more", false) }));
            }
        }
    }
    let scenario = Scenario::new("cleaning up", || async {
        restartable("platform", || async {
            let cleans = Cleans;
            yield_now().await;
            // Only a crash cleans.
            std::mem::forget(cleans);
        })
        .await;
    });
    let report = search(&calm(scenario));
    // No crash; or one, with two answers of the destructor.
    assert_eq!((report.verdict, report.runs), (Verdict::Verified, 3), "{report:#?}");
}

#[test]
fn a_crash_beside_a_task_that_only_the_runtime_can_drop_is_uncontrolled() {
    let scenario = Scenario::new("a task of tokio's", || async {
        restartable("platform", || async {
            drop(tokio::spawn(std::future::pending::<()>()));
            yield_now().await;
        })
        .await;
    });
    let report = search(&calm(scenario.clone()));
    assert_eq!(report.verdict, Verdict::Incomplete, "{report:#?}");
    assert!(
        report.uncontrolled[0].contains("a crash was chosen while tasks of `tokio::spawn` were alive"),
        "{report:#?}"
    );
    assert_eq!(search(&calm(scenario.crashes(0))).verdict, Verdict::Verified);
}
