//! What is judged when a run is over.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use nevernone::{Scenario, Verdict, always, balanced, daemon, fault, millis, on_heal, secs, spawn, watch};
use tokio::sync::{Notify, Semaphore};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};

use crate::{green, red, search};

/// Where [`permits`] declares its balance.
const BALANCED: u32 = line!() + 9;

/// Three permits, and somebody who may or may not give one back.
fn permits<F: Future<Output = ()> + 'static>(
    uses: impl Fn(Arc<Semaphore>) -> F + Send + Sync + Copy + 'static,
) -> Scenario {
    Scenario::new("permits", move || async move {
        let permits = Arc::new(Semaphore::new(3));
        let left = permits.clone();
        balanced("permits", move || left.available_permits());
        uses(permits).await;
    })
}

#[test]
fn what_was_forgotten_is_missed_and_both_numbers_are_told() {
    green(&permits(|permits| async move { drop(permits.acquire().await) }));
    let forgets = permits(|permits| async move {
        let permit = permits.acquire_owned().await.expect("open");
        if fault("give back", &["forgets"]).is_some() {
            permit.forget();
        }
    });
    let failure = red(&forgets, "permits", (file!(), BALANCED));
    assert!(failure.message.contains("was 3") && failure.message.contains("is 2"), "{}", failure.message);
    assert_eq!(failure.cost, 1);
}

#[test]
fn what_a_task_holds_until_it_is_dropped_is_given_back() {
    // A daemon that never ends, a task that was spawned in the last step, and one that the runtime owns.
    green(&permits(|permits| async move {
        let held = permits.clone().acquire_owned().await.expect("open");
        drop(daemon("holds", async move {
            let _held = held;
            std::future::pending::<()>().await;
        }));
        yield_now().await;
        let last = permits.acquire_owned().await.expect("open");
        drop(daemon("holds as well", async move {
            let _last = last;
            std::future::pending::<()>().await;
        }));
    }));
    let owned = permits(|permits| async move {
        let held = permits.acquire_owned().await.expect("open");
        drop(tokio::spawn(async move {
            let _held = held;
            std::future::pending::<()>().await;
        }));
    });
    assert_eq!(search(&owned).failure.map(|failure| failure.message), None);
}

#[test]
fn a_run_that_fails_otherwise_is_not_asked_for_its_balance() {
    let asked_twice = Scenario::new("panics", || async {
        let asked = Rc::new(Cell::new(0));
        balanced("asked", move || {
            asked.set(asked.get() + 1);
            asked.get()
        });
        assert!(fault("place", &["err"]).is_none(), "the other failure");
    });
    // Without a fault it is asked twice and off; that is the cheaper failure.
    let failure = search(&asked_twice).failure.expect("found");
    assert_eq!((failure.property.as_str(), failure.cost), ("asked", 0));
    let only_once = Scenario::new("panics", || async {
        balanced("never asked again", || ());
        panic!("the other failure");
    });
    assert_eq!(search(&only_once).failure.map(|failure| failure.property), Some("panic".to_owned()));
}

#[test]
fn a_value_that_panics_at_the_end_fails_the_run() {
    let line = line!() + 4;
    let scenario = Scenario::new("broken value", || async {
        let asked = Cell::new(false);
        balanced("broken", move || {
            assert!(!asked.replace(true), "gone");
        });
    });
    red(&scenario, "panic", (file!(), line));
}

#[test]
fn whoever_outlives_the_foreground_is_a_leak_where_that_is_denied() {
    let leaves = |what: &'static str| {
        Scenario::new("leaves somebody", move || async move {
            match what {
                "a daemon" => drop(daemon("ping loop", std::future::pending::<()>())),
                "a task of tokio's" => drop(tokio::spawn(std::future::pending::<()>())),
                "an ended daemon" => daemon("ends", yield_now()).await,
                _ => spawn("ends", yield_now()).await,
            }
        })
    };
    green(&leaves("a daemon"));
    green(&leaves("an ended daemon").deny_leaks());
    green(&leaves("nobody").deny_leaks());
    for (what, told) in [("a daemon", "`ping loop`"), ("a task of tokio's", "a task of `tokio::spawn`")] {
        let report = search(&leaves(what).deny_leaks());
        let failure = report.failure.expect("found");
        assert_eq!((report.verdict, failure.property.as_str()), (Verdict::Failed, "leak"));
        assert!(failure.message.ends_with(told), "{}", failure.message);
    }
}

#[test]
fn who_only_needs_a_turn_to_end_is_no_leak() {
    let leaves = |what: &'static str| {
        Scenario::new("leaves somebody", move || async move {
            let handle = Arc::new(Notify::new());
            let told = Arc::clone(&handle);
            let weak = Arc::downgrade(&handle);
            let until_told = async move { told.notified().await };
            let until_dropped = async move {
                while weak.upgrade().is_some() {
                    yield_now().await;
                }
            };
            match what {
                "a daemon that was told to stop" => drop(daemon("told", until_told)),
                "a task of tokio's that was told to stop" => drop(tokio::spawn(until_told)),
                "a daemon that ends with the last handle" => drop(daemon("follows", until_dropped)),
                "a task of tokio's that ends with the last handle" => drop(tokio::spawn(until_dropped)),
                "a daemon that never ends" => drop(daemon("yields", async {
                    loop {
                        yield_now().await;
                    }
                })),
                _ => unreachable!("{what}"),
            }
            yield_now().await;
            handle.notify_one();
            // A property's handle is none of the service's.
            always("watched", move || Arc::strong_count(&handle) > 0);
        })
    };
    for who in ["a daemon", "a task of tokio's"] {
        for how in ["was told to stop", "ends with the last handle"] {
            let name: &'static str = format!("{who} that {how}").leak();
            green(&leaves(name).deny_leaks());
        }
    }
    let report = search(&leaves("a daemon that never ends").deny_leaks());
    assert_eq!(report.failure.map(|failure| failure.property), Some("leak".to_owned()));
}

#[nevernone::test(leaks = "deny", expect = "failed")]
async fn leaks_are_denied_by_an_attribute() {
    drop(daemon("ping loop", std::future::pending::<()>()));
}

#[nevernone::test(horizon = "3s", expect = "incomplete")]
async fn a_horizon_is_set_by_an_attribute() {
    sleep(secs(4)).await;
}

#[nevernone::test(chaos_for = "1500ms")]
async fn a_chaos_phase_is_set_by_an_attribute() {
    let start = Instant::now();
    let healed = Rc::new(Cell::new(None));
    on_heal(watch(&healed, move |healed| healed.set(Some(start.elapsed()))));
    sleep(secs(4)).await;
    assert_eq!(healed.get(), Some(millis(1_500)));
}
