//! A search with a process for each run finds what the same search in one process does, whatever its tree has in it.

use std::rc::Rc;

use nevernone::campaign::{ExplorerChoice, Options, check, estimate};
use nevernone::report::ScenarioReport;
use nevernone::{
    Scenario, always, any_moment, cancellable, choose, daemon, eventually, fault, millis, restartable, sometimes, spawn,
};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::yield_now;
use tokio::time::sleep;

use crate::fresh;

/// Everything that a report tells but real time and the isolation itself.
fn told(mut report: ScenarioReport) -> (serde_json::Value, String) {
    (report.seconds, report.runs_per_second, report.isolation) = (0.0, 0.0, None);
    let timeline = report.failure.as_ref().map(|failure| format!("{:?}", failure.timeline)).unwrap_or_default();
    (serde_json::to_value(report).expect("a report"), timeline)
}

/// Each scenario isolated, then all of them as they are: the other way round would be refused.
#[track_caller]
fn same_both_ways(scenarios: &[Scenario], options: &Options) {
    let search = |scenario: &Scenario| told(check(scenario, options));
    let isolated: Vec<_> = scenarios.iter().map(|scenario| search(&scenario.clone().isolated())).collect();
    for (scenario, isolated) in scenarios.iter().zip(isolated) {
        assert_eq!(search(scenario), isolated, "{}", scenario.name());
    }
}

fn trees() -> Vec<Scenario> {
    let orders = Scenario::new("two tasks of three polls", || async {
        for name in ["left", "right"] {
            drop(spawn(name, async {
                yield_now().await;
                yield_now().await;
            }));
        }
    });
    let cuts = Scenario::new("semaphore", || async {
        let semaphore = Rc::new(Semaphore::new(8));
        for name in ["left", "right"] {
            let semaphore = Rc::clone(&semaphore);
            drop(spawn(name, async move {
                for _ in 0..3 {
                    semaphore.acquire().await.expect("never closed").forget();
                }
            }));
        }
    });
    let lane = Scenario::new("a lane, a timer and an event", || async {
        drop(tokio::spawn(sleep(millis(100))));
        drop(spawn("timer", sleep(millis(5))));
        any_moment("event").await;
        sometimes("the event came first", true);
    });
    let faults = Scenario::new("faults and a cancellation", || async {
        for part in ["database", "cache"] {
            let _ = cancellable(part, async move { fault(part, &["refused", "late"]).is_some() }).await;
        }
        sometimes("anything", choose("value", 3) == 2);
    });
    let vacuous = Scenario::new("never", || async { sometimes("never", choose("a", 2) == 2) });
    let endless = Scenario::new("cut short", || async {
        loop {
            yield_now().await;
        }
    });
    let beyond =
        Scenario::new("beyond the horizon", || async { sleep(millis(u64::from(choose("time", 2)) * 2_000)).await });
    vec![orders, cuts, lane, faults.cancellations(1), vacuous, endless.steps(50), beyond.horizon(millis(1_000))]
}

async fn pings() {
    loop {
        sleep(millis(1_000)).await;
    }
}

/// What runs beside loops that never rest, and tasks of the framework's own tokio.
fn background() -> Vec<Scenario> {
    let put_off = Scenario::new("put off", || async {
        drop(daemon("pings", pings()));
        any_moment("it happens").await;
    });
    let hangs = Scenario::new("only the background runs", || async {
        drop(daemon("pings", pings()));
        std::future::pending::<()>().await;
    });
    let spawned = Scenario::new("spawned", || async {
        let accepts = nevernone::tokio::spawn(async {
            yield_now().await;
            choose("value", 2)
        });
        yield_now().await;
        sometimes("one", accepts.await.is_ok_and(|value| value == 1));
    });
    vec![put_off.rest(3), hangs.steps(2_500), spawned]
}

fn failures() -> Vec<Scenario> {
    let panics = Scenario::new("panics", || async {
        let chosen = choose("a", 5);
        assert!(chosen < 3 || fault("connect", &["err"]).is_none(), "chose {chosen}");
    });
    let stuck = Scenario::new("stuck", || async {
        let (tell, told) = oneshot::channel::<()>();
        if fault("send", &["lost"]).is_some() {
            std::mem::forget(tell);
        }
        let _ = spawn("waits", told).await;
    });
    let property = Scenario::new("property", || async {
        let part = choose("part", 3);
        always("ready means wired", move || part != 1);
    });
    let crashes = Scenario::new("crashes", || async {
        let starts = Rc::new(std::cell::Cell::new(0));
        let counted = Rc::clone(&starts);
        drop(restartable("service", move || {
            let starts = Rc::clone(&counted);
            async move {
                starts.set(starts.get() + 1);
                yield_now().await;
            }
        }));
        eventually("started once", nevernone::secs(1), move || starts.get() == 1).await;
    });
    vec![panics, stuck, property, crashes.crashes(1)]
}

#[test]
fn trees_of_all_kinds_are_searched_alike() {
    fresh(|| same_both_ways(&trees(), &Options::default()));
}

#[test]
fn what_is_told_of_the_background_comes_back() {
    fresh(|| {
        let [put_off, hangs, _] = background().try_into().expect("three");
        let told = check(&put_off.isolated(), &Options::default());
        assert!(told.notes.iter().any(|note| note.contains("put off")), "{told:#?}");
        let told = check(&hangs.isolated(), &Options::default());
        assert!(told.cut_short[0].contains("nothing ran but daemons"), "{told:#?}");
        same_both_ways(&background(), &Options::default());
    });
}

#[test]
fn failures_are_found_reduced_and_explained_alike() {
    fresh(|| same_both_ways(&failures(), &Options::default()));
}

#[test]
fn random_runs_are_the_same() {
    fresh(|| {
        let explorer = ExplorerChoice::Random { seed: 7, runs: 60 };
        same_both_ways(&[trees(), failures()].concat(), &Options { explorer, ..Options::default() });
    });
}

#[test]
fn estimates_are_the_same() {
    fresh(|| {
        let size = |scenario: &Scenario| estimate(scenario, scenario.bounds(), 100);
        let isolated: Vec<_> = trees().into_iter().take(4).map(|scenario| size(&scenario.isolated())).collect();
        let shared: Vec<_> = trees().iter().take(4).map(size).collect();
        assert_eq!(isolated, shared);
    });
}
