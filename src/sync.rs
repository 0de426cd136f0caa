//! The primitives through which the cores share: std's, or loom's under the private cfg `nevernone_loom`.
//!
//! This file holds the only cfg of the cores. Whatever is built on these types is what loom drives, as it is: there is
//! no copy for the models. Loom's constructors are not `const`, so no core may keep a static of them.
//!
//! Wakers are the exception: `std::task::Wake` asks for std's `Arc`, so a waker's state lives in that one and only what
//! is *inside* it is modelled.

#[cfg(nevernone_loom)]
use loom::{sync as primitives, thread as threads};
#[cfg(not(nevernone_loom))]
use std::{sync as primitives, thread as threads};

use std::sync::{PoisonError, TryLockError};
use std::task::{Context, Poll, Wake, Waker};

pub use primitives::{Arc, MutexGuard, atomic};

/// Threads, as far as a core needs them: who am I.
pub mod thread {
    pub use super::threads::{ThreadId, current};
}

/// A constructor that is `const` wherever the primitives' own constructors are: everywhere except under loom.
macro_rules! const_outside_loom {
    ($(#[$attribute:meta])* $visibility:vis fn $($rest:tt)*) => {
        #[cfg(not(nevernone_loom))]
        $(#[$attribute])*
        $visibility const fn $($rest)*
        #[cfg(nevernone_loom)]
        $(#[$attribute])*
        $visibility fn $($rest)*
    };
}
pub(crate) use const_outside_loom;

/// A mutex whose `lock` returns the guard itself.
///
/// Poison is ignored. It tells that somebody panicked while holding the lock, and no core calls foreign code there:
/// futures, wakers and destructors all run outside. So a poisoned lock can only mean a bug of the core itself, whose
/// panic was reported where it happened; a second panic in every later caller would hide it.
#[derive(Debug, Default)]
pub struct Mutex<T>(primitives::Mutex<T>);

impl<T> Mutex<T> {
    const_outside_loom! {
        /// A free mutex around `value`.
        pub fn new(value: T) -> Self {
            Self(primitives::Mutex::new(value))
        }
    }

    /// Waits for the lock.
    pub fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lock, if nobody holds it now. For observers, which must not wait.
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poison)) => Some(poison.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

/// A condition variable for [`Mutex`]; may wake spuriously, so wait in a loop.
#[derive(Debug, Default)]
pub struct Condvar(primitives::Condvar);

impl Condvar {
    const_outside_loom! {
        /// A condition variable nobody waits for.
        pub fn new() -> Self {
            Self(primitives::Condvar::new())
        }
    }

    /// Gives the lock back, waits for a notification, takes the lock again.
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        self.0.wait(guard).unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes one waiting thread, if there is one.
    pub fn notify_one(&self) {
        self.0.notify_one();
    }

    /// Wakes every waiting thread.
    pub fn notify_all(&self) {
        self.0.notify_all();
    }
}

/// A cell whose content is reached through raw pointers only, inside a closure, so that loom sees each access.
#[cfg(not(nevernone_loom))]
#[derive(Debug)]
pub struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

#[cfg(not(nevernone_loom))]
impl<T> UnsafeCell<T> {
    /// A cell around `value`.
    pub const fn new(value: T) -> Self {
        Self(std::cell::UnsafeCell::new(value))
    }

    /// Hands out a pointer for reading.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the filled read of a cell is one load: a call would double its cost")]
    pub fn with<R>(&self, read: impl FnOnce(*const T) -> R) -> R {
        read(self.0.get())
    }

    /// Hands out a pointer for writing.
    pub fn with_mut<R>(&self, write: impl FnOnce(*mut T) -> R) -> R {
        write(self.0.get())
    }
}

#[cfg(nevernone_loom)]
pub use loom::cell::UnsafeCell;

/// What a thread sleeps on until a waker is called; a call that came first is not lost.
#[derive(Debug, Default)]
pub struct Parker {
    /// True from a wake-up until the thread takes it.
    woken: Mutex<bool>,
    changed: Condvar,
}

impl Parker {
    /// Blocks the thread until somebody has called the waker since the last time this returned.
    pub fn park(&self) {
        let mut woken = self.woken.lock();
        while !*woken {
            woken = self.changed.wait(woken);
        }
        *woken = false;
    }
}

impl Wake for Parker {
    fn wake(self: std::sync::Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &std::sync::Arc<Self>) {
        *self.woken.lock() = true;
        self.changed.notify_one();
    }
}

/// Polls on this thread until there is an answer, sleeping in between.
///
/// # Panics
/// With whatever panic `poll` raises.
pub fn block_on_poll<R>(mut poll: impl FnMut(&mut Context<'_>) -> Poll<R>) -> R {
    let parker = std::sync::Arc::new(Parker::default());
    let waker = Waker::from(std::sync::Arc::clone(&parker));
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(answer) = poll(&mut context) {
            return answer;
        }
        parker.park();
    }
}
