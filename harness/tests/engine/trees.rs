//! Trees whose size is known.

use std::rc::Rc;
use std::sync::Arc;

use nevernone::campaign::{Options, check};
use nevernone::explore::Bounds;
use nevernone::report::ScenarioReport;
use nevernone::{Scenario, Verdict, any_moment, choose, millis, spawn};
use tokio::sync::{Mutex, Semaphore};

fn whole_tree(scenario: Scenario) -> ScenarioReport {
    check(&scenario.within(Bounds { stalls: Some(0), ..Bounds::unbounded() }), &Options::default())
}

fn yields(tasks: u32, yields: u32) -> Scenario {
    Scenario::new("yields", move || async move {
        for task in 0..tasks {
            drop(spawn(format!("task {task}"), async move {
                for _ in 0..yields {
                    tokio::task::yield_now().await;
                }
            }));
        }
    })
}

#[test]
fn two_tasks_of_three_polls_have_20_orders() {
    assert_eq!(whole_tree(yields(2, 2)).runs, 20);
}

#[test]
fn three_tasks_of_two_yields_have_1680_orders() {
    // 9! / (3!)^3
    assert_eq!(whole_tree(yields(3, 2)).runs, 1680);
}

#[test]
fn two_tasks_of_four_semaphore_operations_have_252_orders() {
    let scenario = Scenario::new("semaphore", || async {
        let semaphore = Rc::new(Semaphore::new(8));
        for name in ["left", "right"] {
            let semaphore = Rc::clone(&semaphore);
            drop(spawn(name, async move {
                for _ in 0..4 {
                    semaphore.acquire().await.expect("never closed").forget();
                }
            }));
        }
    });
    // Five pieces each: up to each of the four permits, which are taken before the budget is asked, and the rest.
    assert_eq!(whole_tree(scenario).runs, 252);
}

#[test]
fn a_draw_inside_a_poll_may_give_it_more_cuts() {
    let scenario = Scenario::new("more operations", || async {
        drop(spawn("left", async {
            let semaphore = Semaphore::new(8);
            for _ in 0..=2 * choose("more", 2) {
                semaphore.acquire().await.expect("never closed").forget();
            }
        }));
        drop(spawn("right", async {}));
    });
    // One permit makes two pieces, three make four; `right` is one piece: 3! / 2! + 5! / 4!.
    assert_eq!(whole_tree(scenario).runs, 8);
}

#[test]
fn two_mutexes_in_two_orders_deadlock() {
    let scenario = Scenario::new("ab-ba", || async {
        let (a, b) = (Arc::new(Mutex::new(())), Arc::new(Mutex::new(())));
        for (name, first, second) in [("ab", a.clone(), b.clone()), ("ba", b, a)] {
            drop(spawn(name, async move {
                let _first = first.lock().await;
                let _second = second.lock().await;
            }));
        }
    });
    let report = whole_tree(scenario);
    assert_eq!(report.verdict, Verdict::Failed);
    let failure = report.failure.unwrap();
    assert_eq!(failure.property, "stuck");
    assert!(failure.cost <= 2, "{}", failure.cost);
}

#[test]
fn a_timer_beside_an_event_has_9_orders() {
    let scenario = Scenario::new("timer", || async {
        drop(spawn("timer", tokio::time::sleep(millis(5))));
        any_moment("event").await;
    });
    // The event before the timer is set: 2. Before the clock moves: 1. After it: 3 before the timer's task, and 1, or
    // 2 with a cut, after it.
    assert_eq!(whole_tree(scenario).runs, 9);
}
