//! A hit is a draw like any other: the trees are those of `fault` at the same places, and some were counted by hand.

use std::future::Future;
use std::pin::Pin;

use nevernone::campaign::{ExplorerChoice, Options, check};
use nevernone::report::ScenarioReport;
use nevernone::{
    Scenario, Verdict, any_moment, choose, event, fail_point, fault, inject_panic, millis, sometimes, spawn,
};
use tokio::sync::Mutex;
use tokio::time::sleep;

use crate::{connect, verified};

const REFUSES: &[&str] = &["refused", "gone"];
const PANICS: &[&str] = &["refused", "gone", "panic"];

/// Which kind of place the code has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Draws by [`fault`].
    Fault,
    /// Has a fail point.
    FailPoint,
}

impl Place {
    fn meets(self, place: &'static str, kinds: &'static [&'static str]) -> Result<(), String> {
        if self == Place::FailPoint {
            return connect(place);
        }
        match fault(place, kinds).map(|fault| fault.kind) {
            None => Ok(()),
            Some("panic") => inject_panic(),
            Some(kind) => Err(kind.to_owned()),
        }
    }

    fn drive(self, places: &[&'static str], kinds: &'static [&'static str]) {
        for place in places.iter().filter(|_| self == Place::FailPoint) {
            let point = fail_point(place).returns(REFUSES);
            if kinds.contains(&"panic") {
                point.panics();
            }
        }
    }
}

type Body = fn(Place) -> Pin<Box<dyn Future<Output = ()>>>;

/// Searches both, which must come to the same; tells how many runs there are.
#[track_caller]
fn same_tree(faults: u32, body: Body) -> u64 {
    let scenario = |place: Place| Scenario::new("the same", move || body(place)).faults(faults).preemptions(1);
    let (drawn, driven) = (verified(&scenario(Place::Fault)), verified(&scenario(Place::FailPoint)));
    same(&drawn, &driven);
    // An explorer that hears of each poll what could have been cut in it, and begins again there. It hears of hits behind a
    // `return` a little later than of others, so its dice fall otherwise.
    let explorer = ExplorerChoice::Random { seed: 7, runs: 300 };
    let sampled = check(&scenario(Place::FailPoint), &Options { explorer, ..Options::default() });
    assert_eq!(sampled.uncontrolled, Vec::<String>::new());
    driven.runs
}

#[track_caller]
fn same(drawn: &ScenarioReport, driven: &ScenarioReport) {
    let faults = |report: &ScenarioReport| {
        let mut faults = report.faults.clone();
        faults.sort_by_key(|fault| fault.name);
        faults
    };
    assert_eq!((drawn.verdict, drawn.runs, drawn.steps), (driven.verdict, driven.runs, driven.steps), "{driven:#?}");
    assert_eq!(drawn.sometimes, driven.sometimes);
    assert_eq!(faults(drawn), faults(driven));
}

#[test]
fn attempts_with_waits_between_them() {
    let runs = same_tree(2, |place| {
        Box::pin(async move {
            place.drive(&["db"], REFUSES);
            let mut reasons = Vec::new();
            for attempt in 1..=3 {
                let Err(reason) = place.meets("db", REFUSES) else { break };
                reasons.push(reason);
                sleep(millis(attempt * 100)).await;
            }
            sometimes("two different", reasons == ["refused", "gone"]);
        })
    });
    // No fault, one of two and then none, two of two; the third attempt has no fault left.
    assert_eq!(runs, 1 + 2 + 4);
}

#[test]
fn attempts_within_one_step() {
    let runs = same_tree(3, |place| {
        Box::pin(async move {
            place.drive(&["db"], REFUSES);
            let connected = (0..3).find(|_| place.meets("db", REFUSES).is_ok());
            sometimes("at the third", connected == Some(2));
            sometimes("never", connected.is_none());
        })
    });
    assert_eq!(runs, 1 + 2 + 4 + 8);
}

#[test]
fn more_hits_within_one_step_than_are_counted_behind_a_return() {
    let runs = same_tree(2, |place| {
        Box::pin(async move {
            place.drive(&["db"], REFUSES);
            let failed: Vec<usize> = (0..20).filter(|_| place.meets("db", REFUSES).is_err()).collect();
            sometimes("the first and the last", failed == [0, 19]);
            sometimes("the last two", failed == [18, 19]);
        })
    });
    assert_eq!(runs, 1 + 20 * 2 + 190 * 4);
}

#[test]
fn panics_wherever_they_come() {
    let runs = same_tree(2, |place| {
        Box::pin(async move {
            place.drive(&["db"], PANICS);
            drop(spawn("connects", async move {
                for _ in 0..3 {
                    if place.meets("db", PANICS).is_ok() {
                        return sometimes("connected", true);
                    }
                }
                sometimes("gave up", true);
            }));
        })
    });
    // Goes on; panics; returns, and then the same, of which the second return has the third go on.
    assert_eq!(runs, 2 + 2 * (2 + 2));
}

#[test]
fn other_draws_between_the_hits_of_one_step() {
    same_tree(4, |place| {
        Box::pin(async move {
            place.drive(&["db", "cache"], PANICS);
            let first = place.meets("db", PANICS).is_err();
            event("asked the database");
            let way = choose("which way", 3);
            let second = way > 0 && place.meets("cache", PANICS).is_err();
            let third = place.meets("db", PANICS).is_err();
            let fourth = way == 2 && place.meets("db", PANICS).is_err();
            sometimes("all", first && second && third && fourth);
            sometimes("the last", !first && !second && !third && fourth);
        })
    });
}

#[test]
fn two_points_that_fail_one_after_the_other_within_one_step() {
    let runs = same_tree(3, |place| {
        Box::pin(async move {
            place.drive(&["db", "cache", "queue"], REFUSES);
            let failed = ["db", "cache", "queue", "cache"].map(|at| place.meets(at, REFUSES).is_err());
            sometimes("these", failed == [true, true, false, true]);
            sometimes("and these", failed == [false, true, true, false]);
        })
    });
    // At most three of four hits fail, each in one of two ways.
    assert_eq!(runs, 1 + 4 * 2 + 6 * 4 + 4 * 8);
}

#[test]
fn an_order_of_hits_that_cannot_be_told_is_no_verdict() {
    let scenario = Scenario::new("in turn", || async {
        Place::FailPoint.drive(&["db", "cache"], REFUSES);
        for at in ["db", "cache", "db", "cache"] {
            let _ = Place::FailPoint.meets(at, REFUSES);
        }
    });
    let report = check(&scenario.faults(2), &Options::default());
    assert_eq!(report.verdict, Verdict::Incomplete, "{report:#?}");
    assert!(report.uncontrolled[0].contains("`db` and `cache` were hit within one step"), "{:?}", report.uncontrolled);
}

#[test]
fn tasks_cuts_spawned_tasks_and_moments() {
    same_tree(1, |place| {
        Box::pin(async move {
            place.drive(&["db", "cache"], REFUSES);
            let lock = std::sync::Arc::new(Mutex::new(0));
            let held = lock.clone();
            let one = spawn("one", async move {
                *held.lock().await += i32::from(place.meets("db", REFUSES).is_err());
                tokio::task::yield_now().await;
                *held.lock().await += i32::from(place.meets("db", REFUSES).is_err());
            });
            drop(tokio::spawn(async move { sometimes("spawned", place.meets("cache", REFUSES).is_err()) }));
            any_moment("a request").await;
            sometimes("early", *lock.lock().await == 0);
            sometimes("late", place.meets("cache", REFUSES).is_err());
            one.await;
        })
    });
}

#[test]
fn hits_of_destructors() {
    struct Closes(Place);
    impl Drop for Closes {
        fn drop(&mut self) {
            let failed = [(); 2].map(|()| self.0.meets("close", REFUSES).is_err());
            sometimes("twice", failed == [true; 2]);
        }
    }
    same_tree(2, |place| {
        Box::pin(async move {
            place.drive(&["close"], REFUSES);
            let closes = Closes(place);
            drop(nevernone::daemon("holds", async move {
                std::future::pending::<()>().await;
                drop(closes);
            }));
            tokio::task::yield_now().await;
        })
    });
}
