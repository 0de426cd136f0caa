//! Stalls: the clock moves to the next timer although a task is ready.

use nevernone::{Scenario, Verdict, millis, sometimes, spawn};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};

use crate::{hits, search};

#[test]
fn one_task_that_is_ready_and_two_timers_of_another_have_1_3_or_5_runs() {
    const TIMES: [&str; 3] = ["goes on at once", "goes on after 5 ms", "goes on after 10 ms"];
    let scenario = Scenario::new("two timers", || async {
        let start = Instant::now();
        drop(spawn("sleeps twice", async {
            sleep(millis(5)).await;
            sleep(millis(5)).await;
        }));
        yield_now().await;
        let late = start.elapsed();
        TIMES.into_iter().zip([0, 5, 10]).for_each(|(name, time)| sometimes(name, late == millis(time)));
    });
    // Where the first timer is set and the scenario is ready the clock may move: 2 orders. Where the sleeper went first
    // it has set its second timer, and the clock may move again: 2 orders more. Nowhere else is there a timer to move
    // to: a stall that finds none is no run.
    for (bound, hit) in [(0, [1, 0, 0]), (1, [1, 2, 0]), (2, [1, 2, 2])] {
        let report = search(&scenario.clone().preemptions(0).stalls(bound));
        assert_eq!(report.runs, hit.iter().sum::<u64>(), "stalls≤{bound}");
        assert_eq!(TIMES.map(|goal| hits(&report, goal)), hit, "stalls≤{bound}");
    }
}

#[test]
fn timers_of_two_tasks_beside_one_that_is_ready_have_1_or_11_runs() {
    let scenario = Scenario::new("timers of two", || async {
        drop(spawn("left", sleep(millis(5))));
        yield_now().await;
        drop(spawn("right", sleep(millis(7))));
        yield_now().await;
    });
    // Without a stall nobody has a choice: scenario, left, scenario, right, scenario, 5 ms, left, 7 ms, right.
    // With one, by where it falls. Before the scenario's second poll, left being woken: left first, and then nobody has
    // a choice; or the scenario first, and left and right come before its third poll in two orders: 3. After that
    // poll: left before right, or right and then left and the scenario in two orders: 3. Before the third poll: 2
    // orders with left. When left is woken by 5 ms, on to 7 ms: 2 orders with right.
    for (bound, runs) in [(0, 1), (1, 1 + 3 + 3 + 2 + 2)] {
        let report = search(&scenario.clone().preemptions(0).stalls(bound));
        assert_eq!((report.verdict, report.runs), (Verdict::Verified, runs), "stalls≤{bound}");
    }
}

#[test]
fn a_deadline_is_met_by_work_that_is_ready_only_if_nothing_stalls() {
    let scenario = Scenario::new("deadline", || async {
        let in_time = tokio::time::timeout(millis(50), async {
            yield_now().await;
            yield_now().await;
        });
        sometimes("too late", in_time.await.is_err());
    });
    assert_eq!(search(&scenario).verdict, Verdict::Vacuous);
    // `timeout` looks at its future first: the deadline has to pass before a poll that does not end it.
    let report = search(&scenario.stalls(1));
    assert_eq!((report.verdict, hits(&report, "too late")), (Verdict::Verified, 1), "{report:#?}");
}
