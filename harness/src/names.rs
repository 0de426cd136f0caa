//! Names that were read from a file, where the program itself has literals.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// The literal for a name: it stays until the process ends, once, however often it is read. What is read are the names
/// that a program gave its goals and faults, so they are few.
pub(crate) fn interned(name: &str) -> &'static str {
    static KNOWN: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    // A panic cannot leave a set of references half changed.
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(literal) = known.get(name) {
        return literal;
    }
    let literal: &'static str = Box::leak(name.into());
    known.insert(literal);
    literal
}
