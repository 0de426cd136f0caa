//! The platform's state machine: who may start, who stops whom, and since when requests are accepted.
//!
//! Each start owns a *generation* of the parts (cell, bridge, registry). A rolled-back generation is thrown away, so
//! whatever a stale start still does to its own parts, nobody can see it.

use std::task::{Context, Poll, Waker};

use crate::{
    contain::wake_each,
    sync::{Arc, Mutex},
};

/// Where the platform stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Phase<S> {
    Idle,
    Starting,
    /// Requests are accepted, here and nowhere else.
    Ready(S),
    /// Requests are refused; the runs under way go on.
    Draining(S),
    /// The generation is being undone, by exactly one caller.
    Stopping,
}

pub(super) struct State<G, S> {
    pub(super) phase: Phase<S>,
    pub(super) generation: Arc<G>,
    /// Why the last start failed; cleared by the next one.
    pub(super) last_failure: Option<String>,
    /// Counts undoings: a start that began with another number is stale.
    number: u64,
    /// The start under way, to be woken when it becomes stale.
    starter: Option<Waker>,
    /// Who waits for the end of a stop.
    waiting: Vec<Waker>,
}

pub(super) struct Core<G, S>(Mutex<State<G, S>>);

/// Why a start was refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Busy {
    Ready,
    Starting,
    Stopping,
}

/// What a stop has to do.
pub(super) enum Stop<G> {
    Nothing,
    /// Wait for the runs of this generation first.
    Drain(Arc<G>),
    /// Undo this generation, which nobody else does; then [`Core::end_stop`].
    Undo(Arc<G>),
    /// Somebody else stops it.
    Wait,
}

impl<G, S: Clone> Core<G, S> {
    pub(super) fn new(generation: Arc<G>) -> Self {
        let (phase, waiting) = (Phase::Idle, Vec::new());
        Self(Mutex::new(State { phase, generation, last_failure: None, number: 0, starter: None, waiting }))
    }

    /// Looks at a consistent state. `look` must not call back.
    pub(super) fn look<R>(&self, look: impl FnOnce(&State<G, S>) -> R) -> R {
        look(&self.0.lock())
    }

    /// Begins a start: its number and the generation that it owns.
    pub(super) fn begin(&self) -> Result<(u64, Arc<G>), Busy> {
        let mut state = self.0.lock();
        match state.phase {
            Phase::Idle => {}
            Phase::Starting => return Err(Busy::Starting),
            Phase::Ready(_) => return Err(Busy::Ready),
            Phase::Draining(_) | Phase::Stopping => return Err(Busy::Stopping),
        }
        state.phase = Phase::Starting;
        state.last_failure = None;
        Ok((state.number, Arc::clone(&state.generation)))
    }

    /// Whether the start or the service that began with `number` has not been stopped.
    pub(super) fn is_current(&self, number: u64) -> bool {
        self.0.lock().number == number
    }

    /// The one moment in which requests begin to be accepted; false where the start is stale.
    pub(super) fn publish(&self, number: u64, serving: S) -> bool {
        let mut state = self.0.lock();
        let live = state.number == number;
        if live {
            state.phase = Phase::Ready(serving);
            state.starter = None;
        }
        live
    }

    /// Ready once the start is stale.
    pub(super) fn poll_stale(&self, number: u64, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.0.lock();
        if state.number != number {
            return Poll::Ready(());
        }
        if !state.starter.as_ref().is_some_and(|waker| waker.will_wake(context.waker())) {
            state.starter = Some(context.waker().clone());
        }
        Poll::Pending
    }

    /// Ends a start that failed or was dropped, and whose phases are undone; then [`end_stop`](Self::end_stop). False
    /// where it is stale, for then its stop does that.
    pub(super) fn fail(&self, number: u64, failure: Option<String>) -> bool {
        let mut state = self.0.lock();
        if state.number != number || !matches!(state.phase, Phase::Starting) {
            return false;
        }
        state.last_failure = failure;
        state.starter = None;
        state.begin_undo();
        true
    }

    /// Begins a stop, which wins over a start under way.
    pub(super) fn begin_stop(&self) -> Stop<G> {
        let mut state = self.0.lock();
        match &state.phase {
            Phase::Idle => Stop::Nothing,
            Phase::Stopping => Stop::Wait,
            Phase::Ready(serving) => {
                state.phase = Phase::Draining(serving.clone());
                Stop::Drain(Arc::clone(&state.generation))
            }
            Phase::Draining(_) => Stop::Drain(Arc::clone(&state.generation)),
            Phase::Starting => {
                let starter = state.starter.take();
                let undo = state.begin_undo();
                drop(state);
                wake_each(starter);
                Stop::Undo(undo)
            }
        }
    }

    /// Ends the draining of `generation`, which the caller then undoes; false where somebody else did.
    pub(super) fn end_drain(&self, generation: &Arc<G>) -> bool {
        let mut state = self.0.lock();
        let mine = matches!(state.phase, Phase::Draining(_)) && Arc::ptr_eq(&state.generation, generation);
        if mine {
            state.begin_undo();
        }
        mine
    }

    /// Ends a stop: the next start gets `fresh`.
    pub(super) fn end_stop(&self, fresh: Arc<G>) {
        let mut state = self.0.lock();
        state.phase = Phase::Idle;
        let old = std::mem::replace(&mut state.generation, fresh);
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        // Outside the lock: destructors and wakers are foreign code.
        drop(old);
        wake_each(waiting);
    }

    /// Ready when no stop is under way.
    pub(super) fn poll_stopped(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.0.lock();
        if !matches!(state.phase, Phase::Stopping) {
            return Poll::Ready(());
        }
        if !state.waiting.iter().any(|waker| waker.will_wake(context.waker())) {
            state.waiting.push(context.waker().clone());
        }
        Poll::Pending
    }
}

impl<G, S> State<G, S> {
    /// Makes every start stale and hands the generation's undoing to the caller.
    fn begin_undo(&mut self) -> Arc<G> {
        self.phase = Phase::Stopping;
        self.number += 1;
        Arc::clone(&self.generation)
    }
}

#[cfg(test)]
mod tests;
