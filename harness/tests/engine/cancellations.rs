//! Futures that the explorer drops: nested ones, ones that hold something, ones whose destructors do something.

use std::rc::Rc;

use nevernone::{Cancelled, Scenario, Verdict, cancellable, millis, sometimes, spawn};
use tokio::sync::Mutex;
use tokio::task::yield_now;
use tokio::time::sleep;

use crate::unwinding::Cleans;
use crate::{hits, search};

/// No preemption, so that only cancellations are counted.
fn calm(scenario: Scenario) -> Scenario {
    scenario.preemptions(0)
}

#[test]
fn one_inside_another_is_dropped_alone_or_with_it() {
    let scenario = Scenario::new("nested", || async {
        let outcome = cancellable("outer", async { cancellable("inner", yield_now()).await }).await;
        sometimes("both ended", outcome == Ok(Ok(())));
        sometimes("the inner one was dropped", outcome == Ok(Err(Cancelled)));
        sometimes("the outer one was dropped", outcome == Err(Cancelled));
    });
    // Neither, either. And the inner one, and then, before it was polled again, the outer one.
    for (bound, runs, outer) in [(1, 3, 1), (2, 4, 2)] {
        let report = search(&calm(scenario.clone()).cancellations(bound));
        assert_eq!((report.verdict, report.runs), (Verdict::Verified, runs), "cancellations≤{bound}");
        assert_eq!(hits(&report, "the outer one was dropped"), outer, "cancellations≤{bound}");
    }
}

#[test]
fn a_lock_that_is_held_meanwhile_is_given_back_and_what_it_guards_is_half_changed() {
    let scenario = Scenario::new("a lock", || async {
        let pair = Rc::new(Mutex::new((0, 0)));
        let changing = Rc::clone(&pair);
        let changed = cancellable("changes both", async move {
            let mut pair = changing.lock().await;
            pair.0 += 1;
            sleep(millis(1)).await;
            pair.1 += 1;
        });
        let outcome = spawn("changes", changed).await;
        let pair = pair.lock().await;
        sometimes("half-changed", pair.0 != pair.1);
        assert_eq!(outcome.is_err(), pair.0 != pair.1);
    });
    let report = search(&calm(scenario));
    // Not at all, before the clock moves, or after.
    assert_eq!((report.verdict, report.runs), (Verdict::Verified, 3), "{report:#?}");
}

#[test]
fn a_destructor_that_panics_fails_the_run_by_the_name_of_what_was_dropped() {
    struct Careless;
    impl Drop for Careless {
        fn drop(&mut self) {
            assert!(self.is_flushed(), "dropped before it was flushed");
        }
    }
    impl Careless {
        fn is_flushed(&self) -> bool {
            std::mem::size_of_val(self) > 0
        }
    }
    let report = search(&Scenario::new("careless", || async {
        let upload = cancellable("the upload", async {
            let careless = Careless;
            yield_now().await;
            std::mem::forget(careless);
        });
        let _ = upload.await;
    }));
    let failure = report.failure.expect("found");
    assert_eq!((failure.property.as_str(), failure.cost, failure.file.as_deref()), ("panic", 1, Some(file!())));
    assert!(failure.message.contains("`the upload` panicked: dropped before"), "{}", failure.message);
}

#[test]
fn a_destructor_may_spawn_draw_and_tell() {
    let scenario = Scenario::new("cleaning up", || async {
        let _ = cancellable("work", async {
            let _cleans = Cleans;
            yield_now().await;
        })
        .await;
    });
    let report = search(&calm(scenario).faults(1));
    // At its end nothing, a fault, or a cleaner after the scenario. When it is dropped the scenario is ready as well, so
    // the cleaner comes before it or after it.
    assert_eq!((report.verdict, report.runs, hits(&report, "cleaned")), (Verdict::Verified, 3 + 4, 3), "{report:#?}");
}
