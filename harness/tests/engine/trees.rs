//! Trees whose size is known.

use std::pin::Pin;
use std::sync::Arc;

use nevernone::report::{ScenarioReport, terminal};
use nevernone::{Scenario, Verdict, choose, spawn};
use tokio::sync::Mutex;
use tokio::task::coop::cooperative;
use tokio::task::yield_now;

use crate::known::{self, Known};
use crate::search;

#[track_caller]
fn has_its_size((scenario, runs): Known) -> ScenarioReport {
    let report = search(&scenario);
    assert_eq!((report.verdict, report.runs), (Verdict::Verified, runs), "{}", scenario.name());
    report
}

#[test]
fn every_known_tree_has_its_size() {
    for known in known::trees() {
        has_its_size(known);
    }
}

#[test]
fn two_tasks_of_three_polls_have_20_orders() {
    assert_eq!(has_its_size(known::yields(2, 2)).runs, 20);
}

#[test]
fn two_tasks_of_four_semaphore_operations_have_252_orders() {
    assert_eq!(has_its_size(known::semaphore()).runs, 252);
}

#[test]
fn three_tasks_of_four_yields_have_756_756_orders() {
    // 15! / (5!)^3. Where tokio defers a yield to its own scheduler, 7,776 of them are left.
    assert_eq!(has_its_size(known::yields(3, 4)).runs, 756_756);
}

#[test]
fn tasks_and_polls_have_as_many_orders_as_the_multinomial_says() {
    for (tasks, yields) in
        [(1, 0), (1, 5), (2, 0), (2, 1), (2, 3), (2, 5), (3, 0), (3, 1), (4, 0), (4, 1), (5, 0), (6, 0)]
    {
        has_its_size(known::yields(tasks, yields));
    }
}

#[test]
fn faults_have_as_many_plans_as_the_formula_says() {
    for places in 0..=4 {
        for kinds in 1..=3 {
            for bound in 0..=4 {
                has_its_size(known::faults(places, kinds, bound));
            }
        }
    }
}

#[test]
fn two_mutexes_in_two_orders_deadlock_and_the_story_names_both_tasks_where_they_were_cut() {
    let scenario = Scenario::new("ab-ba", || async {
        let (a, b) = (Arc::new(Mutex::new(())), Arc::new(Mutex::new(())));
        for (name, first, second) in [("takes a then b", a.clone(), b.clone()), ("takes b then a", b, a)] {
            drop(spawn(name, async move {
                let _first = first.lock().await;
                let _second = second.lock().await;
            }));
        }
    });
    let report = search(&scenario.within(known::whole()));
    assert_eq!(report.verdict, Verdict::Failed);
    let story = terminal::story(&report, "the replay line");
    let failure = report.failure.unwrap();
    assert_eq!(failure.property, "stuck");
    // One lock is held by a task that was cut; the other may find it taken on its own, without a cut.
    assert_eq!(failure.cost, 1);
    for told in
        ["takes a then b, takes b then a", "a lock taken in two orders", "is cut after 0 operations", "the replay line"]
    {
        assert!(story.contains(told), "`{told}` is not in:\n{story}");
    }
}

#[test]
fn a_poll_that_holds_units_one_inside_the_other_stays_whole_when_it_is_executed_again() {
    // Each wrapper holds a unit while what it wraps is pending, and gives it back: no operation of the poll's own.
    let runs = |nested: u32| {
        let waiting = move || async move {
            let (sender, mut receiver) = tokio::sync::mpsc::channel::<()>(1);
            drop(spawn("waits", async move {
                let mut waits: Pin<Box<dyn Future<Output = Option<()>>>> =
                    Box::pin(async move { receiver.recv().await });
                for _ in 0..nested {
                    waits = Box::pin(cooperative(waits));
                }
                waits.await;
            }));
            yield_now().await;
            drop(sender);
            // The poll above is known by the time that the second answer is given.
            let _ = choose("later", 3);
        };
        let report = search(&Scenario::new("nested", waiting).preemptions(0));
        assert_eq!((report.verdict, report.uncontrolled), (Verdict::Verified, Vec::new()), "{nested} deep");
        report.runs
    };
    assert_eq!([runs(0), runs(7)], [3, 3]);
}
