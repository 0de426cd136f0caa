//! What is told of a failing run's answers: which matter, and from where on nothing helps.

use std::sync::Arc;
use std::time::{Duration, Instant};

use nevernone::campaign::{Options, check};
use nevernone::report::{Certainty, DrawMark, Explanation, Inevitable, Others};
use nevernone::{Scenario, choose, fault, spawn};
use tokio::task::yield_now;

use crate::search;

fn explanation(scenario: &Scenario) -> Explanation {
    search(scenario).failure.expect("found").explanation
}

/// The marks of the values that the scenario asked for and of the faults, by name.
fn marks(explanation: &Explanation) -> Vec<(&str, Others, Option<Certainty>)> {
    let asked = explanation.draws.iter().filter(|mark| mark.label.contains(':'));
    let named = |mark: &'_ DrawMark| (mark.others, mark.certainty);
    asked.map(|mark| (mark.label.split(':').nth(1).unwrap(), named(mark).0, named(mark).1)).collect()
}

fn all(continuations: u64) -> Certainty {
    Certainty { continuations, all_run: true }
}

#[test]
fn every_answer_is_told_to_matter_to_matter_alone_or_not_at_all() {
    let explanation = explanation(&Scenario::new("four draws", || async {
        let beside_the_point = choose("beside the point", 3);
        yield_now().await;
        let decides = choose("decides", 2);
        yield_now().await;
        let too_late = choose("too late", 4);
        let last = choose("last", 5);
        assert!(decides == 0, "{beside_the_point} {too_late} {last}");
    }));
    let expected = [
        ("beside the point", Others::FailAlone, Some(all(2))),
        ("decides", Others::Matter, None),
        ("too late", Others::Fail, Some(all(3 * 5))),
        ("last", Others::Fail, Some(all(4))),
    ];
    assert_eq!(marks(&explanation), expected);
    let certainty = all(4 * 5);
    assert_eq!(explanation.inevitable, Some(Inevitable { step: 2, certainty }));
    assert!(explanation.least);
}

#[test]
fn what_always_fails_is_inevitable_from_the_beginning() {
    let explanation = explanation(&Scenario::new("always", || async {
        let drawn = (choose("a", 3), choose("b", 2));
        assert_eq!(drawn.0, 7, "never");
    }));
    let certainty = all(6);
    assert_eq!(explanation.inevitable, Some(Inevitable { step: 0, certainty }));
}

#[test]
fn the_last_draw_of_all_can_decide() {
    let explanation = explanation(&Scenario::new("last", || async {
        let _ = choose("a", 3);
        assert!(choose("b", 3) < 2, "the third");
    }));
    assert_eq!(marks(&explanation), [("a", Others::FailAlone, Some(all(2))), ("b", Others::Matter, None)]);
    let certainty = all(1);
    assert_eq!(explanation.inevitable, Some(Inevitable { step: 1, certainty }));
}

#[test]
fn what_is_too_much_to_run_is_sampled_and_said_to_be() {
    let explanation = explanation(&Scenario::new("a long tail", || async {
        let decides = choose("decides", 2);
        yield_now().await;
        let tail: u32 = (0..9).map(|_| choose("tail", 4)).sum();
        assert!(decides == 0, "{tail}");
    }));
    let Some(Inevitable { step: 1, certainty }) = explanation.inevitable else { panic!("{explanation:?}") };
    // 3 · 4⁴ continuations are run beside one draw, and 3 · 4⁵ are too many.
    assert!(!certainty.all_run && certainty.continuations > 1_000, "{certainty:?}");
    let marks = marks(&explanation);
    assert_eq!(marks[0], ("decides", Others::Matter, None));
    assert_eq!(marks[5], ("tail", Others::Fail, Some(all(3 * 4_u64.pow(4)))));
    let sampled = marks[4].2.unwrap();
    assert!(!sampled.all_run && (1_000..1_100).contains(&sampled.continuations), "{sampled:?}");
}

#[test]
fn an_answer_outside_the_bounds_is_no_other_answer() {
    let scenario = Scenario::new("one fault", || async {
        let fired = [fault("first", &["err"]), fault("second", &["err"])];
        assert!(fired.iter().flatten().count() < 1, "one is enough");
    });
    // With the second spent on, the first could only be a second fault.
    let one = explanation(&scenario.clone().faults(1));
    assert_eq!(marks(&one), [("first", Others::Fail, Some(all(1))), ("second", Others::Matter, None)]);
    let two = explanation(&scenario.faults(2));
    assert_eq!(marks(&two), [("first", Others::Fail, Some(all(2))), ("second", Others::Matter, None)]);
}

#[test]
fn a_cut_that_fails_is_compared_with_the_whole_poll_and_deeper_cuts() {
    // Fails if the task is cut anywhere at all: whole it sets everything in one poll.
    let explanation = explanation(&Scenario::new("cut", || async {
        let parts = std::rc::Rc::new(std::cell::Cell::new(0));
        drop(spawn("builder", {
            let parts = std::rc::Rc::clone(&parts);
            async move {
                let semaphore = tokio::sync::Semaphore::new(9);
                for part in 1..=3 {
                    parts.set(part);
                    semaphore.acquire().await.expect("never closed").forget();
                }
            }
        }));
        nevernone::always("whole", move || parts.get() == 0 || parts.get() == 3);
    }));
    let cut = explanation.draws.iter().rfind(|mark| mark.label == "cut").expect("it was cut");
    assert_eq!(cut.others, Others::Matter, "the whole poll passes: {explanation:?}");
    assert_eq!(explanation.inevitable.unwrap().certainty, Certainty { continuations: 1, all_run: true });
}

#[test]
fn an_explanation_counts_what_it_executes() {
    let scenario = Scenario::new("counted", || async { assert!(choose("a", 3) < 2, "third") });
    let report = search(&scenario);
    let explanation = report.failure.expect("found").explanation;
    // Beside `a`: the first run passes. Alone: that run once more.
    assert_eq!(explanation.executions, 2, "{explanation:?}");
}

/// Fails always; what could be found out about that takes tens of thousands of executions.
fn hopeless(each: impl Fn() + Send + Sync + 'static) -> Scenario {
    Scenario::new("hopeless", move || {
        each();
        async {
            let digits: Vec<u32> = (0..8).map(|_| choose("digit", 10)).collect();
            panic!("{digits:?}");
        }
    })
}

#[test]
fn an_interrupt_ends_the_explanation_and_the_failure_is_told() {
    let options = Options::default();
    let progress = Arc::clone(&options.progress);
    let failure = check(&hopeless(move || progress.stop()), &options).failure.expect("told");
    assert_eq!(failure.message, "`scenario` panicked: [0, 0, 0, 0, 0, 0, 0, 0]");
    assert_eq!(failure.explanation.executions, 0);
}

#[test]
fn an_explanation_ends_with_the_time_of_the_search() {
    // Each execution takes a millisecond of real time, so that no more of them fit than this says.
    let (each, most) = (Duration::from_millis(1), 100);
    let scenario = hopeless(move || {
        let since = Instant::now();
        while since.elapsed() < each {
            std::hint::spin_loop();
        }
    });
    let failure =
        check(&scenario, &Options { max_time: Some(each * most), ..Options::default() }).failure.expect("told");
    let executions = failure.explanation.executions;
    assert!((1..=u64::from(most)).contains(&executions), "{executions} executions");
}
