//! A run in which nothing will ever wake again is told with the user's own lines.

use std::sync::Arc;

use nevernone::campaign::replay;
use nevernone::choice::token::Token;
use nevernone::report::{FailureReport, terminal};
use nevernone::{Scenario, StuckTask, any_moment, choose, daemon, fault_at, millis, spawn};
use tokio::sync::{Mutex, Notify};
use tokio::time::sleep;

use crate::search;

#[track_caller]
fn stuck(scenario: &Scenario) -> FailureReport {
    let failure = search(scenario).failure.expect("found");
    assert_eq!(failure.property, "stuck");
    // A replay tells the same.
    let token: Token = failure.token.parse().expect("its own token");
    assert_eq!(replay(scenario, &token).expect("it fits").stuck, failure.stuck);
    failure
}

#[track_caller]
fn task<'a>(failure: &'a FailureReport, name: &str) -> &'a StuckTask {
    failure.stuck.iter().find(|task| task.name == name).unwrap_or_else(|| panic!("{name} is not in {failure:#?}"))
}

/// Whether it waits at that one line of this file.
#[track_caller]
fn waits_at(task: &StuckTask, line: u32) {
    let [place] = &task.at[..] else { panic!("not at one place: {task:?}") };
    assert!(place.ends_with(&format!("tests/engine/stuck.rs:{line}")), "{place}, not {line}");
}

const SECOND_LOCK: u32 = line!() + 5;

/// Takes one lock, then the other.
async fn take_both(first: Arc<Mutex<()>>, second: Arc<Mutex<()>>) {
    let _first = first.lock().await;
    let _second = second.lock().await;
}

#[test]
fn two_locks_in_two_orders_are_told_by_their_lines() {
    let scenario = Scenario::new("AB-BA", || async {
        let (a, b) = (Arc::new(Mutex::new(())), Arc::new(Mutex::new(())));
        sleep(millis(7)).await;
        drop(spawn("ab", take_both(a.clone(), b.clone())));
        drop(spawn("ba", take_both(b, a)));
    });
    let failure = stuck(&scenario);
    for name in ["ab", "ba"] {
        let task = task(&failure, name);
        assert_eq!((task.since_ms, &task.waits_for[..]), (7, &[][..]));
        waits_at(task, SECOND_LOCK);
    }
    let story = terminal::stuck(&failure.stuck);
    assert!(
        story.starts_with("  `ab` has waited since 7 ms at ") && story.ends_with(&format!(":{SECOND_LOCK}\n")),
        "{story}"
    );
    assert!(serde_json::to_string(&failure).expect("JSON").contains("\"since_ms\":7"));
}

#[test]
fn what_a_task_waits_for_is_told_where_it_is_the_frameworks_own() {
    let line = line!() + 4;
    let scenario = Scenario::new("joins", || async {
        let notify = Notify::new();
        let waits = spawn("waits", async move {
            notify.notified().await;
        });
        waits.await;
    });
    let failure = stuck(&scenario);
    waits_at(task(&failure, "waits"), line);
    let body = task(&failure, "scenario");
    waits_at(body, line + 2);
    assert_eq!(body.waits_for, ["the task `waits`"]);
}

#[test]
fn the_last_suspension_counts_and_its_time() {
    let line = line!() + 6;
    let scenario = Scenario::new("twice", || async {
        let notify = Notify::new();
        drop(spawn("twice", async move {
            any_moment("it begins").await;
            sleep(millis(250)).await;
            notify.notified().await;
        }));
    });
    let task = task(&stuck(&scenario), "twice").clone();
    waits_at(&task, line);
    assert_eq!((task.since_ms, task.waits_for.len()), (250, 0));
}

#[test]
fn one_task_that_waits_for_two_things_waits_at_two_lines() {
    let line = line!() + 4;
    let scenario = Scenario::new("both", || async {
        let (one, other) = (Notify::new(), Notify::new());
        let waits = async {
            one.notified().await;
        };
        tokio::join!(waits, async {
            other.notified().await;
        });
    });
    let failure = stuck(&scenario);
    let [at_one, at_other] = &task(&failure, "scenario").at[..] else { panic!("not two: {failure:#?}") };
    assert!(at_one.ends_with(&format!(":{line}")) && at_other.ends_with(&format!(":{}", line + 3)), "{failure:#?}");
}

#[test]
fn a_dependency_that_hangs_by_a_fault_is_named() {
    let line = line!() + 3;
    let scenario = Scenario::new("no timeout", || async {
        let _ = fault_at("db.connect").ok(|| 1_u8).err(|| "refused").only(&["hang"]);
        let connected = nevernone_point::point("db.connect", async { Ok::<u8, &str>(1) }).await;
        assert!(connected.is_ok());
    });
    let failure = stuck(&scenario);
    let body = task(&failure, "scenario");
    waits_at(body, line);
    assert_eq!(body.waits_for, ["`db.connect`, which hangs by a fault"]);
}

#[test]
fn what_nobody_can_ever_wake_is_told_as_that() {
    let scenario = Scenario::new("pending", || async {
        drop(daemon("not waited for", std::future::pending::<()>()));
        assert_eq!(choose("a", 2), 0, "the other failure costs no less");
        std::future::pending::<()>().await;
    });
    let failure = stuck(&scenario);
    assert_eq!(failure.stuck.len(), 1, "{failure:#?}");
    assert!(task(&failure, "scenario").to_string().contains("nobody took its waker"));
}
