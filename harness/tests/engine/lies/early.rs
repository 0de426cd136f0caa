//! Chance and time, where the code under test meets them first.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use nevernone::{Scenario, choose, event, millis, spawn};
use tokio::task::yield_now;
use tokio::time::sleep;

use super::Lie;

pub(super) const LIES: &[Lie] = &[
    Lie { name: "select_before_a_draw", scenario: select_before_a_draw, causes: &["select!"] },
    Lie { name: "select_at_the_end", scenario: select_at_the_end, causes: &["select!"] },
    Lie { name: "random_jitter", scenario: random_jitter, causes: &["rand"] },
    Lie { name: "real_clock", scenario: real_clock, causes: &["a real clock"] },
    Lie { name: "thread_sets_a_flag", scenario: thread_sets_a_flag, causes: &["thread"] },
];

fn select_before_a_draw(name: &'static str) -> Scenario {
    Scenario::new(name, || async {
        let left = tokio::select! { () = async {} => true, () = async {} => false };
        if left {
            let _ = choose("a", 2);
        } else {
            yield_now().await;
        }
    })
}

fn select_at_the_end(name: &'static str) -> Scenario {
    Scenario::new(name, || async {
        let _ = choose("a", 2);
        let left = tokio::select! { () = async {} => true, () = async {} => false };
        event(if left { "left" } else { "right" });
    })
}

/// The usual retry with jitter, beside somebody else's timer.
fn random_jitter(name: &'static str) -> Scenario {
    Scenario::new(name, || async {
        let other = spawn("other", sleep(millis(50)));
        for attempt in 1..=3 {
            sleep(millis(attempt * 10 + rand::random_range(0..10))).await;
        }
        other.await;
    })
}

fn real_clock(name: &'static str) -> Scenario {
    Scenario::new(name, || async {
        let start = Instant::now();
        let mut spins = 0_u32;
        while start.elapsed().as_nanos() < 200 {
            spins += 1;
        }
        event(&format!("{spins} spins, {} ns", start.elapsed().as_nanos()));
    })
}

/// A thread that nobody joins connects while a task asks again and again.
fn thread_sets_a_flag(name: &'static str) -> Scenario {
    Scenario::new(name, || async {
        let flag = Arc::new(AtomicBool::new(false));
        let set = Arc::clone(&flag);
        drop(std::thread::spawn(move || set.store(true, Ordering::SeqCst)));
        while !flag.load(Ordering::SeqCst) {
            yield_now().await;
        }
    })
    .steps(u32::MAX)
}
