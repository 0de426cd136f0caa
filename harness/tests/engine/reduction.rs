//! Reducing a failing run to the least one.

use nevernone::campaign::{ExplorerChoice, Options, Reduced, check, reduce, run_once};
use nevernone::choice::token::Token;
use nevernone::explore::{Bounds, Bytes, Random};
use nevernone::report::{Explanation, FailureReport};
use nevernone::{Ending, Scenario, any_moment, choose, fault, never, sometimes, spawn};
use std::cell::Cell;
use std::rc::Rc;
use tokio::sync::Semaphore;
use tokio::task::yield_now;

use crate::search;

/// What these runs may spend: more than what they are reduced within.
const WIDE: Bounds = Bounds {
    faults: None,
    preemptions: Some(8),
    cancellations: Some(3),
    panics: Some(2),
    stalls: Some(2),
    crashes: Some(2),
    cost: None,
    steps: 10_000,
};

/// Two services of three steps and twelve dependencies each. What is planted: an early one of the first is refused, a
/// late one of the second is slow, and the second service is done first.
fn planted() -> Scenario {
    Scenario::new("planted", || async {
        let done = Rc::new(Cell::new(None));
        let service = |name: &'static str, kind: &'static str, which: usize| {
            let done = Rc::clone(&done);
            spawn(name, async move {
                let mut fired = false;
                for dependency in 0..12 {
                    let fault = fault(name, &["slow", "refused"]);
                    fired |= dependency == which && fault.is_some_and(|fault| fault.kind == kind);
                    if dependency % 4 == 3 {
                        yield_now().await;
                    }
                }
                if done.get().is_none() {
                    done.set(Some(name));
                }
                fired
            })
        };
        let (first, second) = (service("first", "refused", 2), service("second", "slow", 9));
        let fired = (first.await, second.await);
        assert!(fired != (true, true) || done.get() != Some("second"), "the planted failure");
    })
    .within(Bounds { faults: None, preemptions: Some(4), stalls: Some(0), ..Bounds::unbounded() })
}

fn random(scenario: &Scenario, seed: u64) -> FailureReport {
    let options = Options { explorer: ExplorerChoice::Random { seed, runs: 5_000 }, ..Options::default() };
    check(scenario, &options).failure.expect("found")
}

#[test]
fn a_planted_random_failure_of_40_draws_becomes_what_exhaustive_search_reports() {
    let cheap = Bounds { cost: Some(2), ..planted().bounds() };
    let exhaustive = search(&planted().within(cheap)).failure.expect("found");
    assert!(exhaustive.explanation.least && exhaustive.explanation.reduced_from.is_none());
    let bounds = planted().bounds();
    let runs = (0..).filter_map(|seed| run_once(&planted(), Random::new(seed, bounds, 10)));
    for run in runs.filter(|run| matches!(run.ending, Ending::Failed(_))).take(4) {
        let started = std::time::Instant::now();
        let reduced = reduce(&planted(), &run.token, bounds).unwrap();
        let (Reduced { from, size, executions, .. }, took) = (&reduced, started.elapsed());
        println!(
            "from cost {} to {}, of {} draws: {executions} executions, {took:?}",
            from.cost, size.cost, from.draws
        );
        assert!(from.cost > size.cost && from.draws >= 40, "{from:?}");
        assert_eq!((reduced.token.to_string(), reduced.least), (exhaustive.token.clone(), true));
    }
}

#[test]
fn a_random_search_reports_the_least_failure_and_where_it_came_from() {
    let exhaustive = search(&planted().cost(2)).failure.expect("found");
    let failure = random(&planted(), 1);
    let Explanation { least, reduced_from, .. } = failure.explanation;
    assert_eq!((failure.token, failure.cost, least), (exhaustive.token, exhaustive.cost, true));
    assert!(reduced_from.expect("a large one").cost > exhaustive.cost, "{reduced_from:?}");
}

#[test]
fn a_reduction_keeps_to_the_property_and_tells_of_others() {
    let scenario = Scenario::new("two failures", || async {
        let (first, second, third) = (choose("a", 4), choose("b", 4), fault("place", &["err"]).is_some());
        never("cheap", move || first == 1 && !third);
        never("dear", move || second > 0 && third);
        yield_now().await;
    });
    let run = run_once(&scenario, Bytes::new([0, 0, 2, 3, 1], WIDE)).unwrap();
    let reduced = reduce(&scenario, &run.token, scenario.bounds()).unwrap();
    assert_eq!((reduced.failure.property.as_str(), reduced.size.cost, reduced.least), ("dear", 1, true));
    assert_eq!(values(&reduced.token), [("value@b", 1), ("fault@place", 1)]);
    assert_eq!(reduced.also_failed, ["cheap"]);
}

#[test]
fn panics_at_two_lines_are_two_failures() {
    let scenario = Scenario::new("two panics", || async {
        let drawn = choose("value", 9);
        assert_ne!(drawn, 1, "the smaller");
        assert!(drawn < 5, "the larger");
    });
    let run = run_once(&scenario, Bytes::new([0, 0, 7], WIDE)).unwrap();
    let reduced = reduce(&scenario, &run.token, scenario.bounds()).unwrap();
    assert_eq!(values(&reduced.token), [("value@value", 5)]);
}

#[test]
fn what_cannot_be_searched_is_locally_least() {
    let scenario = Scenario::new("too many", || async {
        let sum: u32 = (0..30).map(|_| choose("digit", 10)).sum();
        let faults = (0..30).filter(|_| fault("place", &["err"]).is_some()).count();
        assert!(sum < 25 || faults < 3, "{sum} and {faults}");
    });
    let wide = Bounds { faults: None, ..scenario.bounds() };
    let run = run_once(&scenario, Bytes::new([3; 62], WIDE)).unwrap();
    let reduced: Reduced = reduce(&scenario, &run.token, wide).unwrap();
    assert_eq!((reduced.least, reduced.from.cost, reduced.size.cost), (false, 30, 3), "{reduced:?}");
    let digits = values(&reduced.token).into_iter().filter(|(label, _)| *label == "value@digit");
    assert_eq!(digits.map(|(_, digit)| digit).sum::<u32>(), 25, "{}", reduced.token);
    // A run smaller than that by one answer does not fail, and the faults are as late as they can be.
    assert!(reduced.token.to_string().contains("59.fault@place/2=1,60.fault@place/2=1,61.fault@place/2=1"));
}

#[test]
fn bounds_that_do_not_admit_the_run_are_widened() {
    let scenario = Scenario::new("three faults", || async {
        let faults = (0..9).filter(|_| fault("place", &["err"]).is_some()).count();
        assert!(faults < 3, "{faults}");
    });
    let run = run_once(&scenario, Bytes::new([1; 20], WIDE)).unwrap();
    let reduced = reduce(&scenario, &run.token, scenario.clone().faults(1).bounds()).unwrap();
    assert_eq!((reduced.from.cost, reduced.size.cost, reduced.least), (9, 3, true), "{reduced:?}");
    let exhaustive = search(&scenario.faults(9)).failure.unwrap();
    assert_eq!(reduced.token.to_string(), exhaustive.token);
}

#[test]
fn schedule_faults_and_cuts_are_reduced_together() {
    let scenario = Scenario::new("together", || async {
        let half_built = Rc::new(Cell::new(false));
        let start = spawn("startup", {
            let half_built = Rc::clone(&half_built);
            async move {
                let semaphore = Semaphore::new(9);
                for _ in 0..3 {
                    let refused = fault("connect", &["late", "refused"]).is_some_and(|fault| fault.kind == "refused");
                    half_built.set(refused);
                    semaphore.acquire().await.expect("never closed").forget();
                }
                half_built.set(false);
            }
        });
        any_moment("a request").await;
        sometimes("early", half_built.get());
        assert!(!half_built.get(), "half-built");
        start.await;
    });
    let exhaustive = search(&scenario).failure.expect("found");
    for seed in 0..20 {
        let failure = random(&scenario, seed);
        assert_eq!((failure.token, failure.cost), (exhaustive.token.clone(), exhaustive.cost), "seed {seed}");
    }
}

#[test]
fn what_does_not_fail_cannot_be_reduced() {
    let scenario = Scenario::new("fine", || async {
        let _ = choose("value", 3);
    });
    let run = run_once(&scenario, Bytes::new([0, 0, 1], WIDE)).unwrap();
    let refused = reduce(&scenario, &run.token, scenario.bounds()).unwrap_err();
    assert!(refused.contains("does not fail"), "{refused}");
    let other = Scenario::new("another", || async {});
    assert!(reduce(&other, &run.token, scenario.bounds()).unwrap_err().contains("`fine`"));
}

#[test]
fn a_search_that_was_stopped_calls_its_failure_locally_least() {
    let scenario = Scenario::new("stopped", || async {
        let faults = (0..30).filter(|_| fault("place", &["err"]).is_some()).count();
        assert!(faults < 3, "{faults}");
    })
    .faults(9);
    // The probes take 1, 31 and 466 runs; that nothing cheaper than the first failure fails takes 466 again.
    let options = Options { max_executions: Some(700), ..Options::default() };
    let failure = check(&scenario, &options).failure.expect("found");
    assert!(!failure.explanation.least);
    assert!(nevernone::report::terminal::story(&check(&scenario, &options), "").contains("locally least"));
}

/// A token's choices, by label.
fn values(token: &Token) -> Vec<(&str, u32)> {
    token.choices.iter().map(|choice| (choice.label.as_str(), choice.value)).collect()
}
