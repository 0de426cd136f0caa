//! Failing runs as people read them.

use nevernone::report::terminal;
use nevernone::{Scenario, any_moment, choose, event, fault, millis, spawn};
use std::cell::Cell;
use std::rc::Rc;
use tokio::time::sleep;

use crate::search;

fn story(scenario: &Scenario) -> String {
    let report = search(scenario);
    let story = terminal::story(&report, "(by its token)");
    // The line of a property moves with this file.
    let line = report.failure.and_then(|failure| failure.line).map(|line| format!(":{line}")).unwrap_or_default();
    story.replace(&line, "").replace('\\', "/")
}

/// A startup whose last part may be missing, and a request after it.
fn early_request() -> Scenario {
    Scenario::new("early-request", || async {
        let ready = Rc::new(Cell::new(false));
        let wired = Rc::new(Cell::new(0));
        let start = spawn("startup", {
            let (ready, wired) = (Rc::clone(&ready), Rc::clone(&wired));
            async move {
                let region = choose("region", 3);
                sleep(millis(100)).await;
                if fault("websocket manager", &["a part is missing"]).is_none() {
                    wired.set(8);
                }
                ready.set(true);
                event("announces that every one of the agents was wired and that requests are welcome now");
                sleep(millis(u64::from(region))).await;
            }
        });
        start.await;
        any_moment("a request arrives").await;
        let _ = choose("user", 4);
        assert_eq!((ready.get(), wired.get()), (true, 8), "ready means wired");
    })
}

#[test]
fn two_tasks_have_a_lane_each() {
    let story = story(&early_request());
    insta::assert_snapshot!(story, @r"
    early-request: failed at cost 1
      panic: `scenario` panicked: assertion `left == right` failed: ready means wired
      left: (true, 0)
     right: (true, 8)
      at harness/tests/engine/stories.rs
      step       time  scenario                                 startup
         1       0 ms  runs
         2~      0 ms                                           draws region = 0
         2~      0 ms                                           runs
         3     100 ms  -- clock moves to 100ms ---------------------------------------------------------
         4     100 ms                                           fault at websocket manager: a part is
                                                                missing
         4     100 ms  -- startup announces that every one of the agents was wired and that requests are welcome now
         4     100 ms                                           runs (2 operations) and ends
         5     100 ms  runs
         6     100 ms  -- a request arrives happens now ------------------------------------------------
         7*    100 ms  draws user = 0
         7*    100 ms  -- scenario panics: assertion `left == right` failed: ready means wired left: (true, 0) right: (true, 8)
         7*    100 ms  runs and ends
      * whatever is chosen here and later, the run fails (all 3 were run)
      ~ whatever is chosen here, the run fails if the rest stays as it is (all 2 were run)
      from step 4 on every continuation fails (all 4 were run)
      no smaller run fails
      replay: (by its token)
    ");
}

#[test]
fn many_tasks_have_a_line_for_each_event() {
    let story = story(&Scenario::new("five-tasks", || async {
        for name in ["one", "two", "three", "four"] {
            drop(spawn(name, async move { event("was here") }));
        }
        tokio::task::yield_now().await;
        assert!(choose("value", 2) == 0, "one");
    }));
    insta::assert_snapshot!(story, @r"
    five-tasks: failed at cost 0
      panic: `scenario` panicked: one
      at harness/tests/engine/stories.rs
      step       time  who and what
         1       0 ms  scenario  runs
         2       0 ms  one       was here
         2       0 ms  one       runs and ends
         3       0 ms  two       was here
         3       0 ms  two       runs and ends
         4       0 ms  three     was here
         4       0 ms  three     runs and ends
         5       0 ms  four      was here
         5       0 ms  four      runs and ends
         6       0 ms  scenario  draws value = 1
         6       0 ms  scenario  panics: one
         6       0 ms  scenario  runs and ends
      from step 6 on every continuation fails (the only one was run)
      no smaller run fails
      replay: (by its token)
    ");
}
