//! What a run remembers of the tasks that the code under test spawned through `nevernone::tokio`: how they are called,
//! and which of their panics nobody has seen yet.

use std::any::Any;
use std::panic::Location as Caller;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ::tokio::task::Id;

use super::tasks::Name;
use crate::ending::Failure;

/// Of one run.
#[derive(Default)]
pub(crate) struct Spawned {
    sites: Vec<Site>,
    /// Panics that are kept for whoever joins the task.
    pub(crate) unseen: Vec<UnseenPanic>,
}

/// A line that spawns. It is kept from run to run, so that a name is made once.
struct Site {
    caller: &'static Caller<'static>,
    /// Of the first task that it spawned in a run, of the second …
    names: Vec<&'static str>,
    /// How many it has spawned in this run.
    spawned: usize,
}

/// A task panicked, and somebody holds what tells it.
pub(crate) struct UnseenPanic {
    pub(crate) task: Id,
    pub(crate) joiner: Arc<Joiner>,
    pub(crate) failure: Failure,
}

impl Spawned {
    pub(super) fn clear(&mut self) {
        self.unseen.clear();
        self.sites.iter_mut().for_each(|site| site.spawned = 0);
    }

    /// The name of the next task that this line spawns.
    pub(crate) fn name(&mut self, caller: &'static Caller<'static>) -> Name {
        let known = self.sites.iter().position(|site| site.caller == caller);
        let place = known.unwrap_or_else(|| {
            self.sites.push(Site { caller, names: Vec::new(), spawned: 0 });
            self.sites.len() - 1
        });
        let site = &mut self.sites[place];
        site.spawned += 1;
        if site.names.len() < site.spawned {
            let which = if site.spawned == 1 { String::new() } else { format!(" ({})", site.spawned) };
            let name = format!("spawned at {}:{}{which}", caller.file(), caller.line());
            // Never given back: as many as the largest run has tasks, and a name costs nothing from then on.
            site.names.push(name.leak());
        }
        Name::Borrowed(site.names[site.spawned - 1])
    }

    /// Somebody was told of this task's panic.
    pub(crate) fn panic_was_seen(&mut self, task: Id) {
        self.unseen.retain(|panic| panic.task != task);
    }

    /// The panic that nobody can see any more, now that `joiner` has gone.
    pub(crate) fn gone(&mut self, joiner: &Arc<Joiner>) -> Option<Failure> {
        let place = self.unseen.iter().position(|panic| Arc::ptr_eq(&panic.joiner, joiner))?;
        Some(self.unseen.remove(place).failure)
    }
}

/// Who can learn how a task ended: the `JoinHandle`, or the `JoinSet` with all of its tasks.
#[derive(Default)]
pub(crate) struct Joiner {
    // Relaxed wherever these are used: a run stays on one thread, and they are atomic only because handles are `Send`.
    gone: AtomicBool,
    waits: AtomicBool,
    /// Outputs of tasks that aborted themselves and ended all the same: tokio gives those.
    overruled: Mutex<Vec<(Id, Box<dyn Any + Send>)>>,
}

impl Joiner {
    /// It was dropped.
    pub(crate) fn go(&self) {
        self.gone.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Relaxed)
    }

    /// It was awaited while the task ran.
    pub(crate) fn wait(&self) {
        self.waits.store(true, Ordering::Relaxed);
    }

    /// Whether somebody wanted to know how the task ends.
    pub(crate) fn waits(&self) -> bool {
        self.waits.load(Ordering::Relaxed)
    }

    pub(crate) fn overrule(&self, task: Id, output: Box<dyn Any + Send>) {
        self.overruled.lock().unwrap_or_else(PoisonError::into_inner).push((task, output));
    }

    /// The output of a task that tokio takes for cancelled.
    pub(crate) fn reclaim<T: 'static>(&self, task: Id) -> Option<T> {
        let mut overruled = self.overruled.lock().unwrap_or_else(PoisonError::into_inner);
        let place = overruled.iter().position(|(of, _)| *of == task)?;
        overruled.swap_remove(place).1.downcast().ok().map(|output| *output)
    }
}
