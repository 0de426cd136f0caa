//! Trees counted by hand, one kind of alternative each.

use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;

use nevernone::{Scenario, Verdict, any_moment, cancellable, choose, fault, millis, sometimes, spawn};
use tokio::sync::Semaphore;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};

use crate::{hits, search};

/// No preemption, so that only the alternative in question is counted.
fn calm(scenario: Scenario) -> Scenario {
    scenario.preemptions(0)
}

#[test]
fn every_value_is_drawn_once() {
    let scenario = Scenario::new("values", || async {
        let drawn = (choose("a", 3), choose("b", 2));
        assert_eq!(choose("only one", 1), 0);
        sometimes("the last pair", drawn == (2, 1));
    });
    let report = search(&scenario);
    assert_eq!((report.runs, hits(&report, "the last pair")), (6, 1));
}

#[test]
fn two_places_of_two_faults_have_1_5_or_9_runs() {
    let scenario = Scenario::new("faults", || async {
        for place in ["left", "right"] {
            let _ = fault(place, &["err", "late"]);
        }
    });
    for (bound, runs) in [(0, 1), (1, 5), (2, 9)] {
        assert_eq!(search(&scenario.clone().faults(bound)).runs, runs, "faults≤{bound}");
    }
}

#[test]
fn the_total_cost_bounds_all_kinds_together() {
    let scenario = Scenario::new("a fault and a cancellation", || async {
        let _ = fault("place", &["err"]);
        let _ = cancellable("future", yield_now()).await;
    });
    // Neither, the one, the other, both.
    for (cost, runs) in [(0, 1), (1, 3), (2, 4)] {
        assert_eq!(search(&calm(scenario.clone()).cost(cost)).runs, runs, "cost≤{cost}");
    }
}

#[test]
fn a_future_is_dropped_before_and_after_it_was_woken() {
    let scenario = Scenario::new("cancelled sleep", || async {
        let start = Instant::now();
        let dropped = cancellable("sleep", sleep(millis(5))).await.is_err();
        let woken = start.elapsed() >= millis(5);
        sometimes("dropped before it was woken", dropped && !woken);
        sometimes("dropped after it was woken", dropped && woken);
        sometimes("finished", !dropped);
    });
    let report = search(&calm(scenario));
    assert_eq!(report.runs, 3);
    assert!(report.sometimes.iter().all(|goal| goal.hits == 1), "{:?}", report.sometimes);
}

#[test]
fn a_future_that_woke_itself_can_be_dropped() {
    let scenario = Scenario::new("cancelled yield", || async {
        let dropped = cancellable("yield", yield_now()).await.is_err();
        sometimes("dropped", dropped);
    });
    assert_eq!(search(&calm(scenario.clone())).runs, 2);
    assert_eq!(search(&calm(scenario).cancellations(0)).verdict, Verdict::Vacuous);
}

#[test]
fn nothing_is_dropped_before_its_first_poll_or_after_its_end() {
    let scenario = Scenario::new("ready at once", || async {
        let mut ready = pin!(cancellable("ready", async { 7 }));
        assert_eq!(ready.as_mut().await, Ok(7));
        yield_now().await;
    });
    assert_eq!(search(&calm(scenario)).runs, 1);
}

#[test]
fn an_event_falls_into_every_wait() {
    const WAITS: [&str; 4] = ["during wait 0", "during wait 1", "during wait 2", "after all of them"];
    let scenario = Scenario::new("waits", || async {
        let wait = Rc::new(Cell::new(0));
        let waits = Rc::clone(&wait);
        let waiting = spawn("waits", async move {
            for number in 0..3 {
                waits.set(number);
                sleep(millis(5)).await;
            }
            waits.set(3);
        });
        any_moment("event").await;
        let seen = wait.get();
        WAITS.iter().enumerate().for_each(|(number, name)| sometimes(name, seen == number));
        waiting.await;
    });
    let report = search(&calm(scenario));
    // Before each of the four polls of `waits`: 2, by who runs first; in each of the three waits 1; at the end 1.
    assert_eq!((report.verdict, report.runs), (Verdict::Verified, 12));
}

#[test]
fn a_stall_is_bounded_on_its_own() {
    let scenario = Scenario::new("stall", || async {
        let timer = spawn("timer", sleep(millis(5)));
        yield_now().await;
        timer.await;
    });
    // With a stall between the timer's first poll and the scenario's second one both are ready: 2 orders more. A
    // stall before the timer is set moves nothing.
    for (bound, runs) in [(0, 1), (1, 3)] {
        assert_eq!(search(&calm(scenario.clone()).stalls(bound)).runs, runs, "stalls≤{bound}");
    }
}

#[test]
fn a_cut_lets_no_time_pass_for_free() {
    let scenario = Scenario::new("cut beside a timer", || async {
        drop(spawn("timer", sleep(millis(5))));
        yield_now().await;
        Arc::new(Semaphore::new(1)).acquire_owned().await.expect("never closed").forget();
    });
    // The timer's task and then the scenario: a cut of the scenario's second poll leaves nothing but the clock, and
    // moving that is a stall. Or the scenario overtakes the timer's task.
    assert_eq!(search(&scenario.clone().preemptions(1)).runs, 2);
    // With a stall as well: that cut, the clock, and either of two goes first. Or the stall before the scenario's
    // second poll, and then either goes first, whole or cut.
    assert_eq!(search(&scenario.preemptions(1).stalls(1)).runs, 2 + 2 + 4);
}

#[test]
fn a_cut_that_a_fault_in_the_same_poll_makes_void_is_no_run() {
    let scenario = Scenario::new("a fault after the cut was drawn", || async {
        drop(spawn("beside", async {}));
        if fault("place", &["err"]).is_none() {
            let permits = Semaphore::new(2);
            permits.acquire().await.expect("never closed").forget();
            permits.acquire().await.expect("never closed").forget();
        }
    });
    // Whole, or cut at either permit; and with the fault there is nothing to cut.
    assert_eq!(search(&scenario.preemptions(1)).runs, 4);
}

#[test]
fn a_task_that_woke_itself_overtakes_at_the_price_of_a_preemption() {
    let scenario = Scenario::new("overtaking", || async {
        drop(spawn("yields", yield_now()));
        drop(spawn("does not", async {}));
    });
    // yields, does not, yields; does not, yields, yields. And, overtaking: yields, yields, does not.
    for (bound, runs) in [(0, 2), (1, 3), (2, 3)] {
        assert_eq!(search(&scenario.clone().preemptions(bound)).runs, runs, "preemptions≤{bound}");
    }
}

#[test]
fn a_yield_loop_ends_under_a_bound_on_preemptions() {
    let scenario = Scenario::new("polling for a flag", || async {
        let flag = Rc::new(Cell::new(false));
        let set = Rc::clone(&flag);
        drop(spawn("sets it", async move {
            yield_now().await;
            set.set(true);
        }));
        while !flag.get() {
            yield_now().await;
        }
    });
    for bound in 0..4 {
        assert_eq!(search(&scenario.clone().preemptions(bound)).verdict, Verdict::Verified, "preemptions≤{bound}");
    }
}
