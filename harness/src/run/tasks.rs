//! The run's tasks, who woke them, and in which order they became ready.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};
use std::thread::{self, ThreadId};

use super::suspension::Suspension;
use super::waits::Wait;

/// A future that the executor polls.
pub(crate) type TaskFuture = Pin<Box<dyn Future<Output = ()>>>;

/// A task's or an event's name.
pub(crate) type Name = Cow<'static, str>;

/// Whether a run waits for a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The run ends when all of these ended.
    Foreground,
    /// Dropped when the run ends.
    Daemon,
    /// Likewise, and started by the code under test: nobody knows how much the others need it.
    Spawned,
}

/// A task as it is handed over by `spawn`.
pub(crate) struct NewTask {
    pub(crate) name: Name,
    pub(crate) role: Role,
    pub(crate) future: TaskFuture,
    /// What it goes down with.
    pub(crate) incarnation: Option<usize>,
}

/// A task that the executor knows.
pub(super) struct Task {
    pub(super) name: Name,
    pub(super) role: Role,
    /// What it goes down with.
    pub(super) incarnation: Option<usize>,
    /// `None` once it ended.
    pub(super) future: Option<TaskFuture>,
    pub(super) waker: Waker,
    /// What its last poll said that it waits for.
    pub(super) waits: Vec<Wait>,
    /// Its last poll that suspended; known in replays only.
    pub(super) suspension: Option<Suspension>,
    /// Whether it stands in the ready list.
    pub(super) ready: bool,
    /// Its last poll was cut and denied an operation.
    pub(super) denied: bool,
}

impl Task {
    /// The least number of operations after which its next poll may be cut.
    pub(super) fn least_cut(&self) -> u32 {
        u32::from(self.denied)
    }
}

/// Stands in the ready list for the lane of spawned tasks.
pub(super) const LANE: u32 = u32::MAX;

/// From here on up to [`LANE`]: the packets that one end of a connection has sent.
pub(super) const FIRST_OUTBOX: u32 = 1 << 31;

/// An entry of the ready list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ready {
    /// Or [`LANE`], or an outbox.
    pub(super) task: u32,
    /// It became ready by waking itself, so choosing it over one that was ready before it is a preemption.
    pub(super) self_woken: bool,
    /// It was cut in the last step, so it may not run next: that would be no cut.
    pub(super) barred: bool,
}

/// The wake-ups since the last step. Shared with wakers, which may be sent anywhere.
pub(super) struct Wakes {
    inner: Mutex<Woken>,
    owner: ThreadId,
}

#[derive(Default)]
struct Woken {
    tasks: Vec<u32>,
    /// The hosting runtime's waker, while it lets time pass.
    host: Option<Waker>,
    foreign: bool,
}

thread_local! {
    /// Kept, since asking for it costs as much as a wake-up.
    static THIS_THREAD: ThreadId = thread::current().id();
}

/// Like `thread::current().id()`, which still answers while the thread ends.
fn this_thread() -> ThreadId {
    THIS_THREAD.try_with(|id| *id).unwrap_or_else(|_| thread::current().id())
}

impl Default for Wakes {
    fn default() -> Self {
        Wakes { inner: Mutex::default(), owner: this_thread() }
    }
}

impl Wakes {
    /// What a fresh run begins with; `used` itself where nobody holds a waker of its run any more.
    pub(super) fn again(mut used: Arc<Wakes>) -> Arc<Wakes> {
        let Some(wakes) = Arc::get_mut(&mut used) else { return Arc::default() };
        let woken = wakes.inner.get_mut().unwrap_or_else(PoisonError::into_inner);
        woken.tasks.clear();
        woken.host = None;
        woken.foreign = false;
        used
    }

    pub(super) fn any(&self) -> bool {
        !self.lock().tasks.is_empty()
    }

    pub(super) fn contains(&self, task: usize) -> bool {
        self.lock().tasks.iter().any(|woken| *woken as usize == task)
    }

    pub(super) fn foreign_wake(&self) -> bool {
        self.lock().foreign
    }

    pub(super) fn wake_host_with(&self, waker: &Waker) {
        self.lock().host = Some(waker.clone());
    }

    pub(super) fn forget_host(&self) {
        self.lock().host = None;
    }

    /// Moves the woken tasks into `into`, in the order of their ids and each once: the order in which wakers were
    /// called is nothing to rely on, since tokio's `watch` shuffles it.
    pub(super) fn take_into(&self, into: &mut Vec<u32>) {
        into.clear();
        std::mem::swap(into, &mut self.lock().tasks);
        if into.len() > 1 {
            into.sort_unstable();
            into.dedup();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Woken> {
        // Nothing inside can panic half-way, so a poisoned lock still guards a consistent list.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The waker of one task.
struct TaskWaker {
    task: u32,
    wakes: Arc<Wakes>,
}

pub(super) fn waker(task: u32, wakes: &Arc<Wakes>) -> Waker {
    Waker::from(Arc::new(TaskWaker { task, wakes: Arc::clone(wakes) }))
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let host = {
            let mut woken = self.wakes.lock();
            woken.tasks.push(self.task);
            woken.foreign |= this_thread() != self.wakes.owner;
            woken.host.take()
        };
        // Outside the lock: the host's waker is tokio's code.
        if let Some(host) = host {
            host.wake();
        }
    }
}
