//! Worker threads: whoever has nothing of its own to do helps whoever has.
//!
//! A thread either drives searches or helps. A driver whose search falls into pieces lays them open, and helpers take pieces
//! one by one. So many small searches and one large one keep every core busy to the end.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Work that falls into pieces.
pub(crate) trait Work: Send + Sync {
    /// Takes one piece and does it; `false` if there is none left to take.
    fn do_piece(&self) -> bool;

    /// Whether every piece that was taken is done, and none is left.
    fn is_done(&self) -> bool;
}

/// Threads that help each other.
#[derive(Default)]
pub(crate) struct Crew {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Work that may have pieces left.
    open: Vec<Arc<dyn Work>>,
    /// Threads that may still lay work open.
    drivers: usize,
}

impl Crew {
    /// A crew in which that many threads drive at first.
    pub(crate) fn new(drivers: usize) -> Self {
        Crew { state: Mutex::new(State { open: Vec::new(), drivers }), changed: Condvar::new() }
    }

    /// This thread drives until the guard is dropped, by a panic too.
    pub(crate) fn driving(self: &Arc<Self>) -> Driving {
        Driving { crew: Arc::clone(self) }
    }

    /// Does pieces of whatever is open, until no thread drives any more.
    pub(crate) fn help(&self) {
        let mut state = self.lock();
        loop {
            state = match self.do_any(state) {
                Ok(state) => state,
                Err(state) if state.drivers == 0 => return,
                Err(state) => self.wait(state),
            };
        }
    }

    /// Lays work open and returns when all of it is done. Meanwhile this thread does pieces of it; then it waits, and does
    /// not help with other work: a step of that which never returns would take this thread's own search with it.
    pub(crate) fn carry_out(&self, work: &Arc<dyn Work>) {
        self.lock().open.push(Arc::clone(work));
        self.changed.notify_all();
        while work.do_piece() {}
        let mut state = self.lock();
        state.open.retain(|open| !Arc::ptr_eq(open, work));
        while !work.is_done() {
            state = self.wait(state);
        }
    }

    /// Does one piece of open work; gives the lock back as an error if there is none.
    fn do_any<'a>(&'a self, mut state: MutexGuard<'a, State>) -> Result<MutexGuard<'a, State>, MutexGuard<'a, State>> {
        let Some(work) = state.open.first().cloned() else { return Err(state) };
        drop(state);
        // A piece that ends may be the one that a driver waits for, and one that panics never comes back here.
        let told = Told { crew: self };
        let more = work.do_piece();
        drop(told);
        state = self.lock();
        if !more {
            state.open.retain(|open| !Arc::ptr_eq(open, &work));
        }
        Ok(state)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code of others runs under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread that may lay work open.
pub(crate) struct Driving {
    crew: Arc<Crew>,
}

impl Drop for Driving {
    fn drop(&mut self) {
        self.crew.lock().drivers -= 1;
        self.crew.changed.notify_all();
    }
}

/// Tells all others that something changed.
struct Told<'a> {
    crew: &'a Crew,
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        // Under the lock, so that nobody looks before and sleeps after.
        let _state = self.crew.lock();
        self.crew.changed.notify_all();
    }
}
