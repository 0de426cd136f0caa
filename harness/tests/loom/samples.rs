//! Models of every verdict, for the runner's own tests.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use nevernone::loom::{Model, PLANNED, Sometimes};

pub(crate) const MODELS: &[Model] = &[
    Model::new("complete", two_threads).claims("both threads end"),
    Model::new("bounded", two_threads).preemptions(1),
    Model::new("cut_short", two_threads).max_executions(2),
    Model::new("vacuous", || NEVER.saw(race() > 2)).sometimes(&NEVER),
    Model::new("caught_panic", || drop(std::panic::catch_unwind(|| panic!("swallowed")))),
    Model::new("caught_early", || {
        drop(std::panic::catch_unwind(|| panic!("swallowed")));
        two_threads();
    })
    .max_executions(2),
    Model::new("planned_and_not_caught", || std::panic::panic_any(PLANNED)),
    Model::new("lost_update", || assert_eq!(race(), 2, "an update was lost")),
    Model::new("after_a_failure", || {}),
    Model::new("dies", || std::process::exit(77)),
    Model::new("grows", || assert!(grows() <= 40)),
];

fn two_threads() {
    assert!(race() <= 2);
}

static NEVER: Sometimes = Sometimes::new("two threads made three updates");

/// More executions than anybody waits for.
fn grows() -> usize {
    let sum = Arc::new(AtomicUsize::new(0));
    let threads = [(); 3].map(|()| {
        let sum = Arc::clone(&sum);
        thread::spawn(move || {
            for _ in 0..10 {
                sum.fetch_add(1, Ordering::Relaxed);
            }
        })
    });
    sum.fetch_add(10, Ordering::Relaxed);
    for thread in threads {
        thread.join().unwrap();
    }
    sum.load(Ordering::Relaxed)
}

/// Two threads that add one each, without care.
fn race() -> usize {
    let sum = Arc::new(AtomicUsize::new(0));
    let add = |sum: &AtomicUsize| sum.store(sum.load(Ordering::SeqCst) + 1, Ordering::SeqCst);
    let other = {
        let sum = Arc::clone(&sum);
        thread::spawn(move || add(&sum))
    };
    add(&sum);
    other.join().unwrap();
    sum.load(Ordering::SeqCst)
}
