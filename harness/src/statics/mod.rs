//! The program's own statics: which of them changed, by name.
//!
//! A [`Snapshot`] is the bytes of the executable's writable sections, read as a file is; two of them tell which statics
//! changed in between. Only the symbols of the program itself are read, and only when two snapshots are compared. Thread-locals
//! live elsewhere, and so does what a static points to: a `Mutex<Vec<_>>` that had been filled before shows a change only
//! where its length does.

#[cfg(target_os = "linux")]
mod image;
mod names;

#[cfg(target_os = "linux")]
pub(crate) use image::Snapshot;

/// Where the program's memory cannot be read as a file, nobody knows of any change.
#[cfg(not(target_os = "linux"))]
#[derive(Debug)]
pub(crate) struct Snapshot;

#[cfg(not(target_os = "linux"))]
impl Snapshot {
    pub(crate) fn take() -> Option<Self> {
        None
    }

    pub(crate) fn changed_since(&self, _earlier: &Self) -> Option<Vec<String>> {
        None
    }
}
