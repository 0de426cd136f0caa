//! The singleton: what its callers can see, whatever the interleaving.

use std::future::{pending, ready};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use nevernone::loom::{Gate, Model, PLANNED, Sometimes};
use nevernone_reference::singleton::{Cause, Singleton};

pub(crate) const MODELS: &[Model] = &[
    Model::new("publish_against_get", publish_against_get)
        .claims("whoever sees the value sees all of it")
        .sometimes(&SAW_NOTHING)
        .sometimes(&SAW_THE_VALUE),
    Model::new("failing_then_succeeding", failing_then_succeeding)
        .claims(
            "two blocking callers, each trying until it succeeds: a failure is told to exactly those who were in it",
        )
        .sometimes(&BOTH_FAILED)
        .sometimes(&ONE_FAILED),
    Model::new("three_callers", three_callers)
        .claims("three callers, the first flight fails: each is told once at most, and two flights do for all")
        .preemptions(3)
        .sometimes(&ALL_FAILED),
    Model::new("panicking_initialiser", panicking_initialiser)
        .claims("a panic reaches everybody who waited as a failure, no thread dies, the cell stays usable")
        .sometimes(&BOTH_PANICKED),
    Model::new("dropped_caller_hands_over", dropped_caller_hands_over)
        .claims("a caller dropped in the middle restarts nothing for those who stay, and no wake-up is lost")
        .preemptions(4)
        .sometimes(&HANDED_OVER)
        .sometimes(&STARTED_ANEW),
    Model::new("woken_while_polled", woken_while_polled)
        .claims("a wake-up that comes at any moment of a poll leads to one more poll"),
    Model::new("blocking_beside_async", blocking_beside_async)
        .claims("a blocking and an async caller of one cell are given one value, whoever of them drives")
        .sometimes(&ASYNC_MADE_IT)
        .sometimes(&BLOCKING_MADE_IT),
    Model::new("retirement_against_caller", retirement_against_caller)
        .claims("after retirement nobody is given a value, and a caller in the air is told")
        .sometimes(&RETIRED_FIRST)
        .sometimes(&RETIRED_LAST),
    Model::new("retirement_wakes", retirement_wakes)
        .claims("retirement answers two callers of an initialiser that never ends")
        .preemptions(4),
    Model::new("re_entry", re_entry)
        .claims("an initialiser that asks for its own value is told so, while another caller is merely waiting")
        .sometimes(&WAITED_FOR_RE_ENTRY),
];

static SAW_NOTHING: Sometimes = Sometimes::new("the reader came first");
static SAW_THE_VALUE: Sometimes = Sometimes::new("the reader found the value");

fn publish_against_get() {
    let cell = Arc::new(Singleton::<UnsafeCell<u32>, u32>::new());
    let reader = {
        let cell = Arc::clone(&cell);
        thread::spawn(move || {
            let seen = cell.get().map(|value| {
                // SAFETY: this is what the model is about: loom reports a read that is not ordered after the write.
                value.with(|value| unsafe { *value })
            });
            SAW_NOTHING.saw(seen.is_none());
            SAW_THE_VALUE.saw(seen.is_some());
            assert!(seen.is_none_or(|seen| seen == 7));
        })
    };
    let made = cell.get_or_try_init_blocking(|| {
        let value = UnsafeCell::new(0);
        // SAFETY: nobody else knows the value yet.
        value.with_mut(|value| unsafe { *value = 7 });
        ready(Ok(value))
    });
    assert!(made.is_ok());
    reader.join().unwrap();
}

static BOTH_FAILED: Sometimes = Sometimes::new("both callers shared the failure");
static ONE_FAILED: Sometimes = Sometimes::new("one caller met the second flight only");

fn failing_then_succeeding() {
    let failures = fail_then_succeed(1);
    BOTH_FAILED.saw(failures == 2);
    ONE_FAILED.saw(failures == 1);
}

static ALL_FAILED: Sometimes = Sometimes::new("all three callers shared the failure");

fn three_callers() {
    ALL_FAILED.saw(fail_then_succeed(2) == 3);
}

/// This thread and so many others call until they have the value. Gives how many of them met the failure.
fn fail_then_succeed(others: usize) -> usize {
    let cell = Arc::new(Singleton::<usize, usize>::new());
    let made = Arc::new(AtomicUsize::new(0));
    let others: Vec<_> = (0..others)
        .map(|_| {
            let (cell, made) = (Arc::clone(&cell), Arc::clone(&made));
            thread::spawn(move || call_until_made(&cell, &made))
        })
        .collect();
    let mut failures = call_until_made(&cell, &made);
    for other in others {
        failures += other.join().unwrap();
    }
    assert!(failures >= 1, "somebody made the flight that failed");
    assert_eq!((made.load(Ordering::Relaxed), cell.generation()), (2, 2));
    failures
}

/// The flight made first fails, every later one succeeds. Gives how often this caller was told of a failure.
fn call_until_made(cell: &Singleton<usize, usize>, made: &AtomicUsize) -> usize {
    let mut failures = 0;
    loop {
        let answer = cell.get_or_try_init_blocking(|| {
            let flight = made.fetch_add(1, Ordering::Relaxed) + 1;
            ready(if flight == 1 { Err(flight) } else { Ok(flight) })
        });
        match answer {
            Ok(value) => {
                assert_eq!((*value, cell.get()), (2, Some(value)));
                return failures;
            }
            Err(failure) => {
                assert!(matches!(failure.cause, Cause::Failed(1)));
                assert_eq!((failure.generation, failure.attempt), (1, 1));
                failures += 1;
                assert_eq!(failures, 1, "a failure answers a caller once");
            }
        }
    }
}

static BOTH_PANICKED: Sometimes = Sometimes::new("both callers were told of one panic");

fn panicking_initialiser() {
    let cell = Arc::new(Singleton::<u32, u32>::new());
    let caller = |cell: Arc<Singleton<u32, u32>>| {
        let answer = cell.get_or_try_init_blocking(|| async { std::panic::panic_any(PLANNED) });
        let failure = answer.unwrap_err();
        assert!(matches!(&failure.cause, Cause::Panicked(message) if message == PLANNED));
        failure.generation
    };
    let other = {
        let cell = Arc::clone(&cell);
        thread::spawn(move || caller(cell))
    };
    let mine = caller(Arc::clone(&cell));
    BOTH_PANICKED.saw(mine == other.join().unwrap());
    let value = cell.get_or_try_init_blocking(|| ready(Ok(3)));
    assert_eq!(value.copied().unwrap(), 3);
}

static HANDED_OVER: Sometimes = Sometimes::new("the heir finished the first initialiser");
static STARTED_ANEW: Sometimes = Sometimes::new("the flight was abandoned before anybody else came");

fn dropped_caller_hands_over() {
    let cell = Arc::new(Singleton::<u32, u32>::new());
    let gate = Gate::new();
    let quitter = {
        let (cell, gate) = (Arc::clone(&cell), gate.clone());
        thread::spawn(move || {
            let mut future = pin!(cell.get_or_try_init(|| async {
                gate.await;
                Ok(1)
            }));
            // Polled once with a waker that nobody answers, then dropped: in time, or after it was woken.
            let poll = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            matches!(poll, Poll::Ready(_))
        })
    };
    let opener = {
        let gate = gate.clone();
        thread::spawn(move || gate.open())
    };
    let value = cell.get_or_try_init_blocking(|| async {
        gate.await;
        Ok(2)
    });
    let value = value.copied().unwrap();
    let finished = quitter.join().unwrap();
    opener.join().unwrap();
    HANDED_OVER.saw(value == 1 && !finished);
    STARTED_ANEW.saw(value == 2 && cell.generation() == 2);
    assert_eq!(cell.get(), Some(&value));
}

fn woken_while_polled() {
    let cell = Arc::new(Singleton::<u32, u32>::new());
    let gate = Gate::new();
    let opener = {
        let gate = gate.clone();
        thread::spawn(move || gate.open())
    };
    let value = cell.get_or_try_init_blocking(|| async {
        gate.await;
        Ok(5)
    });
    assert_eq!(value.copied().unwrap(), 5);
    opener.join().unwrap();
}

static ASYNC_MADE_IT: Sometimes = Sometimes::new("the async caller's initialiser made the value");
static BLOCKING_MADE_IT: Sometimes = Sometimes::new("the blocking caller's initialiser made the value");

/// The one runs on an executor, loom's own, the other sleeps on its thread.
fn blocking_beside_async() {
    let cell = Arc::new(Singleton::<u32, u32>::new());
    let made = Arc::new(AtomicUsize::new(0));
    let other = {
        let (cell, made) = (Arc::clone(&cell), Arc::clone(&made));
        thread::spawn(move || {
            let init = move || {
                made.fetch_add(1, Ordering::Relaxed);
                yielding(1)
            };
            loom::future::block_on(cell.get_or_try_init(init)).copied().unwrap()
        })
    };
    let count = Arc::clone(&made);
    let mine = cell.get_or_try_init_blocking(move || {
        count.fetch_add(1, Ordering::Relaxed);
        yielding(2)
    });
    let (mine, theirs) = (mine.copied().unwrap(), other.join().unwrap());
    assert_eq!((mine, made.load(Ordering::Relaxed), cell.generation()), (theirs, 1, 1));
    ASYNC_MADE_IT.saw(mine == 1);
    BLOCKING_MADE_IT.saw(mine == 2);
}

/// Gives way once, so that whoever waits has to be woken.
async fn yielding(value: u32) -> Result<u32, u32> {
    let mut yielded = false;
    std::future::poll_fn(move |context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(Ok(value));
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}

static RETIRED_FIRST: Sometimes = Sometimes::new("the caller was refused");
static RETIRED_LAST: Sometimes = Sometimes::new("the caller got its value before");

fn retirement_against_caller() {
    let cell = Arc::new(Singleton::<u32, u32>::new());
    let caller = {
        let cell = Arc::clone(&cell);
        thread::spawn(move || {
            let answer = cell.get_or_try_init_blocking(|| ready(Ok(4)));
            match answer {
                Ok(value) => *value == 4,
                Err(failure) => {
                    assert!(matches!(failure.cause, Cause::Retired));
                    false
                }
            }
        })
    };
    cell.retire();
    assert_eq!(cell.get(), None);
    let late = cell.get_or_try_init_blocking(|| ready(Ok(5)));
    assert!(matches!(late.unwrap_err().cause, Cause::Retired));
    let got = caller.join().unwrap();
    RETIRED_FIRST.saw(!got);
    RETIRED_LAST.saw(got);
    assert_eq!(cell.get(), None);
}

/// The initialiser never ends, so only retirement can answer; loom reports a caller left asleep as a deadlock.
fn retirement_wakes() {
    let cell = Arc::new(Singleton::<u32, u32>::new());
    let callers = [(); 2].map(|()| {
        let cell = Arc::clone(&cell);
        thread::spawn(move || {
            let answer = cell.get_or_try_init_blocking(pending);
            assert!(matches!(answer.unwrap_err().cause, Cause::Retired));
        })
    });
    cell.retire();
    for caller in callers {
        caller.join().unwrap();
    }
}

static WAITED_FOR_RE_ENTRY: Sometimes = Sometimes::new("the flight that re-entered answered the other caller");

fn re_entry() {
    let cell = Arc::new(Singleton::<u32, u32>::new());
    let other = {
        let cell = Arc::clone(&cell);
        thread::spawn(move || {
            let answer = cell.get_or_try_init_blocking(|| ready(Ok(1)));
            answer.copied().unwrap()
        })
    };
    let asked = Arc::clone(&cell);
    let answer = cell.get_or_try_init_blocking(move || async move {
        let refused = asked.get_or_try_init(|| ready(Ok(9))).await;
        assert!(matches!(refused.unwrap_err().cause, Cause::Reentered));
        Ok(2)
    });
    let mine = answer.copied().unwrap();
    let theirs = other.join().unwrap();
    assert_eq!(mine, theirs);
    WAITED_FOR_RE_ENTRY.saw(theirs == 2);
}
