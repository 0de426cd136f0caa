//! What a run in a process of its own asks of the operating system. The memory in which it tells about itself is in
//! `region.rs`.
//!
//! The invariant of the fork: between [`fork`] and [`leave`] the child takes no lock that another thread of the parent may
//! hold, since nobody will ever release its copy. The allocator's locks are kept by libc. Of our own the child takes none:
//! it executes one run, whose state belongs to the thread that forked, and writes into memory that no lock guards. Of
//! std's it takes those of standard output and error where the code under test prints; the parent's other threads print
//! nothing while a search goes on, but for the progress lines, which are drawn on a terminal by a lock of their own.

use std::io::{self, PipeReader, PipeWriter, Read as _, Write as _, pipe};
use std::os::fd::{AsRawFd, IntoRawFd};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::region::Region;
use crate::names;

/// Which of the two processes this is.
pub(super) enum Forked {
    Child,
    Parent(Child),
}

/// Likewise.
pub(super) enum Copied {
    /// What is written here is what the parent hears.
    Child(PipeWriter),
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
    Ok(match split()? {
        Split::Child { ended, alive } => {
            // Closed by `leave`, or by the end of the process, however that comes about. Only the parent looks at the
            // other side.
            region.lives(alive.into_raw_fd());
            std::mem::forget(ended);
            settle();
            Forked::Child
        }
        Split::Parent(child) => Forked::Parent(child),
    })
}

/// Splits this process. The child has this thread alone, and must end by [`end_copy`]. It may split itself further.
pub(super) fn copy() -> io::Result<Copied> {
    Ok(match split()? {
        Split::Child { alive, .. } => {
            settle();
            Copied::Child(alive)
        }
        Split::Parent(child) => Copied::Parent(child),
    })
}

enum Split {
    Child { ended: PipeReader, alive: PipeWriter },
    Parent(Child),
}

fn split() -> io::Result<Split> {
    /// Held while a pipe's writing side is open in the parent: a child that another thread forks meanwhile would keep it
    /// open as well.
    static FORKING: Mutex<()> = Mutex::new(());
    let _forking = FORKING.lock().unwrap_or_else(PoisonError::into_inner);
    let (ended, alive) = pipe()?;
    // SAFETY: the child goes on with this thread alone, and keeps to the invariant above.
    match names::while_nobody_adds(|| unsafe { libc::fork() }) {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(Split::Child { ended, alive }),
        process => Ok(Split::Parent(Child { process, ended })),
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

/// Asks who runs this process, as many libraries do once for all (a database's driver for its default user): the system's
/// library then has read its configuration, which every child would have to read again.
pub(super) fn warm_name_service() {
    let mut entry = std::mem::MaybeUninit::<libc::passwd>::uninit();
    let (mut found, mut buffer) = (std::ptr::null_mut(), [0; 1 << 10]);
    // SAFETY: everything outlives the call, and of what it writes nothing is read; too small a buffer is told by an error.
    unsafe { libc::getpwuid_r(libc::geteuid(), entry.as_mut_ptr(), buffer.as_mut_ptr(), buffer.len(), &raw mut found) };
}

/// Neither this process nor its children leave a core behind when they crash: a search meets thousands of crashes.
pub(crate) fn leave_no_core() {
    let no_core = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the limit outlives the call.
    unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const no_core) };
}

/// The child's first acts: it dies with its parent, and is not what Ctrl-C speaks to. Each call here costs every run.
fn settle() {
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
    let alive = region.leaves();
    // SAFETY: the descriptor is this child's own, which nobody else closes; then this process ends without touching its
    // memory, and without touching the region.
    unsafe {
        libc::close(alive);
        libc::_exit(0)
    }
}

/// Ends a copy with what it has to tell. Where the parent does not listen any more, there is nobody to be told of it.
pub(super) fn end_copy(mut alive: PipeWriter, told: &[u8]) -> ! {
    let status = i32::from(alive.write_all(told).is_err());
    // SAFETY: this process ends without touching its memory.
    unsafe { libc::_exit(status) }
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
                self.kill()?;
                return Ok(End::Hung);
            }
        }
        if region.was_left() {
            leaving.add(self.process);
            return Ok(End::Left);
        }
        let status = status(self.process, 0)?;
        status.map(End::Exited).ok_or_else(|| io::Error::other("a process that ended cannot be waited for"))
    }

    /// Hears what a copy tells until it ends, and how it did; `None`, and it is killed, as soon as `stopped` says so, which
    /// is asked several times a second.
    pub(super) fn hear(mut self, stopped: impl Fn() -> bool) -> io::Result<Option<(Vec<u8>, ExitStatus)>> {
        const TICK: i32 = 100;
        while !self.has_closed(TICK)? {
            if stopped() {
                self.kill()?;
                return Ok(None);
            }
        }
        // It writes when its work is done, all at once.
        let mut told = Vec::new();
        self.ended.read_to_end(&mut told)?;
        let status = status(self.process, 0)?;
        Ok(Some((told, status.ok_or_else(|| io::Error::other("a process that ended cannot be waited for"))?)))
    }

    fn kill(&self) -> io::Result<()> {
        // SAFETY: the process was not waited for, so that the number is still its own.
        unsafe { libc::kill(self.process, libc::SIGKILL) };
        status(self.process, 0).map(drop)
    }

    /// Waits for that many milliseconds until its side of the pipe is closed, or was written to.
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
