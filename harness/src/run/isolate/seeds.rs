//! Randomness in a run's own process: the same in every run, so that the order of a `HashMap`, the start of an unbiased
//! `select!` and a service's `rand` are functions of the choice sequence.
//!
//! On Linux with glibc all of them come from one function of libc, `getrandom`, which a program may define itself; std and
//! the crate `getrandom` then call that one, as in madsim. Outside runs of their own it is the system call that libc makes.
//! What does not go through it (`getentropy`, `/dev/urandom`, RDRAND, the clock, process numbers) is not fixed.
//!
//! std asks once a thread for the keys of its maps and counts on from there. So the thread that forks asks before its
//! first fork, and creates no such map afterwards: then all children count on from the same keys.

use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;
use std::thread;

#[cfg(all(target_os = "linux", target_env = "gnu"))]
use super::getrandom as platform;

/// The keys of this thread's maps are the same from here on in every process, as far as the platform allows.
pub(super) fn pin_this_thread() {
    platform::fix_here(true);
    drop(RandomState::new());
    platform::fix_here(false);
}

/// This process is a child, whose randomness is fixed from here on; every request gets other bytes than the last.
pub(super) fn fix_all() {
    platform::fix_all();
}

/// Whether the keys of two threads are the same if they should be: other processes then have them as well.
pub(crate) fn are_fixed() -> bool {
    static FIXED: OnceLock<bool> = OnceLock::new();
    *FIXED.get_or_init(|| {
        let keys = || {
            platform::fix_here(true);
            RandomState::new().hash_one(0_u8)
        };
        let of_a_thread = || thread::spawn(keys).join().ok();
        of_a_thread().is_some_and(|one| of_a_thread() == Some(one))
    })
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
mod platform {
    pub(super) fn fix_here(_: bool) {}
    pub(super) fn fix_all() {}
}
