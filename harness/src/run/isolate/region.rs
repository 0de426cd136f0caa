//! The memory that a run's process shares with its parent, which holds what is left of the run whatever became of it.

use std::io;
use std::os::fd::RawFd;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, AtomicUsize, Ordering};

/// Room for what one run writes down; only what is used takes memory. A draw takes some 40 bytes.
const LENGTH: usize = if cfg!(target_pointer_width = "64") { 1 << 26 } else { 1 << 22 };

/// Memory that a child shares with its parent. The child alone writes, and the parent reads the bytes when the child has
/// closed its side of the pipe, so that everything is relaxed; before, the parent reads the beats alone.
#[derive(Debug)]
pub(super) struct Region {
    base: NonNull<Header>,
}

#[repr(C)]
struct Header {
    /// Moves on with every step.
    beats: AtomicU64,
    /// How many bytes were written.
    length: AtomicUsize,
    /// They were not all that there was to write.
    overflowed: AtomicBool,
    /// The child's side of the pipe, by its number there.
    alive: AtomicI32,
    /// The child is at its end, and does nothing but take itself down.
    left: AtomicBool,
}

// SAFETY: the header is atomics, and the bytes behind it are written by one thread of one process only: by the child that
// this region was handed to, while its parent waits.
unsafe impl Send for Region {}
// SAFETY: as above; `append` is called in the child alone, which has one thread that knows of the region.
unsafe impl Sync for Region {}

impl Region {
    pub(super) fn new() -> io::Result<Self> {
        let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED | libc::MAP_ANONYMOUS);
        // SAFETY: a fresh anonymous mapping anywhere touches nothing that exists.
        let base = unsafe { libc::mmap(std::ptr::null_mut(), LENGTH, access, kind | libc::MAP_NORESERVE, -1, 0) };
        match NonNull::new(base) {
            Some(base) if base.as_ptr() != libc::MAP_FAILED => Ok(Region { base: base.cast() }),
            _ => Err(io::Error::last_os_error()),
        }
    }

    fn header(&self) -> &Header {
        // SAFETY: the mapping is page-aligned, longer than a header, was zeroed by the system, which is a valid header,
        // and lives as long as `self`.
        unsafe { self.base.as_ref() }
    }

    fn bytes(&self) -> NonNull<u8> {
        // SAFETY: one header behind the base is within the mapping.
        unsafe { self.base.add(1).cast() }
    }

    pub(super) fn clear(&self) {
        self.header().length.store(0, Ordering::Relaxed);
        self.header().overflowed.store(false, Ordering::Relaxed);
        self.header().left.store(false, Ordering::Relaxed);
    }

    /// The child's side of the pipe is that descriptor.
    pub(super) fn lives(&self, alive: RawFd) {
        self.header().alive.store(alive, Ordering::Relaxed);
    }

    /// The child is at its end; gives its side of the pipe back.
    pub(super) fn leaves(&self) -> RawFd {
        self.header().left.store(true, Ordering::Relaxed);
        self.header().alive.load(Ordering::Relaxed)
    }

    pub(super) fn was_left(&self) -> bool {
        self.header().left.load(Ordering::Relaxed)
    }

    pub(super) fn beat(&self) {
        self.header().beats.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn beats(&self) -> u64 {
        self.header().beats.load(Ordering::Relaxed)
    }

    /// Adds bytes; `false` where there is no room.
    pub(super) fn append(&self, bytes: &[u8]) -> bool {
        let length = self.header().length.load(Ordering::Relaxed);
        if LENGTH - size_of::<Header>() - length < bytes.len() {
            self.header().overflowed.store(true, Ordering::Relaxed);
            return false;
        }
        // SAFETY: there is room for these bytes within the mapping, and nobody else reads or writes it now.
        unsafe { self.bytes().add(length).copy_from_nonoverlapping(NonNull::from(bytes).cast(), bytes.len()) };
        self.header().length.store(length + bytes.len(), Ordering::Relaxed);
        true
    }

    /// Copies what a child that has ended wrote; `false` if it had more to write.
    pub(super) fn copy_into(&self, bytes: &mut Vec<u8>) -> bool {
        let length = self.header().length.load(Ordering::Relaxed);
        // SAFETY: so many bytes were initialised by `append`, whose process has ended.
        let written = unsafe { std::slice::from_raw_parts(self.bytes().as_ptr(), length) };
        bytes.clear();
        bytes.extend_from_slice(written);
        !self.header().overflowed.load(Ordering::Relaxed)
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours, of this length, and nothing refers to it any more.
        unsafe { libc::munmap(self.base.as_ptr().cast(), LENGTH) };
    }
}
