//! Names that were read from a file, where the program itself has literals.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The literal for a name: it stays until the process ends, once, however often it is read. What is read are the names
/// that a program gave its goals and faults, so they are few.
pub(crate) fn interned(name: &str) -> &'static str {
    let mut known = known();
    if let Some(literal) = known.get(name) {
        return literal;
    }
    let literal: &'static str = Box::leak(name.into());
    known.insert(literal);
    literal
}

/// Does something, a fork, while no other thread holds the table: its copy in the child would stay locked for ever.
#[cfg(unix)]
pub(crate) fn while_nobody_adds<R>(act: impl FnOnce() -> R) -> R {
    let _known = known();
    act()
}

fn known() -> MutexGuard<'static, BTreeSet<&'static str>> {
    static KNOWN: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    // A panic cannot leave a set of references half changed.
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}
