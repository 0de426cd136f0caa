//! The heal phase: when it begins, what it still lets happen, and what it forgives.

use std::cell::Cell;
use std::rc::Rc;

use nevernone::campaign::{Options, check, replay};
use nevernone::choice::token::Token;
use nevernone::explore::Bounds;
use nevernone::report::ScenarioReport;
use nevernone::{
    Ending, Scenario, Verdict, any_moment, choose, daemon, eventually, fault, millis, on_heal, secs, sometimes, spawn,
    watch,
};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};

use crate::{hits, search};

/// A service that tries again every 100 ms, for as long as attempts meet faults.
#[derive(Clone, Default)]
struct Service {
    up: Rc<Cell<bool>>,
}

impl Service {
    async fn connect(self, retries: bool) {
        while fault("connect", &["refused"]).is_some() {
            if !retries {
                return;
            }
            sleep(millis(100)).await;
        }
        self.up.set(true);
    }

    fn is_up(&self) -> impl Fn() -> bool + 'static {
        watch(&self.up, |up| up.get())
    }
}

/// Where [`beside_a_daemon`] asks for it.
const UP: u32 = line!() + 7;

/// Only the scenario itself, which waits, is in the foreground. Faults in any number.
fn beside_a_daemon(retries: bool) -> Scenario {
    Scenario::new("beside a daemon", move || async move {
        let service = Service::default();
        drop(daemon("connects", service.clone().connect(retries)));
        eventually("up", secs(1), service.is_up()).await;
    })
    .within(Bounds { faults: None, ..Bounds::default() })
}

#[track_caller]
fn verified(report: &ScenarioReport, runs: u64) {
    assert_eq!((report.verdict, report.runs), (Verdict::Verified, runs), "{report:#?}");
}

#[test]
fn a_retry_loop_that_faults_would_defeat_for_ever_comes_true() {
    // One attempt is made before everybody waits; it meets a fault or none.
    verified(&search(&beside_a_daemon(true)), 2);
    // At 0, 100, 200 and 300 ms an attempt may meet one; the next is made in peace.
    verified(&search(&beside_a_daemon(true).chaos_for(millis(350))), 5);
    verified(&search(&beside_a_daemon(true).chaos_for(millis(300))), 5);
    // The run heals before the attempt at 300 ms.
    verified(&search(&beside_a_daemon(true).chaos_for(millis(299))), 4);
}

#[test]
fn what_never_comes_true_fails_by_name_at_its_own_line_however_long_the_chaos() {
    for scenario in [beside_a_daemon(false), beside_a_daemon(false).chaos_for(secs(10))] {
        let failure = search(&scenario).failure.expect("found");
        assert_eq!((failure.property.as_str(), failure.line, failure.cost), ("up", Some(UP), 1));
        assert!(failure.message.contains("within 1s"), "{}", failure.message);
        // The run's tape ends where chaos does, and its token still replays the whole of it.
        let token: Token = failure.token.parse().expect("its own token");
        let replayed = replay(&scenario, &token).expect("it fits");
        assert!(matches!(&replayed.ending, Ending::Failed(again) if again.message == failure.message));
        assert!(!replayed.drifted);
    }
}

#[test]
fn the_time_counts_from_the_beginning_of_the_heal_phase() {
    let within = |allowed: u64| {
        let body = move || async move {
            let up = Rc::new(Cell::new(false));
            let sets = up.clone();
            on_heal(move || {
                drop(daemon("repair", async move {
                    sleep(millis(200)).await;
                    sets.set(true);
                }));
            });
            let start = Instant::now();
            eventually("up", millis(allowed), watch(&up, |up| up.get())).await;
            assert_eq!(start.elapsed(), millis(1_200));
        };
        search(&Scenario::new("repaired in 200 ms", body).chaos_for(secs(1)))
    };
    verified(&within(201), 1);
    assert_eq!(within(199).failure.map(|failure| failure.property), Some("up".to_owned()));
}

#[test]
fn a_hook_brings_back_what_faults_have_killed() {
    let scenario = |heals: bool| {
        Scenario::new("a watchman", move || async move {
            let service = Service::default();
            drop(daemon("connects", service.clone().connect(false)));
            if heals {
                let again = service.clone();
                on_heal(move || drop(daemon("connects again", again.connect(false))));
            }
            eventually("up", secs(1), service.is_up()).await;
            let late = Rc::new(Cell::new(false));
            on_heal(watch(&late, |late| late.set(true)));
            sometimes("healed", late.get());
            sometimes("no need to", !late.get());
        })
    };
    let report = search(&scenario(true));
    verified(&report, 2);
    assert_eq!((hits(&report, "healed"), hits(&report, "no need to")), (1, 1));
    assert_eq!(search(&scenario(false)).failure.map(|failure| failure.property), Some("up".to_owned()));
}

#[test]
fn a_hook_that_panics_fails_the_run() {
    let report = search(&Scenario::new("broken hook", || async {
        on_heal(|| panic!("nothing to start"));
        eventually("never", secs(1), || false).await;
    }));
    let failure = report.failure.expect("found");
    assert_eq!(failure.property, "panic");
    assert!(failure.message.contains("on_heal") && failure.message.contains("nothing to start"), "{}", failure.message);
}

#[test]
fn nothing_is_drawn_while_the_run_heals() {
    let scenario = Scenario::new("quiet", || async {
        let healed = Rc::new(Cell::new(false));
        on_heal(watch(&healed, |healed| healed.set(true)));
        eventually("healed", secs(1), watch(&healed, |healed| healed.get())).await;
        // A tree of thousands of runs, were any of it chosen.
        let tasks = ["a", "b", "c"].map(|name| {
            spawn(name, async {
                yield_now().await;
                (choose("value", 3), fault("place", &["err"]))
            })
        });
        for task in tasks {
            assert_eq!(task.await, (0, None));
        }
    });
    // The fault was declared, and cannot fire.
    let report = search(&scenario.faults(0));
    verified(&report, 1);
}

#[test]
fn what_the_outside_world_still_owes_happens_before_time_passes() {
    let scenario = Scenario::new("a late request", || async {
        let arrived = Rc::new(Cell::new(false));
        let sets = arrived.clone();
        drop(daemon("request", async move {
            any_moment("a request arrives").await;
            sets.set(true);
        }));
        let start = Instant::now();
        eventually("arrived", millis(5), watch(&arrived, |arrived| arrived.get())).await;
        assert_eq!(start.elapsed(), millis(0));
    });
    assert_eq!(search(&scenario).verdict, Verdict::Verified);
}

#[test]
fn whoever_waits_for_a_task_that_waits_cannot_act_either() {
    let joins = |role: &'static str| {
        Scenario::new("joined", move || async move {
            let service = Service::default();
            drop(daemon("connects", service.clone().connect(true)));
            let waits = eventually("up", secs(1), service.is_up());
            let checked = if role == "foreground" { spawn("check", waits) } else { daemon("check", waits) };
            checked.await;
        })
        .preemptions(0)
    };
    assert_eq!(search(&joins("foreground")).verdict, Verdict::Verified);
    // A daemon ends when it likes, and whoever waits for it may act then: the attempts go on until the time is up.
    let through_chaos = check(&joins("daemon"), &Options::default());
    assert_eq!(through_chaos.verdict, Verdict::Verified);
    assert!(through_chaos.runs > search(&joins("foreground")).runs, "{through_chaos:#?}");
}

#[test]
fn a_task_that_hangs_for_ever_does_not_keep_the_run_from_healing() {
    let line = line!() + 3;
    let scenario = Scenario::new("a hanging task", || async {
        drop(spawn("hangs", std::future::pending::<()>()));
        eventually("never", secs(1), || false).await;
    });
    let failure = search(&scenario).failure.expect("found");
    assert_eq!((failure.property.as_str(), failure.line), ("never", Some(line)));
    // A second in chaos, for the faults to do their worst, a second in peace, and the tick after which it is over.
    let last = failure.timeline.last().expect("a timeline");
    assert_eq!(last.at, secs(2) + millis(1));
}

#[test]
fn a_spawned_startup_meets_faults_until_it_heals() {
    let scenario = |faults: u32| {
        Scenario::new("spawned", || async {
            let ready = Rc::new(tokio::sync::OnceCell::new());
            let (tell, told) = tokio::sync::oneshot::channel();
            drop(tokio::spawn(async move {
                let mut attempt = 1;
                while fault("connect", &["err"]).is_some() {
                    attempt += 1;
                    sleep(millis(100)).await;
                }
                let _ = tell.send(attempt);
            }));
            drop(daemon("hears", {
                let ready = Rc::clone(&ready);
                async move { drop(ready.set(told.await)) }
            }));
            eventually("ready", millis(1_000), {
                let ready = Rc::clone(&ready);
                move || ready.initialized()
            })
            .await;
            let attempts = ready.get().cloned().expect("ready").expect("told");
            sometimes("at once", attempts == 1);
            sometimes("at the fourth attempt", attempts == 4);
        })
        .preemptions(0)
        .faults(faults)
    };
    let report = search(&scenario(3));
    // It fails before each of four attempts, or not; whoever else is ready comes before or after. More faults than fit into
    // the second of chaos cannot keep it from being ready.
    assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
    assert_eq!(search(&scenario(50)).verdict, Verdict::Verified);
}

#[test]
fn what_comes_true_at_the_very_end_of_the_time_came_in_time() {
    let takes = |time: u64| {
        Scenario::new("a tie", move || async move {
            let ready = Rc::new(Cell::new(false));
            let sets = Rc::clone(&ready);
            drop(daemon("sets", async move {
                sleep(millis(time)).await;
                sets.set(true);
            }));
            eventually("ready", millis(20), move || ready.get()).await;
        })
        .chaos_for(millis(0))
    };
    assert_eq!(search(&takes(20)).verdict, Verdict::Verified);
    assert_eq!(search(&takes(22)).verdict, Verdict::Failed);
}
