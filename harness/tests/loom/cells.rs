//! What threads see of the cells: a value is seen whole, made once, and made anew after a failure.

use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::pin;
use std::task::{Context, Waker};

use loom::future::block_on;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use loom::thread;
use nevernone::loom::{Gate, LazyLock, Model, OnceCell, OnceLock, PLANNED, Sometimes};

pub(crate) const MODELS: &[Model] = &[
    Model::new("once_lock_publishes", once_lock_publishes)
        .claims("whoever sees the value sees all of it")
        .sometimes(&READER_FIRST)
        .sometimes(&READER_LAST),
    Model::new("once_lock_is_made_once", once_lock_is_made_once)
        .claims("of an initialiser, a setter and a second initialiser one gives the value that all see")
        .preemptions(3)
        .sometimes(&SETTER_WON)
        .sometimes(&SETTER_LOST),
    Model::new("once_lock_after_a_panic", once_lock_after_a_panic)
        .claims("a panic is its caller's alone, and whoever waited makes the value")
        .sometimes(&OTHER_MADE_IT),
    Model::new("once_lock_wait", once_lock_wait).claims("whoever waits is woken, and sees all of the value"),
    Model::new("lazy_lock_publishes", lazy_lock_publishes).claims("the first user makes the value, both see all of it"),
    Model::new("once_cell_publishes", once_cell_publishes)
        .claims("whoever sees the value sees all of it")
        .sometimes(&TASK_FIRST)
        .sometimes(&TASK_LAST),
    Model::new("once_cell_after_an_error", once_cell_after_an_error)
        .claims("an error is its caller's alone, and whoever waited makes the value")
        .sometimes(&BOTH_TRIED),
    Model::new("once_cell_after_a_panic", once_cell_after_a_panic)
        .claims("a panic is its caller's alone, and whoever waited makes the value"),
    Model::new("once_cell_hands_on", once_cell_hands_on)
        .claims("a caller that is dropped while it makes the value wakes the next one")
        .preemptions(3)
        .sometimes(&HANDED_ON),
    Model::new("gate_opens", gate_opens).claims(
        "whoever waits at a gate is woken by the waker of its last poll, and sees what was done before it opened",
    ),
];

/// A value in parts, which loom lets everybody see half-made who is not ordered behind its maker.
struct Whole([AtomicUsize; 2]);

impl Whole {
    fn make() -> Self {
        let parts = Self([AtomicUsize::new(0), AtomicUsize::new(0)]);
        for part in &parts.0 {
            part.store(7, Relaxed);
        }
        parts
    }

    fn check(&self) {
        for part in &self.0 {
            assert_eq!(part.load(Relaxed), 7, "half-made");
        }
    }
}

static READER_FIRST: Sometimes = Sometimes::new("the reader came first");
static READER_LAST: Sometimes = Sometimes::new("the reader found the value");

fn once_lock_publishes() {
    let cell = Arc::new(OnceLock::new());
    let reader = {
        let cell = Arc::clone(&cell);
        thread::spawn(move || {
            let seen = cell.get().map(Whole::check);
            READER_FIRST.saw(seen.is_none());
            READER_LAST.saw(seen.is_some());
        })
    };
    cell.get_or_init(Whole::make).check();
    reader.join().unwrap();
}

static SETTER_WON: Sometimes = Sometimes::new("the setter's value stayed");
static SETTER_LOST: Sometimes = Sometimes::new("the setter got its value back");

fn once_lock_is_made_once() {
    let cell = Arc::new(OnceLock::new());
    let other = {
        let cell = Arc::clone(&cell);
        thread::spawn(move || *cell.get_or_init(|| 1))
    };
    let setter = {
        let cell = Arc::clone(&cell);
        thread::spawn(move || cell.set(2))
    };
    let mine = *cell.get_or_init(|| 3);
    let set = setter.join().unwrap();
    assert_eq!((mine, Some(&mine)), (other.join().unwrap(), cell.get()));
    assert_eq!(set, if mine == 2 { Ok(()) } else { Err(2) });
    SETTER_WON.saw(set.is_ok());
    SETTER_LOST.saw(set.is_err());
}

static OTHER_MADE_IT: Sometimes = Sometimes::new("the other caller made the value");

fn once_lock_after_a_panic() {
    let cell = Arc::new(OnceLock::new());
    let other = {
        let cell = Arc::clone(&cell);
        thread::spawn(move || cell.get_or_init(Whole::make).check())
    };
    let mine = catch_unwind(AssertUnwindSafe(|| cell.get_or_init(|| panic_any(PLANNED)).check()));
    OTHER_MADE_IT.saw(mine.is_ok());
    other.join().unwrap();
    cell.get_or_init(|| unreachable!("it is there")).check();
}

fn once_lock_wait() {
    let cell = Arc::new(OnceLock::<Whole>::new());
    let waiters = [(); 2].map(|()| {
        let cell = Arc::clone(&cell);
        thread::spawn(move || cell.wait().check())
    });
    assert!(cell.set(Whole::make()).is_ok());
    for waiter in waiters {
        waiter.join().unwrap();
    }
}

fn lazy_lock_publishes() {
    let made = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&made);
    let lazy = Arc::new(LazyLock::new(move || {
        count.fetch_add(1, Relaxed);
        Whole::make()
    }));
    let other = {
        let lazy = Arc::clone(&lazy);
        thread::spawn(move || lazy.check())
    };
    LazyLock::force(&lazy).check();
    other.join().unwrap();
    assert_eq!(made.load(Relaxed), 1);
}

static TASK_FIRST: Sometimes = Sometimes::new("the reader came first");
static TASK_LAST: Sometimes = Sometimes::new("the reader found the value");

fn once_cell_publishes() {
    let cell = Arc::new(OnceCell::new());
    let reader = {
        let cell = Arc::clone(&cell);
        thread::spawn(move || {
            let seen = cell.get().map(Whole::check);
            TASK_FIRST.saw(seen.is_none());
            TASK_LAST.saw(seen.is_some());
        })
    };
    block_on(cell.get_or_init(|| async { Whole::make() })).check();
    reader.join().unwrap();
}

static BOTH_TRIED: Sometimes = Sometimes::new("one failed, the other made the value");

fn once_cell_after_an_error() {
    let cell = Arc::new(OnceCell::new());
    let other = {
        let cell = Arc::clone(&cell);
        thread::spawn(move || block_on(cell.get_or_init(|| async { Whole::make() })).check())
    };
    let mine = block_on(cell.get_or_try_init(|| async { Err("refused") })).map(Whole::check);
    BOTH_TRIED.saw(mine == Err("refused"));
    assert!(mine.is_err() || cell.initialized(), "whoever was given the value finds it there");
    other.join().unwrap();
    assert!(cell.initialized());
}

fn once_cell_after_a_panic() {
    let cell = Arc::new(OnceCell::new());
    let other = {
        let cell = Arc::clone(&cell);
        thread::spawn(move || block_on(cell.get_or_init(|| async { Whole::make() })).check())
    };
    let init = || async { panic_any(PLANNED) };
    drop(catch_unwind(AssertUnwindSafe(|| block_on(cell.get_or_init(init)).check())));
    other.join().unwrap();
    assert!(cell.initialized());
}

static HANDED_ON: Sometimes = Sometimes::new("a caller was dropped while it made the value");

fn once_cell_hands_on() {
    let cell = Arc::new(OnceCell::new());
    let quitter = {
        let cell = Arc::clone(&cell);
        thread::spawn(move || {
            // A gate that nobody opens: only leaving ends this.
            let mut caller = pin!(cell.get_or_init(|| async {
                Gate::new().await;
                Whole::make()
            }));
            let poll = caller.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            HANDED_ON.saw(poll.is_pending() && !cell.initialized());
        })
    };
    block_on(cell.get_or_init(|| async { Whole::make() })).check();
    quitter.join().unwrap();
}

fn gate_opens() {
    let (gate, done) = (Gate::new(), Arc::new(AtomicUsize::new(0)));
    let opener = {
        let (gate, done) = (gate.clone(), Arc::clone(&done));
        thread::spawn(move || {
            done.store(7, Relaxed);
            gate.open();
        })
    };
    let mut waits = pin!(gate);
    // This one's waker wakes nobody.
    let _ = waits.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    block_on(waits);
    assert_eq!(done.load(Relaxed), 7);
    opener.join().unwrap();
}
