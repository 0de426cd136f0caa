//! `std::sync::LazyLock` over loom's primitives.

use std::fmt;
use std::ops::Deref;
use std::sync::{Mutex, PoisonError};

use super::OnceLock;

/// [`std::sync::LazyLock`], with its methods and its outcomes, for code that is built on loom's primitives.
///
/// What differs: it lives inside a model only, and its constructor is not `const`. So it can be no static; for those there
/// is `loom::lazy_static!`, whose initialiser is made anew in each execution.
///
/// An initialiser that panics poisons it, as std's: every later use panics. A model says so with
/// [`plans`](super::Model::plans).
///
/// ```
/// # fn main() {
/// use loom::sync::Arc;
/// use nevernone::loom::LazyLock;
///
/// loom::model(|| {
///     let region = Arc::new(LazyLock::new(|| "eu-west".to_owned()));
///     let other = Arc::clone(&region);
///     let reader = loom::thread::spawn(move || other.len());
///     assert_eq!((region.as_str(), reader.join().unwrap()), ("eu-west", 7));
/// });
/// # }
/// ```
pub struct LazyLock<T, F = fn() -> T> {
    cell: OnceLock<T>,
    /// Taken by the one who makes the value; gone although the cell is empty means that it panicked. Std's mutex, since
    /// only the holder of the cell's turn comes here: loom's own lock orders them.
    init: Mutex<Option<F>>,
}

impl<T, F: FnOnce() -> T> LazyLock<T, F> {
    /// A value that `init` makes at its first use. Not `const`, as no constructor of loom's is.
    pub fn new(init: F) -> Self {
        Self { cell: OnceLock::new(), init: Mutex::new(Some(init)) }
    }

    /// The value, made now if this is its first use. Of users at one time one makes it and the others wait.
    ///
    /// # Panics
    /// With the panic of the initialiser, and for good after that.
    pub fn force(this: &Self) -> &T {
        this.cell.get_or_init(|| {
            let init = this.init.lock().unwrap_or_else(PoisonError::into_inner).take();
            match init {
                Some(init) => init(),
                None => panic!("LazyLock instance has previously been poisoned"),
            }
        })
    }
}

impl<T, F: FnOnce() -> T> Deref for LazyLock<T, F> {
    type Target = T;

    fn deref(&self) -> &T {
        Self::force(self)
    }
}

impl<T: Default> Default for LazyLock<T> {
    fn default() -> Self {
        Self::new(T::default)
    }
}

impl<T: fmt::Debug, F> fmt::Debug for LazyLock<T, F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_tuple("LazyLock");
        match self.cell.get() {
            Some(value) => shown.field(value),
            None => shown.field(&format_args!("<uninit>")),
        };
        shown.finish()
    }
}
