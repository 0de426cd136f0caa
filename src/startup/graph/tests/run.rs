//! What a start comes to.

use std::{
    future::ready,
    task::{Context, Poll, Waker},
};

use super::*;

/// An environment in which nobody may wait.
#[derive(Clone)]
struct Still;

impl Env for Still {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    async fn sleep(&self, wait: Duration) {
        panic!("a timer of {wait:?} where no deadline is declared")
    }

    fn spawn(&self, name: &'static str, _task: impl Future<Output = ()> + Send + 'static) {
        panic!("a task {name:?} where nothing has to wait")
    }
}

#[test]
fn each_phase_is_given_what_its_needs_made() {
    const ONE: Token<u32> = Token::new("one");
    const TEXT: Token<String> = Token::new("text");
    let graph: Tested = Graph::new()
        .phase(Phase::new(token("both"), (TEXT, ONE), |diary: Diary, (text, one)| async move {
            diary.note(format!("{text} and {one}"));
            Ok(())
        }))
        .phase(Phase::new(TEXT, ONE, |_, one| async move { Ok((one + 1).to_string()) }))
        .phase(Phase::new(ONE, (), |_, ()| ready(Ok(1))));
    let (plan, diary) = (graph.plan().unwrap(), Diary::default());
    // Nothing here waits, so nothing is pending, and there is no timer and no task.
    let mut start = std::pin::pin!(plan.start(&Still, diary.clone()));
    let Poll::Ready(up) = start.as_mut().poll(&mut Context::from_waker(Waker::noop())) else { panic!("it waits") };
    let up = up.unwrap();
    assert_eq!((up.made(ONE), up.made(TEXT).map(String::as_str)), (Some(&1), Some("2")));
    assert_eq!(up.made(Token::<u32>::new("nobody")), None);
    assert_eq!(diary.read(), ["2 and 1"]);
}

#[tokio::test(start_paused = true)]
#[tracing_test::traced_test]
async fn a_transient_failure_is_tried_again_and_a_final_one_is_not() {
    let again = failing("a", &[Problem::Transient, Problem::Transient]).attempts(three_attempts());
    let (diary, begun) = (Diary::default(), tokio::time::Instant::now());
    let up = Graph::new().phase(again).plan().unwrap().start(&TokioEnv::new(), diary.clone()).await.unwrap();
    assert_eq!((diary.read(), begun.elapsed()), (vec!["a".to_owned(); 3], SHORT * 3), "10 and 20 ms between them");
    assert!(logs_contain("phase a failed on attempt 1 of 3, next in 10 ms: not yet"));
    up.stop().await.unwrap();

    let hopeless = failing("a", &[Problem::Transient, Problem::Final]).attempts(three_attempts());
    let (error, happened) = refused(Graph::new().phase(hopeless)).await;
    assert_eq!(happened, ["a", "a", "undo a unfinished"]);
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "never");
    insta::assert_snapshot!(error, @"phase a failed after 2 attempts (attempt 1: not yet; attempt 2: never)");
}

#[tokio::test(start_paused = true)]
async fn a_phase_has_one_attempt_where_nothing_else_is_declared() {
    let (error, happened) = refused(Graph::new().phase(failing("a", &[Problem::Transient]))).await;
    assert_eq!(happened, ["a", "undo a unfinished"]);
    insta::assert_snapshot!(error, @"phase a failed: not yet");
}

#[tokio::test(start_paused = true)]
async fn a_phase_that_never_returns_is_ended_by_its_deadline_which_names_it() {
    let graph = Graph::new().phase(noted("a")).phase(hanging("b").deadline(SHORT)).phase(noted("c"));
    let (error, happened) = refused(graph).await;
    assert_eq!(happened, ["a", "b", "undo b unfinished", "undo a"]);
    insta::assert_snapshot!(error, @"the deadline of phase b, 10 ms, passed while phase b was under way");
}

#[tokio::test(start_paused = true)]
async fn the_deadline_of_a_phase_covers_its_attempts_and_tells_those_that_failed() {
    // Fails at 0 and at 10 ms; the next attempt would be at 30.
    let phase = failing("a", &[Problem::Transient; 3]).attempts(three_attempts()).deadline(SHORT * 2);
    let (error, happened) = refused(Graph::new().phase(phase)).await;
    assert_eq!(happened, ["a", "a", "undo a unfinished"]);
    let text =
        "the deadline of phase a, 20 ms, passed while phase a was under way; attempt 1: not yet; attempt 2: not yet";
    assert_eq!(error.to_string(), text);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_takes_too_long_is_one_of_several() {
    let (error, happened) =
        refused(Graph::new().phase(hanging("a").attempts(three_attempts()).attempt_deadline(SHORT))).await;
    assert_eq!(happened, ["a", "a", "a", "undo a unfinished"]);
    let Why::Failed { attempts, .. } = &error.why else { panic!("{error}") };
    assert!(attempts.iter().all(|attempt| matches!(attempt.cause, Cause::TooLong(SHORT))), "{error}");
}

#[tokio::test(start_paused = true)]
async fn the_deadline_of_the_start_is_shared_by_all_phases() {
    let slow = |name: &'static str| {
        Phase::new(token(name), (), move |diary: Diary, ()| async move {
            diary.note(name);
            tokio::time::sleep(SHORT).await;
            Ok(())
        })
    };
    let graph = Graph::new().phase(slow("a")).phase(slow("b")).phase(slow("c")).deadline(SHORT * 2 + SHORT / 2);
    let (error, happened) = refused(graph).await;
    assert_eq!(happened, ["a", "b", "c"]);
    insta::assert_snapshot!(error, @"the deadline of the whole start, 25 ms, passed while phase c was under way");
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_an_error_that_names_its_phase_and_is_rolled_back() {
    let panicking = |wait: bool| {
        Phase::new(token("b"), (), move |_: Diary, ()| {
            assert!(wait, "planned at once");
            async { panic!("planned") }
        })
    };
    for (wait, text) in [(true, "it panicked: planned"), (false, "it panicked: planned at once")] {
        let (error, happened) = refused(Graph::new().phase(noted("a")).phase(panicking(wait))).await;
        assert_eq!(happened, ["a", "undo a"]);
        assert_eq!(error.to_string(), format!("phase b failed: {text}"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_final() {
    let panicking = Phase::new(token("a"), (), |diary: Diary, ()| {
        diary.note("a");
        async { panic!("planned") }
    });
    let (error, happened) = refused(Graph::new().phase(panicking.attempts(three_attempts()))).await;
    assert_eq!((happened, error.to_string().as_str()), (vec!["a".to_owned()], "phase a failed: it panicked: planned"));
}

#[tokio::test(start_paused = true)]
async fn a_stop_wins_over_whatever_ends_at_the_same_moment() {
    let plan = Graph::new().phase(noted("a")).phase(noted("b")).plan().unwrap();
    for phases_before in 0..=2 {
        let (diary, looked) = (Diary::default(), diary_length(phases_before));
        let stop = looked(diary.clone());
        let Err(error) = plan.start_unless(&TokioEnv::new(), diary.clone(), stop).await else { panic!("it started") };
        let under_way = [None, Some("a"), Some("b")][phases_before];
        assert!(matches!(error.why, Why::Stopped { phase } if phase == under_way), "{error}");
        let expected: [&[&str]; 3] = [&[], &["a", "undo a"], &["a", "b", "undo b", "undo a"]];
        assert_eq!(diary.read(), expected[phases_before]);
    }
}

/// A stop that comes in the middle of a poll: as soon as so much has happened.
fn diary_length(length: usize) -> impl Fn(Diary) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
    move |diary| {
        Box::pin(std::future::poll_fn(
            move |_| {
                if diary.read().len() >= length { Poll::Ready(()) } else { Poll::Pending }
            },
        ))
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_a_phase_that_waits() {
    let (plan, diary) = (Graph::new().phase(hanging("a")).plan().unwrap(), Diary::default());
    let Err(error) = plan.start_unless(&TokioEnv::new(), diary.clone(), tokio::time::sleep(SHORT)).await else {
        panic!("it started")
    };
    assert_eq!(error.to_string(), "stopped while phase a was under way");
    assert_eq!(diary.read(), ["a", "undo a unfinished"]);
    let Err(early) = plan.start_unless(&TokioEnv::new(), diary, ready(())).await else { panic!("it started") };
    assert_eq!(early.to_string(), "stopped before the first phase");
}
