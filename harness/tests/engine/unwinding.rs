//! What a panic at an await unwinds through.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use nevernone::{Scenario, Verdict, choose, daemon, event, fault, may_panic, sometimes, spawn};
use tokio::task::yield_now;

use crate::panics::caught;
use crate::{hits, search};

/// No preemption, so that only panics are counted.
fn calm(scenario: Scenario) -> Scenario {
    scenario.preemptions(0)
}

/// Tells whether it was dropped while a panic unwound.
struct Dropped(Rc<Cell<Option<bool>>>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.set(Some(std::thread::panicking()));
    }
}

/// Its destructor draws, tells and spawns.
pub(crate) struct Cleans;

impl Drop for Cleans {
    fn drop(&mut self) {
        event("cleaning up");
        if choose("how", 2) == 1 && fault("disk", &["full"]).is_none() {
            drop(spawn("cleaner", async { sometimes("cleaned", true) }));
        }
    }
}

#[test]
#[expect(clippy::await_holding_lock, reason = "so that its poison can be seen")]
fn what_it_holds_is_dropped_while_the_panic_unwinds_in_the_same_step() {
    let scenario = Scenario::new("destructors", || async {
        let dropped = Rc::new(Cell::new(None));
        let (seen, lock) = (Rc::clone(&dropped), Arc::new(Mutex::new(())));
        let held = Arc::clone(&lock);
        drop(daemon(
            "worker",
            may_panic("worker", async move {
                let _dropped = Dropped(seen);
                let _held = held.lock().expect("nobody else takes it");
                std::future::pending::<()>().await;
            }),
        ));
        yield_now().await;
        yield_now().await;
        sometimes("it lives", dropped.get().is_none());
        sometimes("it panicked", dropped.get() == Some(true));
        assert_ne!(dropped.get(), Some(false), "dropped quietly");
        assert_eq!(dropped.get().is_some(), lock.is_poisoned(), "the lock was held across the await");
    });
    let report = search(&calm(scenario));
    // Not at all, or before the scenario's second or third poll.
    assert_eq!((report.verdict, report.runs), (Verdict::Verified, 3), "{report:#?}");
}

#[test]
fn the_panic_goes_on_through_what_encloses_the_future() {
    let scenario = Scenario::new("enclosed", || async {
        let log: Rc<RefCell<Vec<&str>>> = Rc::default();
        let outer = Rc::new(Cell::new(None));
        let worker = {
            let (outer, log) = (Rc::clone(&outer), Rc::clone(&log));
            async move {
                let _outer = Dropped(outer);
                may_panic("inner", yield_now()).await;
                log.borrow_mut().push("went on");
            }
        };
        let died = caught(worker).await.is_none();
        sometimes("died", died);
        assert_eq!(outer.get(), Some(died), "the enclosing future's own destructors unwind too");
        assert_eq!(log.borrow().is_empty(), died);
    });
    let report = search(&calm(scenario));
    assert_eq!((report.verdict, report.runs), (Verdict::Verified, 2));
}

#[test]
fn a_destructor_that_panics_meanwhile_is_a_failure_with_a_story() {
    struct Careless;
    impl Drop for Careless {
        fn drop(&mut self) {
            assert!(!std::thread::panicking(), "flushing failed");
        }
    }
    let report = search(&Scenario::new("two panics", || async {
        drop(spawn(
            "worker",
            may_panic("worker", async {
                let _careless = Careless;
                yield_now().await;
            }),
        ));
    }));
    let failure = report.failure.expect("found");
    assert_eq!((failure.property.as_str(), failure.cost, failure.file.as_deref()), ("panic", 1, Some(file!())));
    assert!(failure.message.contains("aborts the process: flushing failed"), "{}", failure.message);
}

#[test]
fn a_destructor_may_spawn_draw_and_tell() {
    let scenario = Scenario::new("cleaning up", || async {
        let _ = caught(may_panic("worker", async {
            let _cleans = Cleans;
            yield_now().await;
        }))
        .await;
    });
    let report = search(&calm(scenario).faults(1));
    // Dropped at its end or by the panic; either way nothing, a cleaner, or a fault.
    assert_eq!((report.verdict, report.runs, hits(&report, "cleaned")), (Verdict::Verified, 6, 2), "{report:#?}");
}

#[test]
fn a_panic_inside_another_unwinds_through_both() {
    let scenario = Scenario::new("nested", || async {
        let inner = Rc::new(Cell::new(None));
        let seen = Rc::clone(&inner);
        let nested = may_panic("outer", async move {
            may_panic("inner", async move {
                let _dropped = Dropped(seen);
                yield_now().await;
            })
            .await;
        });
        let died = caught(nested).await.is_none();
        assert_eq!(inner.get(), Some(died));
    });
    // Neither, the outer one, the inner one; whichever goes first takes the other with it.
    for (bound, runs) in [(1, 3), (2, 3)] {
        let report = search(&calm(scenario.clone()).panics(bound));
        assert_eq!((report.verdict, report.runs), (Verdict::Verified, runs), "panics≤{bound}");
    }
}
