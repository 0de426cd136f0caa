//! Trees whose size follows from a formula, each with the formula; searches are compared with it, and estimates.

use std::rc::Rc;

use nevernone::explore::Bounds;
use nevernone::{Scenario, any_moment, cancellable, choose, fault, millis, spawn};
use tokio::sync::Semaphore;
use tokio::task::yield_now;
use tokio::time::sleep;

/// A tree and how many runs it has.
pub(crate) type Known = (Scenario, u64);

/// Every interleaving.
pub(crate) fn whole() -> Bounds {
    Bounds { stalls: Some(0), ..Bounds::unbounded() }
}

/// One after the other, in sizes from a handful to thousands.
pub(crate) fn trees() -> Vec<Known> {
    let mut trees = vec![yields(2, 2), yields(3, 2), semaphore(), timer(), more_cuts(), event_in_waits()];
    trees.extend([faults(4, 3, 2), faults(3, 2, 3), cancelled_sleeps(1), cancelled_sleeps(2), values()]);
    trees
}

/// Tasks that only yield: `tasks` lists of `yields` + 1 polls each, in every order that keeps each list's own.
pub(crate) fn yields(tasks: u32, yields: u32) -> Known {
    let scenario = Scenario::new(format!("{tasks} tasks of {yields} yields"), move || async move {
        for task in 0..tasks {
            drop(spawn(format!("task {task}"), async move {
                for _ in 0..yields {
                    yield_now().await;
                }
            }));
        }
    });
    (scenario.within(whole()), multinomial(tasks, yields + 1))
}

/// (tasks · polls)! / polls!^tasks, as a product of binomials, which are whole numbers at every step.
fn multinomial(tasks: u32, polls: u32) -> u64 {
    (1..=tasks).map(|task| binomial(task * polls, polls)).product()
}

pub(crate) fn binomial(n: u32, k: u32) -> u64 {
    (0..u64::from(k)).fold(1, |product, at| product * (u64::from(n) - at) / (at + 1))
}

/// Two tasks of four semaphore operations: five pieces each, up to each of the four permits, which are taken before the
/// budget is asked, and the rest.
pub(crate) fn semaphore() -> Known {
    let scenario = Scenario::new("semaphore", || async {
        let semaphore = Rc::new(Semaphore::new(8));
        for name in ["left", "right"] {
            let semaphore = Rc::clone(&semaphore);
            drop(spawn(name, async move {
                for _ in 0..4 {
                    semaphore.acquire().await.expect("never closed").forget();
                }
            }));
        }
    });
    (scenario.within(whole()), binomial(10, 5))
}

/// A timer beside an event. The event before the timer is set: 2. Before the clock moves: 1. After it: 3 before the
/// timer's task, and 1, or 2 with a cut, after it.
fn timer() -> Known {
    let scenario = Scenario::new("timer", || async {
        drop(spawn("timer", sleep(millis(5))));
        any_moment("event").await;
    });
    (scenario.within(whole()), 2 + 1 + 3 + 1 + 2)
}

/// A draw that gives its poll more cuts: one permit makes two pieces, three make four, and `right` is one piece:
/// 3! / 2! + 5! / 4!.
fn more_cuts() -> Known {
    let scenario = Scenario::new("more operations", || async {
        drop(spawn("left", async {
            let semaphore = Semaphore::new(8);
            for _ in 0..=2 * choose("more", 2) {
                semaphore.acquire().await.expect("never closed").forget();
            }
        }));
        drop(spawn("right", async {}));
    });
    (scenario.within(whole()), 3 + 5)
}

/// An event in every wait: before each of the four polls of the waiting task 2, by who runs first; in each of three waits
/// 1; at the end 1.
fn event_in_waits() -> Known {
    let scenario = Scenario::new("event in waits", || async {
        drop(spawn("waits", async {
            for _ in 0..3 {
                sleep(millis(5)).await;
            }
        }));
        any_moment("event").await;
    });
    (scenario.preemptions(0), 4 * 2 + 3 + 1)
}

/// That many places with that many kinds of faults, at most `bound` of which fire: sum over k of C(places, k) · kinds^k.
pub(crate) fn faults(places: u32, kinds: usize, bound: u32) -> Known {
    const KINDS: [&str; 4] = ["err", "hang", "late", "nothing"];
    let scenario = Scenario::new(format!("{places} places, {kinds} kinds, faults≤{bound}"), move || async move {
        for _ in 0..places {
            let _ = fault("place", &KINDS[..kinds]);
        }
    });
    let runs = (0..=bound.min(places)).map(|fired| binomial(places, fired) * (kinds as u64).pow(fired)).sum();
    (scenario.faults(bound), runs)
}

/// Three sleeps and again three, each three dropped before or after one of them is woken, or not: 1 + 2 · 3 ways each, and
/// of both at most `bound` are dropped.
fn cancelled_sleeps(bound: u32) -> Known {
    let scenario = Scenario::new(format!("sleeps, cancellations≤{bound}"), || async {
        for name in ["first", "second"] {
            let sleeps = async {
                for _ in 0..3 {
                    sleep(millis(1)).await;
                }
            };
            let _ = cancellable(name, sleeps).await;
        }
    });
    let runs = (0..=bound).map(|dropped| binomial(2, dropped) * 6_u64.pow(dropped)).sum();
    (scenario.preemptions(0).cancellations(bound), runs)
}

/// Three draws, the second of which has as many alternatives as the first one says: (2 + 3 + 4) · 5.
fn values() -> Known {
    let scenario = Scenario::new("values", || async {
        let first = choose("a", 3);
        let _ = (choose("b", 2 + first), choose("c", 5));
    });
    (scenario, (2 + 3 + 4) * 5)
}
