//! What loom 0.7 does not model: each limit that the docs name, held fast. A loom that sees more turns one of these red, and
//! then the docs say too much.

use std::sync::PoisonError;

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;
use nevernone::loom::{Model, Sometimes};

pub(crate) const MODELS: &[Model] = &[
    Model::new("limit_load_buffering", load_buffering)
        .claims("a limit of loom's: no load sees what a later store of its own thread makes possible")
        .sometimes(&ONE_SAW_THE_OTHER),
    Model::new("limit_stale_only_for_loads", stale_only_for_loads)
        .claims("a limit of loom's: a read-modify-write sees the newest value, which two relaxed stores need not be")
        .sometimes(&SAW_THE_FLAG),
    Model::new("limit_seven_stores", seven_stores)
        .claims("a limit of loom's: a load sees one of the seven newest stores, and none before")
        .sometimes(&SAW_THE_LAST),
    Model::new("limit_weak_exchange", weak_exchange)
        .claims("a limit of loom's: compare_exchange_weak never fails without a reason"),
    Model::new("limit_no_spurious_wake_up", no_spurious_wake_up)
        .claims("a limit of loom's: a condition variable never wakes for nothing"),
    Model::new("limit_seq_cst_is_acq_rel", seq_cst_is_acq_rel)
        .claims("a limit of loom's, a false alarm: of two that store and then look, both SeqCst, both may see nothing")
        .sometimes(&BOTH_SAW_NOTHING),
];

fn two() -> (Arc<AtomicUsize>, Arc<AtomicUsize>) {
    (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)))
}

/// Loads `from`, then stores 1 into `to`, relaxed: a processor may do the second before the first.
fn load_then_store(from: &AtomicUsize, to: &AtomicUsize) -> usize {
    let seen = from.load(Ordering::Relaxed);
    to.store(1, Ordering::Relaxed);
    seen
}

static ONE_SAW_THE_OTHER: Sometimes = Sometimes::new("one thread saw what the other one had stored");

/// ARM does it, C++ permits it: both loads see 1.
fn load_buffering() {
    let (one, two) = two();
    let other = {
        let (one, two) = (Arc::clone(&one), Arc::clone(&two));
        thread::spawn(move || load_then_store(&two, &one))
    };
    let mine = load_then_store(&one, &two);
    let theirs = other.join().unwrap();
    ONE_SAW_THE_OTHER.saw(mine != theirs);
    assert_ne!((mine, theirs), (1, 1), "loom models load buffering");
}

static SAW_THE_FLAG: Sometimes = Sometimes::new("the flag was seen");

/// The stores are relaxed, so that the flag may be there before the value: a load would see that, an addition does not.
fn stale_only_for_loads() {
    let (value, flag) = two();
    let writer = {
        let (value, flag) = (Arc::clone(&value), Arc::clone(&flag));
        thread::spawn(move || {
            value.fetch_add(1, Ordering::Relaxed);
            flag.store(1, Ordering::Relaxed);
        })
    };
    let is_there = flag.load(Ordering::Relaxed) == 1;
    let before = value.fetch_add(1, Ordering::Relaxed);
    SAW_THE_FLAG.saw(is_there);
    assert!(!is_there || before == 1, "loom models a read-modify-write before one that was executed");
    writer.join().unwrap();
}

static SAW_THE_LAST: Sometimes = Sometimes::new("the reader saw the last store");

/// The reader may see any of nine values when it finds the flag.
fn seven_stores() {
    let (value, flag) = two();
    let writer = {
        let (value, flag) = (Arc::clone(&value), Arc::clone(&flag));
        thread::spawn(move || {
            for number in 1..=8 {
                value.store(number, Ordering::Relaxed);
            }
            flag.store(1, Ordering::Relaxed);
        })
    };
    if flag.load(Ordering::Relaxed) == 1 {
        let seen = value.load(Ordering::Relaxed);
        SAW_THE_LAST.saw(seen == 8);
        assert!(seen >= 2, "loom remembers more than seven stores: {seen}");
    }
    writer.join().unwrap();
}

fn weak_exchange() {
    let value = Arc::new(AtomicUsize::new(0));
    let reader = {
        let value = Arc::clone(&value);
        thread::spawn(move || value.load(Ordering::Relaxed))
    };
    let exchanged = value.compare_exchange_weak(0, 1, Ordering::Relaxed, Ordering::Relaxed);
    assert_eq!(exchanged, Ok(0), "loom lets a weak exchange fail");
    reader.join().unwrap();
}

fn no_spurious_wake_up() {
    let shared = Arc::new((Mutex::new(false), Condvar::new()));
    let teller = {
        let shared = Arc::clone(&shared);
        thread::spawn(move || {
            *shared.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
            shared.1.notify_one();
        })
    };
    let mut told = shared.0.lock().unwrap_or_else(PoisonError::into_inner);
    if !*told {
        told = shared.1.wait(told).unwrap_or_else(PoisonError::into_inner);
    }
    assert!(*told, "loom wakes for nothing");
    drop(told);
    teller.join().unwrap();
}

/// Stores 1 into `mine`, then loads `theirs`.
fn store_then_load(mine: &AtomicUsize, theirs: &AtomicUsize) -> usize {
    mine.store(1, Ordering::SeqCst);
    theirs.load(Ordering::SeqCst)
}

static BOTH_SAW_NOTHING: Sometimes = Sometimes::new("neither saw the other's store");

/// One order of all four operations, which `SeqCst` promises, rules it out.
fn seq_cst_is_acq_rel() {
    let (one, two) = two();
    let other = {
        let (one, two) = (Arc::clone(&one), Arc::clone(&two));
        thread::spawn(move || store_then_load(&two, &one))
    };
    let mine = store_then_load(&one, &two);
    BOTH_SAW_NOTHING.saw(mine + other.join().unwrap() == 0);
}
