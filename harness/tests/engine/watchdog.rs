//! Steps that never return: each is a failure with a name and a token, and the search that met it ends.

use std::rc::Rc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nevernone::campaign::{Replayed, replay};
use nevernone::choice::token::Token;
use nevernone::{Ending, Scenario, Verdict, fault, spawn};
use tokio::task::yield_now;

use crate::search;

/// A `std` lock held across an await, where a fault makes the second task come for it.
fn lock_held_across_an_await() -> Scenario {
    Scenario::new("lock", || async {
        let lock = Rc::new(Mutex::new(()));
        let holder = spawn("holder", {
            let lock = Rc::clone(&lock);
            async move {
                let _guard = lock.lock();
                yield_now().await;
            }
        });
        if fault("request", &["early"]).is_some() {
            drop(spawn("blocked", async move { drop(lock.lock()) }));
        }
        holder.await;
    })
    .watchdog(Duration::from_millis(500))
}

#[test]
fn a_lock_held_across_an_await_is_told_with_its_task_and_a_token_that_does_it_again() {
    let scenario = lock_held_across_an_await();
    let report = search(&scenario);
    assert_eq!(report.verdict, Verdict::Failed, "{report:?}");
    let failure = report.failure.expect("found");
    assert_eq!((failure.property.as_str(), failure.cost), ("watchdog", 1));
    assert!(failure.message.contains("a step of `blocked` did not return"), "{}", failure.message);
    assert!(failure.timeline.iter().any(|line| line.what.contains("fault at request: early")), "{failure:?}");
    let token: Token = failure.token.parse().expect("a token");
    let Replayed { ending, timeline, .. } = replay(&scenario, &token).expect("fits");
    let Ending::Failed(again) = ending else { panic!("{ending:?}") };
    assert_eq!((again.message, timeline), (failure.message, failure.timeline));
}

#[test]
fn a_property_that_loops_for_ever_is_named() {
    // Lets the threads that were given up go in the end: they would keep the other tests waiting.
    static RELEASED: AtomicBool = AtomicBool::new(false);
    let loops = || {
        while !RELEASED.load(Ordering::Relaxed) {
            std::hint::spin_loop();
        }
        true
    };
    let scenario = Scenario::new("loop", move || async move { nevernone::always("loops", loops) });
    let report = search(&scenario.watchdog(Duration::from_millis(500)));
    RELEASED.store(true, Ordering::Relaxed);
    assert!(report.failure.expect("found").message.contains("a step of `loops`"));
}
