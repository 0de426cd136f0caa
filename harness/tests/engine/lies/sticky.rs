//! What one run leaves to the next.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use nevernone::{Scenario, choose, event, fault, spawn};
use tokio::sync::OnceCell;
use tokio::task::yield_now;

use super::Lie;

pub(super) const LIES: &[Lie] = &[
    Lie {
        name: "cell_filled_by_the_first_run",
        scenario: cell_filled_by_the_first_run,
        causes: &[named("cell_filled_by_the_first_run::MANAGER")],
    },
    Lie { name: "thread_local_of_the_first_run", scenario: thread_local_of_the_first_run, causes: &["a thread-local"] },
    Lie { name: "lock_held_over_runs", scenario: lock_held_over_runs, causes: &[named("lock_held_over_runs::LOCK")] },
    Lie { name: "counter_of_the_closure", scenario: counter_of_the_closure, causes: &["closure shares"] },
    Lie { name: "filled_by_a_fault", scenario: filled_by_a_fault, causes: &[named("filled_by_a_fault::FILLED")] },
    Lie {
        name: "filled_late_in_a_large_tree",
        scenario: filled_late_in_a_large_tree,
        causes: &[named("filled_late_in_a_large_tree::FILLED")],
    },
];

/// What is told where the program can read its own statics, or else where it cannot.
const fn named(name: &'static str) -> &'static str {
    if cfg!(target_os = "linux") { name } else { "a static" }
}

/// The incident's own pattern: a process-wide cell, which only the first run of all fills.
fn cell_filled_by_the_first_run(name: &'static str) -> Scenario {
    static MANAGER: OnceCell<u32> = OnceCell::const_new();
    Scenario::new(name, || async {
        for caller in ["left", "right"] {
            drop(spawn(caller, async {
                let create = || async {
                    yield_now().await;
                    7
                };
                MANAGER.get_or_init(create).await;
            }));
        }
    })
}

fn thread_local_of_the_first_run(name: &'static str) -> Scenario {
    thread_local!(static FILLED: Cell<bool> = const { Cell::new(false) });
    Scenario::new(name, || async {
        if !FILLED.replace(true) {
            yield_now().await;
        }
    })
}

fn lock_held_over_runs(name: &'static str) -> Scenario {
    static LOCK: Mutex<()> = Mutex::new(());
    Scenario::new(name, || async {
        match LOCK.try_lock() {
            Ok(guard) => std::mem::forget(guard),
            Err(_) => event("somebody else starts it"),
        }
    })
}

fn counter_of_the_closure(name: &'static str) -> Scenario {
    let runs = Arc::new(AtomicUsize::new(0));
    Scenario::new(name, move || {
        let run = runs.fetch_add(1, Ordering::SeqCst);
        async move {
            let _ = choose("a", 3);
            if run >= 7 {
                event("warmed up");
            }
        }
    })
}

/// Before the first fault of all it yields, and never again: the pass that counts comes later, and sees no yield.
fn filled_by_a_fault(name: &'static str) -> Scenario {
    static FILLED: AtomicBool = AtomicBool::new(false);
    Scenario::new(name, || async {
        if fault("connect", &["err"]).is_some() {
            FILLED.store(true, Ordering::SeqCst);
        } else if !FILLED.load(Ordering::SeqCst) {
            yield_now().await;
        }
    })
}

/// The run that comes first in the tree depends on what only three faults fill, long after it.
fn filled_late_in_a_large_tree(name: &'static str) -> Scenario {
    static FILLED: AtomicBool = AtomicBool::new(false);
    Scenario::new(name, || async {
        let chosen = (choose("a", 40), choose("b", 40));
        let faults = [fault("first", &["err"]), fault("second", &["err"]), fault("third", &["err"])];
        if faults.iter().all(Option::is_some) {
            FILLED.store(true, Ordering::SeqCst);
        } else if chosen == (0, 0) && faults == [None; 3] && FILLED.load(Ordering::SeqCst) {
            event("warm");
        }
    })
    .faults(3)
}
