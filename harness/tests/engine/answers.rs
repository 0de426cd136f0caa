//! The answers of places that a scenario describes: each takes a step, and no time.

use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;

use nevernone::{Scenario, Verdict, any_moment, cancellable, fault_at, sometimes, spawn};
use nevernone_point::point;
use tokio::task::yield_now;
use tokio::time::Instant;

use crate::{hits, search};

async fn connect() -> Result<u8, &'static str> {
    point("db.connect", async { Err("no database in a test") }).await
}

/// A scenario whose place only answers, or refuses.
fn answering<Fut: Future<Output = ()> + 'static>(body: impl Fn() -> Fut + Clone + Send + Sync + 'static) -> Scenario {
    let body = move || {
        let body = body.clone();
        async move {
            fault_at("db.connect").ok(|| 1_u8).err(|| "refused").only(&["err"]);
            body().await;
        }
    };
    Scenario::new("answers", body).preemptions(0)
}

#[test]
fn a_request_falls_between_the_question_and_the_answer() {
    const SEEN: [&str; 3] = ["before the question", "on the way", "after the answer"];
    let scenario = answering(|| async {
        let progress = Rc::new(Cell::new(0));
        let told = Rc::clone(&progress);
        let connecting = spawn("connects", async move {
            told.set(1);
            let answer = connect().await;
            told.set(2);
            answer
        });
        any_moment("a request").await;
        SEEN.iter().zip(0..).for_each(|(name, stage)| sometimes(name, progress.get() == stage));
        assert_eq!(connecting.await, Ok(1));
    });
    let report = search(&scenario.faults(0));
    // The request before the question: it goes first, or after the question, or after the answer. On the way: it goes
    // first, or after the answer. After the answer: 1.
    assert_eq!((report.verdict, report.runs), (Verdict::Verified, 3 + 2 + 1), "{report:#?}");
    assert_eq!(SEEN.map(|goal| hits(&report, goal)), [1, 2, 3]);
}

#[test]
fn a_caller_can_give_up_on_the_way() {
    let scenario = answering(|| async {
        let start = Instant::now();
        let answer = cancellable("a caller", connect()).await;
        sometimes("gave up", answer.is_err());
        sometimes("was refused", answer == Ok(Err("refused")));
        assert_eq!(start.elapsed(), nevernone::millis(0));
    });
    // Answered, refused; and given up on the way to either.
    assert_eq!(search(&scenario).runs, 4);
}

#[test]
fn an_answer_comes_before_or_after_whoever_is_ready_for_nothing() {
    let scenario = answering(|| async {
        drop(spawn("connects", async { sometimes("connected", connect().await.is_ok()) }));
        drop(spawn("other", yield_now()));
    });
    // `connects` first: then its answer, or `other`, which makes way for it. `other` first: then the question, and its
    // answer before `other` goes on or after. An answer that woke itself would leave 2.
    assert_eq!(search(&scenario.faults(0)).runs, 4);
}

#[test]
fn an_answer_that_is_polled_again_on_the_way_stays_on_its_way() {
    let scenario = answering(|| async {
        let mut connecting = pin!(connect());
        let mut polls = 0;
        let answer = std::future::poll_fn(|cx| {
            polls += 1;
            // A combinator that polls everything, twice.
            let first = connecting.as_mut().poll(cx);
            if first.is_ready() { first } else { connecting.as_mut().poll(cx) }
        });
        assert_eq!(answer.await, Ok(1));
        sometimes("two steps", polls == 2);
    });
    let report = search(&scenario.faults(0));
    assert_eq!((report.runs, hits(&report, "two steps")), (1, 1));
}

#[test]
fn an_answer_that_nobody_waits_for_any_more_wakes_nobody() {
    let scenario = answering(|| async {
        let mut polls = 0;
        let mut connecting = Some(Box::pin(connect()));
        let mut sleep = pin!(tokio::time::sleep(nevernone::millis(5)));
        std::future::poll_fn(|cx| {
            polls += 1;
            if let Some(mut asked) = connecting.take() {
                assert!(asked.as_mut().poll(cx).is_pending());
            }
            sleep.as_mut().poll(cx)
        })
        .await;
        assert_eq!(polls, 2, "once to ask, and once when the time has come");
    });
    assert_eq!(search(&scenario.faults(0)).verdict, Verdict::Verified);
}
