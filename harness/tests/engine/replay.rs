//! Tokens: the same run, or a refusal that says what no longer fits.

use nevernone::campaign::{Replayed, replay};
use nevernone::choice::token::Token;
use nevernone::{Ending, Scenario, choose, event, fault, millis, spawn};
use tokio::task::yield_now;
use tokio::time::sleep;

use crate::search;

/// What is asked for after the task's start, and with how many alternatives; it fails at the last one.
fn scenario(name: &'static str, draw: &'static str, arity: u32) -> Scenario {
    Scenario::new(name, move || async move {
        drop(spawn("beside it", async {
            yield_now().await;
            sleep(millis(5)).await;
            event("slept");
        }));
        yield_now().await;
        let drawn = choose(draw, arity);
        sleep(millis(7)).await;
        let refused = fault("connect", &["refused"]).is_some();
        assert!(drawn + 1 < arity || !refused, "drew {drawn} and was refused");
    })
}

fn token() -> Token {
    let report = search(&scenario("original", "attempt", 3));
    report.failure.expect("found").token.parse().expect("it reads")
}

fn outcome(replayed: &Replayed) -> (&Ending, bool) {
    (&replayed.ending, replayed.drifted)
}

#[test]
fn a_hundred_replays_tell_one_story() {
    let (scenario, token) = (scenario("original", "attempt", 3), token());
    let first = replay(&scenario, &token).unwrap();
    assert!(matches!(first.ending, Ending::Failed(_)), "{first:?}");
    assert!(first.timeline.iter().any(|entry| entry.what == "slept" && entry.at == millis(5)), "{first:?}");
    for _ in 0..100 {
        let again = replay(&scenario, &token).unwrap();
        assert_eq!(outcome(&again), (&first.ending, false));
        assert_eq!(again.timeline, first.timeline);
    }
}

#[test]
fn a_hundred_replays_of_every_kind_of_run_are_equal_step_for_step() {
    let cut = Scenario::new("cut", || async {
        let taken = std::rc::Rc::new(std::cell::Cell::new(0));
        drop(spawn("taker", {
            let taken = std::rc::Rc::clone(&taken);
            async move {
                let semaphore = tokio::sync::Semaphore::new(3);
                for count in 1..=3 {
                    taken.set(count);
                    semaphore.acquire().await.expect("never closed").forget();
                }
            }
        }));
        nevernone::always("all or none", move || matches!(taken.get(), 0 | 3));
    });
    let cancelled = Scenario::new("cancelled", || async {
        let outcome = nevernone::cancellable("inner", sleep(millis(5))).await;
        nevernone::any_moment("event").await;
        assert!(outcome.is_ok(), "given up");
    });
    let stuck = Scenario::new("stuck", || async {
        let lost = fault("message", &["lost"]).is_some();
        let notify = tokio::sync::Notify::new();
        if !lost {
            notify.notify_one();
        }
        notify.notified().await;
    });
    for scenario in [cut, cancelled, stuck] {
        let token: Token = search(&scenario).failure.expect("found").token.parse().unwrap();
        let first = replay(&scenario, &token).unwrap();
        assert!(matches!(first.ending, Ending::Failed(_)), "{first:?}");
        for _ in 0..100 {
            let again = replay(&scenario, &token).unwrap();
            assert_eq!(outcome(&again), (&first.ending, false));
            assert_eq!(again.timeline, first.timeline);
        }
    }
}

#[test]
fn a_value_out_of_range_is_named() {
    let scenario = Scenario::new("original", || async { assert!(choose("attempt", 3) < 2) });
    let mut token: Token = search(&scenario).failure.unwrap().token.parse().unwrap();
    token.choices[0].value = 3;
    let refused = replay(&scenario, &token).unwrap_err();
    assert!(refused.contains("value@attempt") && refused.contains("the answer 3"), "{refused}");
}

#[test]
fn a_token_of_another_scenario_is_refused_by_name() {
    let refused = replay(&scenario("another", "attempt", 3), &token()).unwrap_err();
    assert!(refused.contains("original") && refused.contains("another"), "{refused}");
}

#[test]
fn a_draw_of_another_name_is_named() {
    let refused = replay(&scenario("original", "try", 3), &token()).unwrap_err();
    assert!(refused.contains("value@attempt") && refused.contains("value@try"), "{refused}");
}

#[test]
fn a_draw_of_another_arity_is_named() {
    // With more alternatives the value still fits, and means another one.
    for arity in [2, 4] {
        let refused = replay(&scenario("original", "attempt", arity), &token()).unwrap_err();
        let now = format!("with {arity} there");
        assert!(refused.contains("with 3 alternatives") && refused.contains(&now), "{refused}");
    }
}

#[test]
fn a_run_that_now_ends_too_early_is_told() {
    let shorter = Scenario::new("original", || async {});
    let refused = replay(&shorter, &token()).unwrap_err();
    assert!(refused.contains("the run now ends before"), "{refused}");
}

#[test]
fn a_run_that_still_fits_but_went_another_way_says_so() {
    let quiet = Scenario::new("original", || async {
        let _ = choose("attempt", 3);
    });
    let loud = Scenario::new("original", || async {
        let _ = choose("attempt", 3);
        event("something new");
    });
    let failing = Scenario::new("original", || async { assert!(choose("attempt", 3) == 0) });
    let token: Token = search(&failing).failure.unwrap().token.parse().unwrap();
    for changed in [quiet, loud] {
        let replayed = replay(&changed, &token).unwrap();
        assert_eq!(outcome(&replayed), (&Ending::Passed, true));
    }
}

/// Where the poll is cut, the broken one is seen half-built. The repaired one goes on: nobody is ready then but the task that
/// was cut, the request is what can happen, and the token says nothing of it.
#[test]
fn a_run_that_cannot_go_on_as_the_token_says_is_void_and_proves_nothing() {
    let scenario = |repaired: bool| {
        Scenario::new("cut short", move || async move {
            let built = std::rc::Rc::new(std::cell::Cell::new((false, repaired)));
            let seen = std::rc::Rc::clone(&built);
            nevernone::always("ready means wired", move || !seen.get().0 || seen.get().1);
            drop(spawn("startup", async move {
                built.set((true, repaired));
                tokio::sync::Semaphore::new(1).acquire().await.expect("never closed").forget();
                built.set((true, true));
            }));
            nevernone::any_moment("a request").await;
        })
    };
    let token: Token = search(&scenario(false)).failure.unwrap().token.parse().unwrap();
    let replayed = replay(&scenario(true), &token).unwrap();
    assert!(matches!(replayed.ending, Ending::Void { .. }), "{replayed}");
    let told = replayed.to_string();
    assert!(told.contains("That proves nothing: search again") && !told.contains("still fit"), "{told}");
}
