//! `std::sync::OnceLock` over loom's primitives.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::PoisonError;

use loom::sync::atomic::{AtomicBool, Ordering};
use loom::sync::{Condvar, Mutex, MutexGuard};
use loom::thread::{self, ThreadId};

/// [`std::sync::OnceLock`], with its methods and its outcomes, for code that is built on loom's primitives.
///
/// What differs: it lives inside a model only, its constructor is not `const`, and an initialiser that asks for its own
/// cell panics by name, where std's waits for ever.
///
/// ```
/// # fn main() {
/// let mut models = loom::model::Builder::new();
/// models.preemption_bound = Some(2);
/// models.check(|| {
///     let cell = nevernone::loom::OnceLock::new();
///     assert_eq!((cell.set(1), cell.set(2), cell.get()), (Ok(()), Err(2), Some(&1)));
/// });
/// # }
/// ```
pub struct OnceLock<T> {
    /// What loom sees of the publication: set after `value` is.
    filled: AtomicBool,
    /// Gives the value its place, for as long as the cell lives. Filled under `turn` and by its holder alone; read by those
    /// who saw `filled`, or hold `turn`. Loom's threads take turns on one thread, so it never makes one wait.
    value: std::sync::OnceLock<T>,
    /// Who makes the value now. No foreign code runs under this lock: a panic there would poison loom's mutex for good.
    turn: Mutex<Option<ThreadId>>,
    /// Told whenever `turn` becomes free.
    over: Condvar,
}

impl<T> OnceLock<T> {
    /// An empty cell. Not `const`, as no constructor of loom's is.
    pub fn new() -> Self {
        Self::holding(std::sync::OnceLock::new())
    }

    /// The value, unless there is none yet. Never waits, not even for an initialiser at work.
    pub fn get(&self) -> Option<&T> {
        // Acquire pairs with the Release in `fill`: whoever sees the flag sees all of the value.
        if self.filled.load(Ordering::Acquire) { self.value.get() } else { None }
    }

    /// The value, to change it.
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.value.get_mut()
    }

    /// The value, once there is one.
    pub fn wait(&self) -> &T {
        if let Some(value) = self.get() {
            return value;
        }
        let mut turn = self.turn();
        loop {
            // Under the lock, so that whoever filled it did so before.
            if let Some(value) = self.value.get() {
                return value;
            }
            turn = self.over.wait(turn).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Puts a value in, unless there is one; waits for an initialiser at work.
    ///
    /// # Errors
    /// The value, given back.
    pub fn set(&self, value: T) -> Result<(), T> {
        let mut value = Some(value);
        self.get_or_init(|| value.take().unwrap_or_else(|| unreachable!("an initialiser is called once")));
        value.map_or(Ok(()), Err)
    }

    /// The value, made by `init` if there is none. Of callers at one time one makes it and the others wait.
    ///
    /// # Panics
    /// With the panic of `init`, after which the cell is empty as before, and the next caller tries again. Also where
    /// `init` asks for the value it makes.
    pub fn get_or_init<F: FnOnce() -> T>(&self, init: F) -> &T {
        if let Some(value) = self.get() {
            return value;
        }
        if self.take_turn() {
            // Caught, so that the cell is free again before anything unwinds: loom would switch threads while unwinding,
            // and every other thread's mutexes would take the panic for their own.
            self.end_turn(catch_unwind(AssertUnwindSafe(init)));
        }
        self.value.get().expect("whoever had the turn has filled the cell")
    }

    /// The value, taken out of the cell, which ends.
    pub fn into_inner(self) -> Option<T> {
        self.value.into_inner()
    }

    /// The value, taken out; the cell is empty again.
    pub fn take(&mut self) -> Option<T> {
        std::mem::take(self).into_inner()
    }

    fn holding(value: std::sync::OnceLock<T>) -> Self {
        let filled = AtomicBool::new(value.get().is_some());
        Self { filled, value, turn: Mutex::new(None), over: Condvar::new() }
    }

    fn turn(&self) -> MutexGuard<'_, Option<ThreadId>> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until it is this thread's turn to make the value; false if it is made already.
    fn take_turn(&self) -> bool {
        let me = thread::current().id();
        let mut turn = self.turn();
        loop {
            if self.value.get().is_some() {
                return false;
            }
            match *turn {
                None => {
                    *turn = Some(me);
                    return true;
                }
                Some(other) if other == me => {
                    drop(turn);
                    panic!("an initialiser asks for the cell that it fills: std's OnceLock would wait for ever");
                }
                Some(_) => turn = self.over.wait(turn).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// Lets the next one see, or try. A panic goes on from here.
    fn end_turn(&self, made: std::thread::Result<T>) {
        let panic = {
            // The value under the lock as well: who finds it there by the lock alone must be ordered behind it. Filled
            // before the lock, it would be seen half-made; that it is filled after the turn is free shows in no model,
            // since loom switches threads at neither of the two.
            let mut turn = self.turn();
            *turn = None;
            made.map(|value| self.fill(value)).err()
        };
        self.over.notify_all();
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }

    fn fill(&self, value: T) {
        assert!(self.value.set(value).is_ok(), "only the holder of the turn fills");
        // Release: publishes the value to every `get` that sees the flag. It comes after the value, as in std's, although
        // no model shows it: the value's place is not loom's, so that threads switch before both or after both.
        self.filled.store(true, Ordering::Release);
    }
}

impl<T> Default for OnceLock<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> From<T> for OnceLock<T> {
    fn from(value: T) -> Self {
        Self::holding(value.into())
    }
}

impl<T: Clone> Clone for OnceLock<T> {
    fn clone(&self) -> Self {
        self.get().map_or_else(Self::new, |value| Self::from(value.clone()))
    }
}

impl<T: PartialEq> PartialEq for OnceLock<T> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq> Eq for OnceLock<T> {}

impl<T: fmt::Debug> fmt::Debug for OnceLock<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_tuple("OnceLock");
        match self.get() {
            Some(value) => shown.field(value),
            None => shown.field(&format_args!("<uninit>")),
        };
        shown.finish()
    }
}
