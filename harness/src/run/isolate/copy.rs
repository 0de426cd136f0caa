//! A whole piece of a search in a copy of this process.
//!
//! Several threads that split one process are slower than one of them alone, since each fork stops all of them: on two
//! cores two threads executed 1,400 runs a second together, one alone 1,800, and two processes 3,500. So a worker that has
//! others beside it hands its piece to a copy of the process, which has the worker's thread alone, and waits.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::sys::{self, Copied};
use super::{REGION, text};

/// What became of a copy.
pub(crate) enum Heard {
    /// It came to its end, and told this.
    Told(Vec<u8>),
    /// It ended otherwise.
    Ended(String),
    /// It was stopped.
    Stopped,
}

/// Does `work` in a copy of this process, which ends then, and brings back what it tells; a panic is told as `broken`
/// makes of it. `stopped` is asked several times a second, and the copy is killed when it says so.
///
/// # Errors
/// Where the operating system has no process for it.
pub(crate) fn in_a_copy(
    work: impl FnOnce() -> Vec<u8>,
    broken: impl FnOnce(String) -> Vec<u8>,
    stopped: impl Fn() -> bool,
) -> io::Result<Heard> {
    match sys::copy()? {
        Copied::Child(alive) => {
            // The parent's thread may use its own before the last child of this process is gone.
            REGION.take();
            // Unwind safety: nothing is looked at afterwards.
            let told = catch_unwind(AssertUnwindSafe(work));
            let told = told.unwrap_or_else(|panic| broken(text(&*panic)));
            sys::end_copy(alive, &told)
        }
        Copied::Parent(child) => Ok(match child.hear(stopped)? {
            None => Heard::Stopped,
            Some((told, status)) if status.success() => Heard::Told(told),
            Some((_, status)) => Heard::Ended(sys::told(status)),
        }),
    }
}
