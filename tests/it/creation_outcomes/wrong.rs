//! The suites notice what is wrong: each kind of expectation is made wrong on purpose, for every layer, and the complaint
//! is read.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use super::{
    Layer,
    expected::{Ending, Expected},
    joined::JOINED,
    platform::PLATFORM,
    registry::REGISTRY,
    retrying::{BRIDGE, HURRIED_BRIDGE, HURRIED_PHASE, SINGLETON, STARTUP},
    seen::Seen,
};
use crate::support::Outcome::{self, Error, Exhausted, Fine, Nothing, Panic};

const LAYERS: [Layer; 8] = [SINGLETON, REGISTRY, BRIDGE, HURRIED_BRIDGE, STARTUP, HURRIED_PHASE, PLATFORM, JOINED];

/// One that ends well and one that does not.
const PLANS: [[Outcome; 3]; 2] = [[Nothing, Error, Fine], [Panic, Nothing, Exhausted]];

/// What is said of something wrong; all of these words must be in it.
fn assert_complains(wrong: impl FnOnce(), words: &[&str]) {
    let panic = catch_unwind(AssertUnwindSafe(wrong)).expect_err(&format!("nobody noticed, nobody said {words:?}"));
    let text = panic.downcast_ref::<String>().cloned().or(panic.downcast_ref::<&str>().map(ToString::to_string));
    let text = text.expect("a panic with a text");
    assert!(words.iter().all(|word| text.contains(word)), "{words:?} are not all in: {text}");
}

/// Runs each plan through each layer, makes its right expectation wrong, and compares the two.
fn assert_noticed(spoil: impl Fn(&mut Expected), compare: fn(&Seen, &Expected), words: &[&str]) {
    for layer in LAYERS {
        for plan in PLANS {
            let (seen, mut expected) = (Seen::of(layer, &plan), Expected::of(layer, &plan));
            compare(&seen, &expected);
            spoil(&mut expected);
            assert_complains(|| compare(&seen, &expected), words);
        }
    }
}

#[test]
fn a_planned_call_that_nobody_makes_is_noticed() {
    for layer in LAYERS {
        for plan in [[Fine, Fine].as_slice(), &[Error, Fine, Nothing], &[Error, Error, Error, Fine]] {
            let once_too_few = ["MockFactory::create", "called 0 time(s)", "fewer than expected 1"];
            assert_complains(|| drop(Seen::of(layer, plan)), &once_too_few);
        }
    }
}

#[test]
fn a_call_beyond_the_plan_is_noticed_although_a_retry_swallows_its_panic() {
    for layer in LAYERS {
        for plan in [[].as_slice(), &[Nothing], &[Error, Panic]] {
            assert_complains(|| drop(Seen::of(layer, plan)), &["an unplanned panic", "MockFactory::create"]);
        }
    }
}

#[test]
fn a_call_after_success_is_noticed_although_nobody_tells_of_its_panic() {
    const CURIOUS: Layer = Layer {
        drive: |world| {
            Box::pin(async move {
                let factory = std::sync::Arc::clone(&world.factory);
                let told = (BRIDGE.drive)(world).await;
                drop(catch_unwind(AssertUnwindSafe(|| factory.create())));
                told
            })
        },
        ..BRIDGE
    };
    let (seen, expected) = (Seen::of(CURIOUS, &[Nothing, Fine]), Expected::of(CURIOUS, &[Nothing, Fine]));
    seen.compare_rows(&expected);
    assert_complains(|| seen.compare_times(&expected), &["one call for each attempt"]);
}

#[test]
fn outcomes_in_another_order_are_noticed_by_the_rows_and_by_the_error() {
    for layer in LAYERS {
        let (seen, expected) = (Seen::of(layer, &[Error, Nothing, Fine]), Expected::of(layer, &[Nothing, Error, Fine]));
        assert_complains(|| seen.compare_rows(&expected), &["these rows in this order", "returned None", "planned"]);
        let seen = Seen::of(layer, &[Error, Nothing, Panic]);
        let mut expected = Expected::of(layer, &[Error, Nothing, Panic]);
        seen.compare_endings(&expected);
        expected.outcomes.swap(0, 1);
        assert_complains(|| seen.compare_endings(&expected), &["Nothing is told as attempt 1", "planned"]);
    }
}

#[test]
fn a_call_at_another_time_and_a_wait_after_the_last_one_are_noticed() {
    let moment = Duration::from_millis(1);
    for number in 0..3 {
        let at_its_time = ["one call for each attempt, each at its time"];
        assert_noticed(|expected| expected.calls[number] += moment, Seen::compare_times, &at_its_time);
    }
    assert_noticed(|expected| expected.done += moment, Seen::compare_times, &["no wait after the last attempt"]);
}

#[test]
fn a_call_that_was_not_counted_is_noticed() {
    let words = ["one call for each attempt"];
    assert_noticed(|expected| expected.calls.truncate(2), Seen::compare_times, &words);
    assert_noticed(|expected| expected.calls.push(expected.done), Seen::compare_times, &words);
}

#[test]
fn a_row_too_few_too_many_in_another_place_or_of_another_level_is_noticed() {
    let words = ["these rows in this order"];
    let noticed = |spoil: fn(&mut Vec<String>)| {
        assert_noticed(|expected| spoil(&mut expected.rows), Seen::compare_rows, &words);
    };
    noticed(|rows| drop(rows.remove(0)));
    noticed(|rows| drop(rows.pop()));
    noticed(|rows| rows.insert(1, rows[0].clone()));
    noticed(|rows| rows.swap(0, 1));
    noticed(|rows| rows[0] = rows[0].replace("ERROR", "WARN"));
    noticed(|rows| rows[1] += ".");
}

#[test]
fn another_ending_is_noticed() {
    let other = |expected: &mut Expected| {
        expected.ending = match &expected.ending {
            Ending::Manager => Ending::Refused { text: String::new(), source: None },
            Ending::Refused { .. } => Ending::Manager,
        };
    };
    for layer in LAYERS {
        for (plan, complaint) in PLANS.into_iter().zip(["a manager in place of", "no manager but"]) {
            let (seen, mut expected) = (Seen::of(layer, &plan), Expected::of(layer, &plan));
            other(&mut expected);
            assert_complains(|| seen.compare_endings(&expected), &[complaint]);
        }
    }
    assert_noticed(|expected| expected.places += 1, Seen::compare_endings, &["places are taken for a manager alone"]);
}

#[test]
fn another_text_another_source_and_another_cause_are_noticed() {
    let [_, refused] = PLANS;
    for layer in LAYERS {
        let (seen, right) = (Seen::of(layer, &refused), Expected::of(layer, &refused));
        let Ending::Refused { text, source } = right.ending.clone() else { panic!("it ends badly") };
        let with = |ending| Expected { ending, ..right.clone() };
        let texts = with(Ending::Refused { text: text.replace(" is ", " was ") + ".", source: source.clone() });
        let sources = with(Ending::Refused { text, source: source.map_or(Some(String::new()), |_| None) });
        for wrong in [texts, sources] {
            assert_complains(|| seen.compare_endings(&wrong), &["the one right error"]);
        }
        let causes = Expected { outcomes: vec![Panic, Nothing, Error], ..right };
        assert_complains(|| seen.compare_endings(&causes), &["Error is told as attempt 3", "could not be reserved"]);
    }
}
