//! libc's `getrandom`, defined by this program: see `seeds.rs`. It is what libc's own is, but where randomness is fixed.
//!
//! Only Linux with glibc: there std and others look the function up by its name, and a program's own comes before libc's.

use std::cell::Cell;
use std::ffi::{c_uint, c_void};
use std::sync::atomic::{AtomicU64, Ordering};

thread_local! {
    static FIXED_HERE: Cell<bool> = const { Cell::new(false) };
}

/// How many words were handed out in this process, one more than that; 0 where the system is asked. Relaxed: of
/// threads that ask at the same time no order is promised.
static HANDED_OUT: AtomicU64 = AtomicU64::new(0);

pub(super) fn fix_here(fixed: bool) {
    FIXED_HERE.set(fixed);
}

pub(super) fn fix_all() {
    HANDED_OUT.store(1, Ordering::Relaxed);
}

/// The number of the word that is handed out next, at that place of a buffer; `None` where the system is asked.
fn word(place: usize) -> Option<u64> {
    match HANDED_OUT.load(Ordering::Relaxed) {
        0 if FIXED_HERE.get() => Some(place as u64),
        0 => None,
        _ => Some(HANDED_OUT.fetch_add(1, Ordering::Relaxed)),
    }
}

/// `splitmix64`.
fn mixed(number: u64) -> u64 {
    let mut word = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// In the place of libc's.
///
/// # Safety
/// As libc's: `length` bytes can be written at `buffer`.
// SAFETY: the name is libc's own, and so are the arguments and what it promises.
#[unsafe(no_mangle)]
unsafe extern "C" fn getrandom(buffer: *mut c_void, length: usize, flags: c_uint) -> isize {
    let mut place = 0;
    while place < length {
        let Some(number) = word(place) else {
            // SAFETY: the system call that libc makes, with the caller's own arguments.
            let written = unsafe { libc::syscall(libc::SYS_getrandom, buffer, length, flags) };
            return isize::try_from(written).unwrap_or(-1);
        };
        let word = mixed(number).to_ne_bytes();
        let count = word.len().min(length - place);
        // SAFETY: within the `length` bytes that the caller lets us write.
        unsafe { buffer.cast::<u8>().add(place).copy_from_nonoverlapping(word.as_ptr(), count) };
        place += count;
    }
    isize::try_from(length).unwrap_or(isize::MAX)
}
