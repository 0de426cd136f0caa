//! Searches that did not get to their end, and say why.

use std::time::{Duration, Instant};

use nevernone::campaign::{Options, check};
use nevernone::report::ScenarioReport;
use nevernone::{Scenario, Verdict, choose, daemon, fault, millis, secs, spawn};
use tokio::task::yield_now;
use tokio::time::sleep;

use crate::search;

fn three_tasks() -> Scenario {
    Scenario::new("three tasks", || async {
        for task in ["a", "b", "c"] {
            drop(spawn(task, async {
                yield_now().await;
                yield_now().await;
            }));
        }
    })
}

#[track_caller]
fn is_incomplete(report: &ScenarioReport, because: &str) {
    assert_eq!((report.verdict, report.ok, report.exit_code()), (Verdict::Incomplete, false, 3));
    let reasons = format!("{:?} {:?}", report.cut_short, report.uncontrolled);
    assert!(reasons.contains(because), "{reasons}");
    assert!(report.advice.is_some());
}

#[test]
fn a_bound_on_executions_is_told() {
    let report = check(&three_tasks(), &Options { max_executions: Some(50), ..Options::default() });
    is_incomplete(&report, "stopped after 50 executions");
    assert_eq!(report.executions, 50);
    assert!(report.estimate.is_some_and(|runs| runs > 50.0), "{:?}", report.estimate);
}

#[test]
fn a_search_without_any_time_is_told() {
    let report = check(&three_tasks(), &Options { max_time: Some(Duration::ZERO), ..Options::default() });
    is_incomplete(&report, "stopped after 0ns");
    assert_eq!((report.runs, report.complete_to_cost), (0, None));
}

#[test]
fn the_clock_is_looked_at_before_each_long_execution() {
    let time = millis(20);
    let long = Scenario::new("long executions", move || async move {
        let started = Instant::now();
        while started.elapsed() < time {}
        let _ = choose("a", 1_000);
    });
    let report = check(&long, &Options { max_time: Some(time), ..Options::default() });
    // One alone takes all the time that there is; it is executed twice, as every 61st run is.
    is_incomplete(&report, "stopped after 20ms");
    assert_eq!((report.runs, report.executions), (1, 2));
}

#[test]
fn an_advice_names_smaller_bounds_of_what_was_offered_and_how_many_shards_finish() {
    let faulty = Scenario::new("faulty", || async {
        let _ = (choose("a", 10), choose("b", 10));
        let _ = ["first", "second", "third"].map(|place| fault(place, &["err", "late"]));
    })
    .faults(3);
    let report = check(&faulty, &Options { max_executions: Some(4_000), ..Options::default() });
    is_incomplete(&report, "stopped after 4000 executions");
    // Probes of 100, 700 and 1,900 runs left time for half of the 2,700.
    let advice = report.advice.unwrap();
    assert!(advice.starts_with("--faults 2 would leave about 1") && !advice.contains("preemptions"), "{advice}");
    assert!(advice.ends_with("; about 3 shards would finish all of it in this time"), "{advice}");
    // The probes took all that there was, so nothing is known about the tree.
    let report = check(&three_tasks(), &Options { max_executions: Some(5), ..Options::default() });
    assert!(!report.advice.unwrap().contains("shards"));
}

#[test]
fn it_is_complete_up_to_a_cost_that_is_told() {
    let report = check(&three_tasks(), &Options { max_executions: Some(150), ..Options::default() });
    is_incomplete(&report, "executions");
    assert_eq!(report.complete_to_cost, Some(1), "{report:?}");
}

#[test]
fn a_run_of_too_many_steps_is_told() {
    let report = search(&three_tasks().steps(9));
    is_incomplete(&report, "a run was stopped after 9 steps");
    // A run that was stopped is no complete one, whatever it cost.
    assert_eq!(search(&three_tasks().steps(9).cost(2)).complete_to_cost, None);
    // The body and nine polls.
    assert_eq!(search(&three_tasks().steps(10)).verdict, Verdict::Verified);
}

#[test]
fn a_run_beyond_its_horizon_is_told() {
    let takes = |time: u64| {
        Scenario::new("two waits", move || async move {
            drop(daemon("pings", async {
                loop {
                    sleep(millis(1_000)).await;
                }
            }));
            sleep(millis(time)).await;
        })
        .preemptions(0)
        .horizon(secs(3))
    };
    assert_eq!(search(&takes(3_000)).verdict, Verdict::Verified);
    is_incomplete(&search(&takes(3_001)), "at its horizon of 3s");
}

#[test]
fn a_failure_before_the_horizon_is_a_failure() {
    let report = search(
        &Scenario::new("fails first", || async {
            sleep(secs(2)).await;
            assert_eq!(choose("a", 2), 0, "one was drawn");
            sleep(secs(2)).await;
        })
        .horizon(secs(3)),
    );
    assert_eq!(report.verdict, Verdict::Failed);
    // Nothing will ever happen: a horizon does not make that better.
    let stuck = search(&Scenario::new("stuck", std::future::pending::<()>).horizon(secs(3)));
    assert_eq!(stuck.failure.map(|failure| failure.property), Some("stuck".to_owned()));
}

#[test]
fn blocking_work_is_named() {
    let report = search(&Scenario::new("spawn_blocking", || async {
        drop(tokio::task::spawn_blocking(|| ()));
    }));
    is_incomplete(&report, "spawn_blocking");
}

#[test]
fn a_foreign_thread_is_named() {
    let report = search(&Scenario::new("thread", || async {
        let (tell, told) = tokio::sync::oneshot::channel();
        let waits = spawn("waits", told);
        yield_now().await;
        // Joined at once, so that the thread wakes the task before anything else can happen.
        std::thread::spawn(move || tell.send(())).join().expect("it does not panic").expect("somebody waits");
        let _ = waits.await;
    }));
    is_incomplete(&report, "thread");
}
