//! The value, the one word that says whether it may be read, and the lock of whoever changes that word.
//!
//! All `unsafe` of the crate is here, behind an interface that cannot be misused: to change the slot one needs a
//! [`Locked`], and only the slot's own lock gives one.

use std::mem::MaybeUninit;
use std::ops::{Deref, DerefMut};

use crate::sync::atomic::{AtomicU32, Ordering};
use crate::sync::{Mutex, MutexGuard, UnsafeCell, const_outside_loom};

/// The value is written and may be read for as long as the slot lives. Zero, since that is what a processor compares with
/// for nothing.
const FILLED: u32 = 0b00;
/// Nothing was written yet; cleared once, never set again.
const EMPTY: u32 = 0b01;
/// Nobody may be given the value any more; set once, never cleared.
const RETIRED: u32 = 0b10;

/// A place for one value: empty, then filled for good; in either condition it can be retired, for good as well.
/// `G` is what the lock guards besides.
///
/// In this order in memory: a read of a filled slot touches the word and the value, which are best on one line of the
/// cache, and never what the lock guards.
#[repr(C)]
pub(super) struct Slot<T, G> {
    /// `EMPTY` is cleared exactly when `value` is initialised. Written under the lock only. A whole word: reading a byte
    /// measured a third slower in a tight loop.
    state: AtomicU32,
    /// Written once, under the lock, before `EMPTY` is cleared; from then on only read, until the slot is dropped.
    value: UnsafeCell<MaybeUninit<T>>,
    guarded: Mutex<G>,
}

// SAFETY: sharing a slot shares `&T` between threads (T: Sync), and lets one thread fill it with a value that another
// one drops with the slot (T: Send). Access to `value` is ordered by `state`, see `get` and `fill`. `guarded` is shared
// as any mutex is (G: Send).
unsafe impl<T: Send + Sync, G: Send> Sync for Slot<T, G> {}

impl<T, G> Slot<T, G> {
    const_outside_loom! {
        pub(super) fn new(guarded: G) -> Self {
            Self {
                state: AtomicU32::new(EMPTY),
                value: UnsafeCell::new(MaybeUninit::uninit()),
                guarded: Mutex::new(guarded),
            }
        }
    }

    /// The value, unless the slot is empty or retired: one load, one comparison.
    #[inline]
    pub(super) fn get(&self) -> Option<&T> {
        // Acquire pairs with the Release in `fill`: whoever sees FILLED sees every byte of the value.
        if self.state.load(Ordering::Acquire) == FILLED {
            // SAFETY: FILLED was read, so the write in `fill` happened before; nothing writes after that until the slot
            // is dropped, which the returned borrow of `self` prevents, retired or not.
            Some(self.value.with(|value| unsafe { (*value).assume_init_ref() }))
        } else {
            None
        }
    }

    /// Waits for the lock, without which nothing changes here.
    pub(super) fn lock(&self) -> Locked<'_, T, G> {
        Locked { slot: self, guard: self.guarded.lock() }
    }
}

impl<T, G> Drop for Slot<T, G> {
    fn drop(&mut self) {
        // Relaxed: `&mut self` means that every other access happened before, by whatever ended the sharing.
        if self.state.load(Ordering::Relaxed) & EMPTY == 0 {
            self.value.with_mut(|value| {
                // SAFETY: not EMPTY, so the value is initialised; it is dropped here and nowhere else.
                unsafe { (*value).assume_init_drop() };
            });
        }
    }
}

/// The slot while its lock is held.
pub(super) struct Locked<'a, T, G> {
    slot: &'a Slot<T, G>,
    guard: MutexGuard<'a, G>,
}

impl<T, G> Locked<'_, T, G> {
    /// True once `retire` was called.
    pub(super) fn is_retired(&self) -> bool {
        self.state() & RETIRED != 0
    }

    /// Puts the value in, for good; gives it back if the slot is filled or retired.
    pub(super) fn fill(&mut self, value: T) -> Result<(), T> {
        if self.state() != EMPTY {
            return Err(value);
        }
        self.slot.value.with_mut(|place| {
            // SAFETY: the lock is held, so nobody else writes; the state is EMPTY, so nobody has read, nor will before
            // FILLED is stored below.
            unsafe { (*place).write(value) };
        });
        // Release: publishes the write above to every `get` that reads this FILLED. It must come after the write.
        self.slot.state.store(FILLED, Ordering::Release);
        Ok(())
    }

    /// Makes `get` return None from now on. What was borrowed before stays valid.
    pub(super) fn retire(&mut self) {
        // Relaxed: the bit guards no data, and who sees it reads none. EMPTY stays as it is, by which Drop knows whether
        // there is a value. Two steps: with the lock held nobody writes between them.
        let retired = self.state() | RETIRED;
        self.slot.state.store(retired, Ordering::Relaxed);
    }

    fn state(&self) -> u32 {
        // Relaxed: every store is made under the lock that is held here, so this reads the newest one.
        self.slot.state.load(Ordering::Relaxed)
    }
}

impl<T, G> Deref for Locked<'_, T, G> {
    type Target = G;

    fn deref(&self) -> &G {
        &self.guard
    }
}

impl<T, G> DerefMut for Locked<'_, T, G> {
    fn deref_mut(&mut self) -> &mut G {
        &mut self.guard
    }
}
