//! Each kind of property once green and once red, and red at its own line.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use nevernone::report::FailureReport;
use nevernone::{Scenario, Verdict, always, daemon, eventually, invariant, millis, never, secs, spawn, watch};
use tokio::sync::Mutex;
use tokio::task::yield_now;
use tokio::time::sleep;

use crate::search;

/// Two halves that are filled one after the other, with a wait in between.
#[derive(Clone, Default)]
struct Halves {
    left: Rc<Cell<bool>>,
    right: Rc<Cell<bool>>,
}

impl Halves {
    fn half_built(&self) -> bool {
        self.left.get() != self.right.get()
    }

    async fn fill(self, between: impl Future<Output = ()>) {
        self.left.set(true);
        between.await;
        self.right.set(true);
    }
}

#[track_caller]
fn red(scenario: &Scenario, property: &str, line: u32) -> FailureReport {
    let failure = search(scenario).failure.expect("found");
    assert_eq!(
        (failure.property.as_str(), failure.file.as_deref(), failure.line),
        (property, Some(file!()), Some(line))
    );
    failure
}

#[track_caller]
fn green(scenario: &Scenario) {
    let report = search(scenario);
    assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
}

#[test]
fn always_sees_between_two_steps_and_not_within_one() {
    let line = line!() + 4;
    let scenario = |waits: bool| {
        Scenario::new("always", move || async move {
            let halves = Halves::default();
            always("whole", watch(&halves, |halves| !halves.half_built()));
            spawn(
                "fills",
                halves.fill(async move {
                    if waits {
                        yield_now().await;
                    }
                }),
            )
            .await;
        })
    };
    green(&scenario(false));
    red(&scenario(true), "whole", line);
}

#[test]
fn never_is_the_opposite() {
    let line = line!() + 4;
    let scenario = |waits: bool| {
        Scenario::new("never", move || async move {
            let halves = Halves::default();
            never("half built", watch(&halves, Halves::half_built));
            spawn(
                "fills",
                halves.fill(async move {
                    if waits {
                        yield_now().await;
                    }
                }),
            )
            .await;
        })
    };
    green(&scenario(false));
    red(&scenario(true), "half built", line);
}

#[test]
fn an_invariant_is_named_as_one() {
    let line = line!() + 4;
    let scenario = |waits: bool| {
        Scenario::new("invariant", move || async move {
            let halves = Halves::default();
            invariant("whole", watch(&halves, |halves| !halves.half_built()));
            spawn(
                "fills",
                halves.fill(async move {
                    if waits {
                        yield_now().await;
                    }
                }),
            )
            .await;
        })
    };
    green(&scenario(false));
    red(&scenario(true), "invariant: whole", line);
}

#[test]
fn eventually_waits_as_long_as_it_says() {
    let line = line!() + 5;
    let scenario = |takes: u64| {
        Scenario::new("eventually", move || async move {
            let halves = Halves::default();
            daemon("fills", halves.clone().fill(sleep(millis(takes))));
            eventually("full", secs(1), watch(&halves, |halves| halves.right.get())).await;
        })
    };
    green(&scenario(999));
    let failure = red(&scenario(1_001), "full", line);
    assert!(failure.message.contains("1s"), "{}", failure.message);
}

#[test]
fn eventually_of_what_holds_already_needs_no_time() {
    green(&Scenario::new("at once", || async {
        let start = tokio::time::Instant::now();
        eventually("true", secs(1), || true).await;
        assert_eq!(start.elapsed(), millis(0));
    }));
}

#[test]
fn eventually_that_was_dropped_demands_nothing() {
    green(&Scenario::new("dropped", || async {
        let gone = Rc::new(Cell::new(false));
        let looks = watch(&gone, |gone| {
            assert!(!gone.get(), "looked at although nobody waits for it");
            false
        });
        let _ = tokio::time::timeout(millis(5), eventually("never", secs(1), looks)).await;
        gone.set(true);
        sleep(secs(5)).await;
    }));
}

#[test]
fn what_nobody_can_observe_is_not_judged() {
    let line = line!() + 4;
    let scenario = |looks_under_the_lock: bool| {
        Scenario::new("under a lock", move || async move {
            let pair = Arc::new(Mutex::new((0, 0)));
            always("equal", watch(&pair, |pair| pair.try_lock().ok().map(|pair| pair.0 == pair.1)));
            spawn("changes both", async move {
                let mut pair = pair.lock().await;
                pair.0 = 1;
                if looks_under_the_lock {
                    drop(pair);
                    yield_now().await;
                } else {
                    yield_now().await;
                    pair.1 = 1;
                }
            })
            .await;
        })
    };
    green(&scenario(false));
    red(&scenario(true), "equal", line);
}

#[test]
fn a_property_that_panics_is_red_at_its_own_line() {
    let line = line!() + 2;
    let scenario = Scenario::new("panicking property", || async {
        always("broken", || -> bool { panic!("cannot look") });
        yield_now().await;
    });
    let failure = red(&scenario, "broken", line);
    assert!(failure.message.contains("cannot look"), "{}", failure.message);
}

#[test]
fn the_cheapest_of_two_red_properties_is_told() {
    let line = line!() + 5;
    let scenario = Scenario::new("two", || async {
        let failed = Rc::new(Cell::new(false));
        always("no fault", watch(&failed, |failed| !failed.get()));
        failed.set(nevernone::fault("place", &["err"]).is_some());
        assert_ne!(nevernone::choose("a", 3), 2, "free");
    });
    let failure = red(&scenario, "panic", line);
    assert_eq!(failure.cost, 0);
}
