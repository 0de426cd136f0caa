//! Scenarios that keep something from run to run, or seem to.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, RwLock};

use nevernone::{Scenario, choose, event, fault, spawn};
use tokio::sync::OnceCell;
use tokio::task::yield_now;

/// A scenario that is no function of its choices.
pub(crate) struct Kept {
    pub(crate) name: &'static str,
    pub(crate) scenario: fn(&'static str) -> Scenario,
    /// All of these are told,
    pub(crate) told: &'static [&'static str],
    /// and none of these.
    pub(crate) not_told: &'static [&'static str],
    /// Whether the reader is told to isolate runs.
    pub(crate) proposes_the_switch: bool,
}

impl Kept {
    const fn by_static(
        name: &'static str,
        scenario: fn(&'static str) -> Scenario,
        told: &'static [&'static str],
    ) -> Self {
        Kept { name, scenario, told, not_told: INNOCENT, proposes_the_switch: true }
    }

    const fn otherwise(
        name: &'static str,
        scenario: fn(&'static str) -> Scenario,
        told: &'static [&'static str],
    ) -> Self {
        Kept { name, scenario, told, not_told: &["the static", "INNOCENT", "ADDRESS"], proposes_the_switch: false }
    }
}

/// What no message about a static may name.
const INNOCENT: &[&str] = &["INNOCENT", "ADDRESS", "std::", "tokio::", "nevernone::", "the statics"];

pub(crate) const ALL: &[Kept] = &[
    Kept::by_static("once_lock", once_lock, &["outlives a run: the static `statics::scenarios::shop::POOL` changed"]),
    Kept::by_static(
        "tokio_cell",
        tokio_cell,
        &["outlives a run: the static `statics::scenarios::tokio_cell::MANAGER` changed"],
    ),
    Kept::by_static(
        "flag",
        flag,
        &["outlives a run: the static `statics::scenarios::flag::STARTED` changed", "and keeps"],
    ),
    Kept::by_static(
        "flag_before_a_draw",
        flag_before_a_draw,
        &["the static `statics::scenarios::flag_before_a_draw::STARTED`"],
    ),
    Kept::by_static("lazy_lock", lazy_lock, &["outlives a run: the static `statics::scenarios::AGENTS` changed"]),
    Kept::by_static(
        "in_an_async_function",
        in_an_async_function,
        &["the static `statics::scenarios::connect::CONNECTED`"],
    ),
    Kept::by_static("filled_by_the_third_fault", filled_by_the_third_fault, &["_fault::FILLED` changed after"]),
    Kept::by_static(
        "lock_that_is_kept",
        lock_that_is_kept,
        &["the static `statics::scenarios::lock_that_is_kept::LOCK`"],
    ),
    Kept {
        name: "counter",
        scenario: counter,
        told: &["the static `statics::scenarios::counter::RUNS` changed from run to run; the usual causes"],
        not_told: &["INNOCENT", "ADDRESS", "std::", "the statics"],
        proposes_the_switch: true,
    },
    Kept {
        name: "two_cells",
        scenario: two_cells,
        told: &[
            "the statics `statics::scenarios::two_cells::CACHE` and `statics::scenarios::two_cells::DATABASE` changed",
            "and keep the",
        ],
        not_told: &["INNOCENT", "ADDRESS", "std::"],
        proposes_the_switch: true,
    },
    Kept::otherwise("of_this_thread", of_this_thread, &["outlives a run", "a thread-local"]),
    Kept::otherwise("of_the_closure", of_the_closure, &["outlives a run", "a value that the body's closure shares"]),
    Kept::otherwise(
        "order_of_a_map",
        order_of_a_map,
        &["`HashMap`", "no static of the program changed from run to run"],
    ),
    Kept::otherwise("jitter", jitter, &["`rand`", "no static of the program changed from run to run"]),
];

/// Filled by every scenario here in its first run, and read by none: who remembers it is not led astray.
static INNOCENT_CELL: OnceLock<String> = OnceLock::new();

/// The loader writes the address, so that its bytes differ from those in the file.
static ADDRESS: RwLock<&str> = RwLock::new("somewhere");

/// As any service would, on its way.
fn meets_the_innocent() {
    assert_eq!(INNOCENT_CELL.get_or_init(|| "compiled once".to_owned()), "compiled once");
    assert_eq!(*ADDRESS.read().expect("not poisoned"), "somewhere");
}

mod shop {
    use super::{OnceLock, yield_now};

    static POOL: OnceLock<u32> = OnceLock::new();

    pub(super) async fn pool() -> u32 {
        if POOL.get().is_none() {
            yield_now().await;
        }
        *POOL.get_or_init(|| 7)
    }
}

fn once_lock(name: &'static str) -> Scenario {
    Scenario::new(name, || async {
        assert_eq!(shop::pool().await, 7);
    })
}

fn tokio_cell(name: &'static str) -> Scenario {
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

fn flag(name: &'static str) -> Scenario {
    static STARTED: AtomicBool = AtomicBool::new(false);
    Scenario::new(name, || async {
        if !STARTED.swap(true, Ordering::SeqCst) {
            yield_now().await;
        }
    })
}

/// The second run draws what the first one did not.
fn flag_before_a_draw(name: &'static str) -> Scenario {
    static STARTED: AtomicBool = AtomicBool::new(false);
    Scenario::new(name, || async {
        if STARTED.swap(true, Ordering::SeqCst) {
            let _ = choose("who leads", 3);
        }
    })
}

static AGENTS: LazyLock<Mutex<Vec<u32>>> = LazyLock::new(Mutex::default);

fn lazy_lock(name: &'static str) -> Scenario {
    Scenario::new(name, || async {
        let known = AGENTS.lock().expect("not poisoned").first().copied();
        if known.is_none() {
            yield_now().await;
            AGENTS.lock().expect("not poisoned").push(1);
        }
    })
}

async fn connect() {
    static CONNECTED: AtomicU32 = AtomicU32::new(0);
    if CONNECTED.fetch_max(1, Ordering::SeqCst) == 0 {
        yield_now().await;
    }
}

fn in_an_async_function(name: &'static str) -> Scenario {
    Scenario::new(name, connect)
}

fn filled_by_the_third_fault(name: &'static str) -> Scenario {
    static FILLED: AtomicBool = AtomicBool::new(false);
    Scenario::new(name, || async {
        let faults = [fault("first", &["err"]), fault("second", &["err"]), fault("third", &["err"])];
        if faults.iter().all(Option::is_some) {
            FILLED.store(true, Ordering::SeqCst);
        } else if FILLED.load(Ordering::SeqCst) {
            event("warm");
        }
    })
    .faults(3)
}

fn lock_that_is_kept(name: &'static str) -> Scenario {
    static LOCK: Mutex<()> = Mutex::new(());
    Scenario::new(name, || async {
        match LOCK.try_lock() {
            Ok(guard) => std::mem::forget(guard),
            Err(_) => event("somebody else starts it"),
        }
    })
}

/// No run is like the one before.
fn counter(name: &'static str) -> Scenario {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    Scenario::new(name, || async {
        meets_the_innocent();
        event(&format!("run {}", RUNS.fetch_add(1, Ordering::SeqCst)));
    })
}

fn two_cells(name: &'static str) -> Scenario {
    static DATABASE: OnceLock<u32> = OnceLock::new();
    static CACHE: OnceLock<u32> = OnceLock::new();
    Scenario::new(name, || async {
        for cell in [&DATABASE, &CACHE] {
            if cell.set(1).is_ok() {
                yield_now().await;
            }
        }
    })
}

fn of_this_thread(name: &'static str) -> Scenario {
    thread_local!(static FILLED: Cell<bool> = const { Cell::new(false) });
    Scenario::new(name, || async {
        if !FILLED.replace(true) {
            yield_now().await;
        }
    })
}

fn of_the_closure(name: &'static str) -> Scenario {
    let runs = Arc::new(AtomicUsize::new(0));
    Scenario::new(name, move || {
        let run = runs.fetch_add(1, Ordering::SeqCst);
        async move {
            if run == 0 {
                yield_now().await;
            }
        }
    })
}

fn order_of_a_map(name: &'static str) -> Scenario {
    Scenario::new(name, || async {
        meets_the_innocent();
        let agents: HashMap<u32, u32> = (0..8).map(|key| (key, key)).collect();
        for agent in agents.into_values() {
            event(&format!("agent {agent}"));
        }
    })
}

fn jitter(name: &'static str) -> Scenario {
    Scenario::new(name, || async {
        meets_the_innocent();
        tokio::time::sleep(nevernone::millis(rand::random_range(1..1_000))).await;
    })
}
