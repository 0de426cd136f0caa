//! The driver alone, against an environment that only writes down what it was asked for.

use std::{
    future::{Future, ready},
    num::NonZeroU32,
    pin::pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
    time::Duration,
};

use super::{Plan, Policy, Told, Verdict, retry};
use crate::env::Env;

/// Every sleep is over at once and remembered.
#[derive(Clone, Default)]
struct Notebook(Arc<Mutex<Vec<Duration>>>);

impl Env for Notebook {
    fn now(&self) -> Duration {
        self.0.lock().unwrap().iter().sum()
    }

    fn sleep(&self, wait: Duration) -> impl Future<Output = ()> + Send {
        self.0.lock().unwrap().push(wait);
        ready(())
    }

    fn spawn(&self, _name: &'static str, _task: impl Future<Output = ()> + Send + 'static) {
        panic!("a retry needs no task of its own");
    }
}

const STEP: Duration = Duration::from_millis(100);

fn ready_value<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing here waits"),
    }
}

/// Runs the outcomes in order; returns the result, the waits, and what the hook was told.
fn drive(
    attempts: u32,
    outcomes: &[Result<u32, &'static str>],
) -> (Result<u32, Vec<String>>, Vec<Duration>, Vec<String>) {
    let env = Notebook::default();
    let mut told = Vec::new();
    let plan = Plan {
        policy: Policy::linear(NonZeroU32::new(attempts).unwrap(), STEP),
        hook: |news: &Told<'_, &'static str>| {
            told.push(match news {
                Told::Succeeded { number } => format!("{number} ok"),
                Told::Failed { attempt, next_in } => {
                    format!("{} {} {next_in:?}", attempt.number, attempt.cause)
                }
            });
        },
        judge: |cause: &&'static str| {
            if *cause == "final" { Verdict::GiveUp } else { Verdict::Retry }
        },
    };
    let index = |number: u32| usize::try_from(number - 1).unwrap();
    let result = ready_value(retry(&env, plan, |number| ready(outcomes[index(number)])));
    let result = result.map_err(|attempts| attempts.iter().map(ToString::to_string).collect());
    let waits = env.0.lock().unwrap().clone();
    (result, waits, told)
}

#[test]
fn a_first_success_waits_for_nothing() {
    assert_eq!(drive(3, &[Ok(7)]), (Ok(7), vec![], vec!["1 ok".into()]));
}

#[test]
fn waits_grow_linearly_and_stop_with_the_success() {
    let (result, waits, told) = drive(4, &[Err("a"), Err("b"), Ok(9)]);
    assert_eq!((result, waits), (Ok(9), vec![STEP, STEP * 2]));
    assert_eq!(told, ["1 a Some(100ms)", "2 b Some(200ms)", "3 ok"]);
}

#[test]
fn no_wait_follows_the_last_attempt_and_none_is_forgotten() {
    let (result, waits, told) = drive(3, &[Err("a"), Err("b"), Err("c")]);
    assert_eq!(result, Err(vec!["attempt 1: a".into(), "attempt 2: b".into(), "attempt 3: c".into()]));
    assert_eq!(waits, [STEP, STEP * 2]);
    assert_eq!(told.last().unwrap(), "3 c None");
}

#[test]
fn a_hopeless_cause_ends_it_at_once() {
    let (result, waits, told) = drive(3, &[Err("a"), Err("final")]);
    assert_eq!(result, Err(vec!["attempt 1: a".into(), "attempt 2: final".into()]));
    assert_eq!(waits, [STEP]);
    assert_eq!(told, ["1 a Some(100ms)", "2 final None"]);
}

#[test]
fn one_attempt_never_waits() {
    let (result, waits, _) = drive(1, &[Err("a")]);
    assert_eq!((result, waits), (Err(vec!["attempt 1: a".into()]), vec![]));
}

#[test]
fn a_wait_too_long_to_count_saturates() {
    let policy = Policy::linear(NonZeroU32::MAX, Duration::MAX);
    assert_eq!(policy.wait_after(2), Some(Duration::MAX));
}
