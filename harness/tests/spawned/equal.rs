//! Programs with `select!`: what tokio's own gives in many executions, ours gives outside a run, and a search finds exactly
//! that, each outcome of it.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use nevernone::{Scenario, Verdict};

use crate::search;

/// A program tells what it did.
type Program = fn() -> Pin<Box<dyn Future<Output = String>>>;

/// The least likely outcome of a program has a chance of 1 in 32: it is missed once in e^60 tests.
const EXECUTIONS: u32 = 2_000;

/// The same programs, under either `select!`.
macro_rules! programs {
    ($name:ident: $($select:tt)*) => {
        mod $name {
            use std::cell::RefCell;
            use std::future::{pending, ready};

            use tokio::sync::{mpsc, oneshot};
            use tokio::task::coop::consume_budget;
            use tokio::task::yield_now;

            async fn two() -> String {
                $($select)*! {
                    () = ready(()) => "first".to_owned(),
                    n = async { 2 } => n.to_string(),
                }
            }

            async fn conditions() -> String {
                let (yes, no) = (true, false);
                $($select)*! {
                    () = ready(()), if no => unreachable!(),
                    n = ready(1), if yes => n,
                    () = pending() => unreachable!(),
                    n = ready(3) => n,
                }
                .to_string()
            }

            async fn biased() -> String {
                let log = RefCell::new(String::new());
                $($select)*! {
                    biased;
                    Some(()) = async { log.borrow_mut().push('a'); None } => {}
                    () = async { log.borrow_mut().push('b'); pending().await } => {}
                    () = async { log.borrow_mut().push('c') } => log.borrow_mut().push('!'),
                    () = async { log.borrow_mut().push('d') } => {}
                }
                log.into_inner()
            }

            async fn refused() -> String {
                let log = RefCell::new(String::new());
                let note = |what| log.borrow_mut().push(what);
                let taken = $($select)*! {
                    Some(n) = async { note('a'); None::<u32> } => n,
                    Some(n) = async { note('b'); None::<u32> } => n,
                    1 | 3 = async { note('c'); 2 } => 2,
                    else => 9,
                };
                log.into_inner() + &taken.to_string()
            }

            async fn drains() -> String {
                let (ones, mut from_ones) = mpsc::channel(2);
                let (others, mut from_others) = mpsc::channel(2);
                ones.send('1').await.unwrap();
                ones.send('1').await.unwrap();
                others.send('2').await.unwrap();
                drop((ones, others));
                let mut seen = String::new();
                loop {
                    $($select)*! {
                        Some(one) = from_ones.recv() => seen.push(one),
                        Some(other) = from_others.recv() => seen.push(other),
                        else => break seen,
                    }
                }
            }

            async fn later() -> String {
                let (tell, told) = oneshot::channel();
                let mut tell = Some(tell);
                // One branch makes the other one ready, perhaps in the same poll.
                $($select)*! {
                    told = told => format!("told {}", told.unwrap()),
                    () = async {
                        tell.take().unwrap().send(1).unwrap();
                        yield_now().await;
                    } => "yielded".to_owned(),
                }
            }

            async fn nested() -> String {
                $($select)*! {
                    inner = async {
                        $($select)*! { () = ready(()) => 'a', () = ready(()) => 'b' }
                    } => inner.to_string(),
                    outer = async { 'c' } => outer.to_string(),
                }
            }

            async fn spent() -> String {
                // All of the budget that tokio gives to a poll, so that `select!` has to wait for the next one.
                let mut program = std::pin::pin!(async {
                    for _ in 0..128 {
                        consume_budget().await;
                    }
                    $($select)*! { biased; () = ready(()) => () }
                });
                let mut polls = 0;
                std::future::poll_fn(|cx| {
                    polls += 1;
                    program.as_mut().poll(cx)
                })
                .await;
                format!("{polls} polls")
            }

            pub(super) fn all() -> [(&'static str, super::Program); 8] {
                [
                    ("two", || Box::pin(two())),
                    ("conditions", || Box::pin(conditions())),
                    ("biased", || Box::pin(biased())),
                    ("refused", || Box::pin(refused())),
                    ("drains", || Box::pin(drains())),
                    ("later", || Box::pin(later())),
                    ("nested", || Box::pin(nested())),
                    ("spent", || Box::pin(spent())),
                ]
            }
        }
    };
}

programs! { theirs: ::tokio::select }
programs! { ours: ::nevernone::tokio::select }

fn executed(program: Program) -> BTreeSet<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    (0..EXECUTIONS).map(|_| runtime.block_on(program())).collect()
}

fn searched(program: Program) -> BTreeSet<String> {
    let outcomes: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let into = Arc::clone(&outcomes);
    let scenario = Scenario::new("program", move || {
        let into = Arc::clone(&into);
        async move {
            let outcome = program().await;
            into.lock().unwrap().insert(outcome);
        }
    });
    // No cuts: tokio would have none either.
    let report = search(&scenario.preemptions(0));
    assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
    outcomes.lock().unwrap().clone()
}

#[test]
fn programs_do_under_our_select_what_they_do_under_tokios() {
    let sizes = [2, 2, 1, 3, 3, 2, 3, 1];
    for (((name, theirs), (_, ours)), size) in theirs::all().into_iter().zip(ours::all()).zip(sizes) {
        let expected = executed(theirs);
        assert_eq!(expected.len(), size, "{name}: {expected:?}");
        assert_eq!(executed(ours), expected, "{name}, outside a run");
        assert_eq!(searched(ours), expected, "{name}, searched");
    }
    assert_eq!(executed(ours::all()[7].1), BTreeSet::from(["2 polls".to_owned()]), "tokio's budget is another one now");
}
