//! Where a task waits: the backtrace of whoever took its waker.
//!
//! A future that suspends clones the waker that it was polled with, and drops the clone when it waits no more. In a
//! replay, and nowhere else, each clone knows by which way it was taken; the user's own line among those frames is where
//! the task waits. `std` lets a waker notice its clones only through a `RawWaker`, whose functions are unsafe; they are
//! all here.

use std::backtrace::Backtrace;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{RawWaker, RawWakerVTable, Waker};
use std::time::Duration;

/// One poll may ask for any number of wakers, as a `join` of a thousand does; people read the first few.
const MOST: usize = 8;

/// A poll that suspended.
#[derive(Debug)]
pub(super) struct Suspension {
    /// Virtual time of the poll.
    pub(super) since: Duration,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    /// The poll is over: who clones the waker now is not the task.
    closed: bool,
    /// Told from one another by a number that only grows.
    next: u64,
    /// Whoever took it and holds it still, in the order in which they did.
    by: Vec<(u64, Backtrace)>,
}

impl Suspension {
    /// A poll that begins now, and the waker to poll with. A new one for every poll: a future that is polled again
    /// clones no waker that it holds already.
    pub(super) fn begin(since: Duration, inner: &Waker) -> (Suspension, Waker) {
        let taken: Arc<Mutex<Taken>> = Arc::default();
        let raw = raw(Witness { inner: inner.clone(), taken: Arc::clone(&taken), number: None });
        // SAFETY: `VTABLE`'s functions keep the contract of `RawWaker`: the pointer is an `Arc<Witness>`'s, of which this
        // waker owns the one count; `clone` makes an `Arc` of its own, and `wake` and `drop` give theirs back. `Witness` is `Send` and `Sync`, as
        // is asserted below.
        (Suspension { since, taken }, unsafe { Waker::from_raw(raw) })
    }

    /// The poll is over.
    pub(super) fn end(&self) {
        lock(&self.taken).closed = true;
    }

    /// Whether anybody holds the waker.
    pub(super) fn was_seen(&self) -> bool {
        !lock(&self.taken).by.is_empty()
    }

    /// By which ways those who hold the waker took it.
    pub(super) fn backtraces(&self) -> Vec<String> {
        lock(&self.taken).by.iter().map(|(_, way)| way.to_string()).collect()
    }
}

/// A task's waker that tells who takes it.
struct Witness {
    inner: Waker,
    taken: Arc<Mutex<Taken>>,
    /// Its entry, if it has one: the task's own waker and clones made outside of its poll have none.
    number: Option<u64>,
}

const _: () = {
    const fn can_be_sent_and_shared<T: Send + Sync>() {}
    can_be_sent_and_shared::<Witness>();
};

impl Witness {
    /// A clone, with an entry of its own.
    fn taken_again(&self) -> Witness {
        let mut taken = lock(&self.taken);
        let entered = !taken.closed && taken.by.len() < MOST;
        let number = entered.then(|| {
            taken.next += 1;
            let number = taken.next;
            taken.by.push((number, Backtrace::force_capture()));
            number
        });
        Witness { inner: self.inner.clone(), taken: Arc::clone(&self.taken), number }
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            lock(&self.taken).by.retain(|(other, _)| *other != number);
        }
    }
}

fn lock(taken: &Mutex<Taken>) -> MutexGuard<'_, Taken> {
    // Nothing inside can panic half-way, so a poisoned lock still guards a consistent list.
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a waker is made of; whoever makes one of it owns the `Arc`.
fn raw(witness: Witness) -> RawWaker {
    RawWaker::new(Arc::into_raw(Arc::new(witness)).cast(), &VTABLE)
}

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_waker);

/// # Safety
/// `data` is the pointer of a live waker of [`VTABLE`].
unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: the waker that is being cloned owns a count of the `Arc`, so what it points to is alive.
    let witness = unsafe { &*data.cast::<Witness>() };
    raw(witness.taken_again())
}

/// # Safety
/// `data` is the pointer of a live waker of [`VTABLE`], which is used up.
unsafe fn wake(data: *const ()) {
    // SAFETY: the waker owned a count of the `Arc` and is gone, so the count is this function's to give back.
    let witness = unsafe { Arc::from_raw(data.cast::<Witness>()) };
    witness.inner.wake_by_ref();
}

/// # Safety
/// `data` is the pointer of a live waker of [`VTABLE`].
unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: the waker owns a count of the `Arc`, so what it points to is alive.
    let witness = unsafe { &*data.cast::<Witness>() };
    witness.inner.wake_by_ref();
}

/// # Safety
/// `data` is the pointer of a live waker of [`VTABLE`], which is used up.
unsafe fn drop_waker(data: *const ()) {
    // SAFETY: the waker owned a count of the `Arc` and is gone, so the count is this function's to give back.
    drop(unsafe { Arc::from_raw(data.cast::<Witness>()) });
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::task::{Wake, Waker};
    use std::time::Duration;

    use super::{MOST, Suspension};

    #[derive(Default)]
    struct Count(AtomicU32);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn every_clone_wakes_is_given_back_and_is_seen_while_the_poll_lasts() {
        let count = Arc::new(Count::default());
        let inner = Waker::from(Arc::clone(&count));
        let (suspension, waker) = Suspension::begin(Duration::ZERO, &inner);
        drop(waker.clone());
        assert!(!suspension.was_seen(), "who has dropped it waits no more");
        let clones: Vec<Waker> = (0..2 * MOST).map(|_| waker.clone()).collect();
        suspension.end();
        let late = waker.clone();
        assert_eq!(suspension.backtraces().len(), MOST);
        // From another thread too, as wakers may be.
        std::thread::spawn(move || clones.into_iter().for_each(Waker::wake)).join().unwrap();
        late.wake_by_ref();
        drop((late, waker, inner));
        assert_eq!(count.0.load(Ordering::Relaxed), u32::try_from(2 * MOST + 1).unwrap());
        assert_eq!(Arc::strong_count(&count), 1, "every waker was given back");
    }
}
