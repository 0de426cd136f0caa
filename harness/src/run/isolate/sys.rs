//! What a run in a process of its own asks of the operating system. All unsafe code of the isolation stands here.
//!
//! The invariant of the fork: between [`fork`] and [`leave`] the child takes no lock that another thread of the parent may
//! hold, since nobody will ever release its copy. The allocator's locks are kept by libc. Of our own the child takes none:
//! it executes one run, whose state belongs to the thread that forked, and writes into memory that no lock guards. Of
//! std's it takes those of standard output and error where the code under test prints; the parent's other threads print
//! nothing while a search goes on, but for the progress lines, which are drawn on a terminal by a lock of their own.

use std::io::{self, PipeReader, PipeWriter, pipe};
use std::os::fd::{AsRawFd, IntoRawFd};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

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

    pub(super) fn beat(&self) {
        self.header().beats.fetch_add(1, Ordering::Relaxed);
    }

    fn beats(&self) -> u64 {
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

/// Which of the two processes this is.
pub(super) enum Forked {
    Child,
    Parent(Child),
}

/// A child that was started and not waited for.
pub(super) struct Child {
    process: libc::pid_t,
    /// At its end once the child has left or ended, which alone holds the other side.
    ended: PipeReader,
}

/// A child that left. To take a process down costs a quarter of a run's time, and nobody has to wait for that: it is
/// waited for when the next one leaves.
#[derive(Debug, Default)]
pub(super) struct Leaving(Option<libc::pid_t>);

/// How a child ended.
#[derive(Debug)]
pub(super) enum End {
    /// By [`leave`]: whatever it had to tell was told.
    Left,
    Exited(ExitStatus),
    /// A step of it took too long, and it was killed.
    Hung,
}

/// Splits this process. The child has this thread alone, and must end by [`leave`] with the same region.
pub(super) fn fork(region: &Region) -> io::Result<Forked> {
    /// Held while a pipe's writing side is open in the parent: a child that another thread forks meanwhile would keep it
    /// open as well. The child never takes it.
    static FORKING: Mutex<()> = Mutex::new(());
    let forking = FORKING.lock().unwrap_or_else(PoisonError::into_inner);
    let (ended, alive) = pipe()?;
    // SAFETY: the child goes on with this thread alone, and keeps to the invariant above.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            std::mem::forget(forking);
            settle(region, alive, ended);
            Ok(Forked::Child)
        }
        process => Ok(Forked::Parent(Child { process, ended })),
    }
}

/// This process is killed when the thread that started it ends, where the platform can do that.
pub(crate) fn die_with_parent() {
    #[cfg(target_os = "linux")]
    // SAFETY: a plain system call.
    unsafe {
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
    }
}

/// Neither this process nor its children leave a core behind when they crash: a search meets thousands of crashes.
pub(crate) fn leave_no_core() {
    let no_core = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the limit outlives the call.
    unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const no_core) };
}

/// The child's first acts: it dies with its parent, and is not what Ctrl-C speaks to. Each call here costs every run.
fn settle(region: &Region, alive: PipeWriter, ended: PipeReader) {
    // Closed by `leave`, or by the end of the process, however that comes about. Only the parent looks at the other side.
    region.header().alive.store(alive.into_raw_fd(), Ordering::Relaxed);
    std::mem::forget(ended);
    die_with_parent();
    // SAFETY: plain system calls.
    unsafe {
        libc::signal(libc::SIGINT, libc::SIG_IGN);
        libc::signal(libc::SIGTERM, libc::SIG_IGN);
    }
}

/// Ends the child, and nothing else of it: what its parent owns is not its to drop, flush or unwind. The parent goes on at
/// once, and may hand the region to the next child.
pub(super) fn leave(region: &Region) -> ! {
    region.header().left.store(true, Ordering::Relaxed);
    let alive = region.header().alive.load(Ordering::Relaxed);
    // SAFETY: the descriptor is this child's own, which nobody else closes; then this process ends without touching its
    // memory, and without touching the region.
    unsafe {
        libc::close(alive);
        libc::_exit(0)
    }
}

impl Child {
    /// Waits until it has left or ended, and kills it if `region` shows that it has taken the same step for longer than
    /// `limit`.
    pub(super) fn wait(self, region: &Region, limit: Duration, leaving: &mut Leaving) -> io::Result<End> {
        /// The step is looked at so often within the limit.
        const LOOKS: u32 = 8;
        let tick = i32::try_from((limit / LOOKS).as_millis()).unwrap_or(i32::MAX).max(1);
        let (mut seen, mut looks) = (region.beats(), 0);
        while !self.has_closed(tick)? {
            if let Some(status) = status(self.process, libc::WNOHANG)? {
                return Ok(End::Exited(status));
            }
            looks = if region.beats() == seen { looks + 1 } else { 0 };
            seen = region.beats();
            if looks >= LOOKS {
                // SAFETY: the process was not waited for, so that the number is still its own.
                unsafe { libc::kill(self.process, libc::SIGKILL) };
                status(self.process, 0)?;
                return Ok(End::Hung);
            }
        }
        if region.header().left.load(Ordering::Relaxed) {
            leaving.add(self.process);
            return Ok(End::Left);
        }
        let status = status(self.process, 0)?;
        status.map(End::Exited).ok_or_else(|| io::Error::other("a process that ended cannot be waited for"))
    }

    /// Waits for that many milliseconds until its side of the pipe is closed.
    fn has_closed(&self, milliseconds: i32) -> io::Result<bool> {
        let mut ended = libc::pollfd { fd: self.ended.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        loop {
            // SAFETY: one descriptor, which outlives the call.
            match unsafe { libc::poll(&raw mut ended, 1, milliseconds) } {
                -1 if interrupted() => {}
                -1 => return Err(io::Error::last_os_error()),
                count => return Ok(count > 0),
            }
        }
    }
}

impl Leaving {
    /// Waits for the one before.
    fn add(&mut self, process: libc::pid_t) {
        if let Some(before) = self.0.replace(process) {
            // What becomes of a process that left is of no interest, and that it is gone is all that there is to wait for.
            let _ = status(before, 0);
        }
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        if let Some(process) = self.0.take() {
            let _ = status(process, 0);
        }
    }
}

/// How a child of ours ended; `None` if `options` says not to wait and it has not.
fn status(process: libc::pid_t, options: libc::c_int) -> io::Result<Option<ExitStatus>> {
    let mut status = 0;
    loop {
        // SAFETY: the number is written before the call returns.
        match unsafe { libc::waitpid(process, &raw mut status, options) } {
            -1 if interrupted() => {}
            -1 => return Err(io::Error::last_os_error()),
            0 => return Ok(None),
            _ => return Ok(Some(ExitStatus::from_raw(status))),
        }
    }
}

fn interrupted() -> bool {
    io::Error::last_os_error().kind() == io::ErrorKind::Interrupted
}

/// What a process's status says, and what usually lies behind it.
pub(super) fn told(status: ExitStatus) -> String {
    let Some(signal) = status.signal() else {
        let code = status.code().unwrap_or_default();
        return format!("exit code {code}; something called `std::process::exit`");
    };
    let (name, cause) = match signal {
        libc::SIGSEGV => (" (SIGSEGV)", "memory that is not its own was touched"),
        libc::SIGBUS => (" (SIGBUS)", "memory that is not there was touched"),
        libc::SIGABRT => (" (SIGABRT)", "an abort, a stack overflow, or a panic while another one unwound"),
        libc::SIGILL => (" (SIGILL)", "an instruction that does not exist was executed"),
        libc::SIGFPE => (" (SIGFPE)", "arithmetic that the processor refuses"),
        libc::SIGKILL => (" (SIGKILL)", "it was killed from outside, perhaps for want of memory"),
        _ => ("", "it was killed"),
    };
    format!("signal {signal}{name}; {cause}")
}
