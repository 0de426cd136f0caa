//! The platform's state machine: who may start, who stops whom, and since when requests are accepted.
//!
//! Each start owns a *generation* of the parts (cell, bridge, registry). A rolled-back generation is thrown away, so
//! whatever a stale start still does to its own parts, nobody can see it.

use std::{
    fmt,
    task::{Context, Poll, Waker},
};

use crate::sync::{Arc, Mutex};

/// What a start does, in order; a rollback undoes them in reverse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Looking for the supervisor; nothing to undo.
    Supervisor,
    /// Creating the manager; undone by closing it and retiring its cell.
    Manager,
    /// Activating the bridge; undone by resetting it.
    Bridge,
    /// Wiring the agents; undone by unwiring them.
    Wiring,
    /// The self-test; nothing to undo.
    SelfTest,
}

impl Step {
    /// All, in the order in which a rollback undoes them.
    pub(super) const UNDO: [Self; 5] = [Self::SelfTest, Self::Wiring, Self::Bridge, Self::Manager, Self::Supervisor];
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Supervisor => "the supervisor check",
            Self::Manager => "the manager's creation",
            Self::Bridge => "the bridge's activation",
            Self::Wiring => "the agents' wiring",
            Self::SelfTest => "the self-test",
        })
    }
}

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
    /// The steps that the current generation began, in order.
    steps: Vec<Step>,
    /// Counts starts and stops: a start whose number is not this one is stale.
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

/// A generation that the caller, and nobody else, has to undo; then [`Core::end_stop`].
pub(super) struct Undo<G> {
    pub(super) generation: Arc<G>,
    /// In the order in which they are to be undone.
    pub(super) steps: Vec<Step>,
}

/// What a stop has to do.
pub(super) enum Stop<G> {
    Nothing,
    /// Wait for the runs of this generation first.
    Drain(Arc<G>),
    Undo(Undo<G>),
    /// Somebody else stops it.
    Wait,
}

impl<G, S: Clone> Core<G, S> {
    pub(super) fn new(generation: Arc<G>) -> Self {
        let (phase, steps, waiting) = (Phase::Idle, Vec::new(), Vec::new());
        Self(Mutex::new(State { phase, generation, last_failure: None, steps, number: 0, starter: None, waiting }))
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
        state.number += 1;
        state.last_failure = None;
        Ok((state.number, Arc::clone(&state.generation)))
    }

    /// Notes that a start begins a step, before it does; false where the start is stale.
    pub(super) fn enter(&self, number: u64, step: Step) -> bool {
        let mut state = self.0.lock();
        let live = state.number == number;
        if live {
            state.steps.push(step);
        }
        live
    }

    /// Whether the start or the service that began with `number` has not been stopped.
    pub(super) fn is_current(&self, number: u64) -> bool {
        self.0.lock().number == number
    }

    /// The step that is under way.
    pub(super) fn step(&self) -> Option<Step> {
        self.0.lock().steps.last().copied()
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

    /// Ends a start that failed or was dropped; `None` where it is stale, for then its stop undoes it.
    pub(super) fn fail(&self, number: u64, failure: Option<String>) -> Option<Undo<G>> {
        let mut state = self.0.lock();
        if state.number != number || !matches!(state.phase, Phase::Starting) {
            return None;
        }
        state.last_failure = failure;
        state.starter = None;
        Some(state.begin_undo())
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
                if let Some(starter) = starter {
                    starter.wake();
                }
                Stop::Undo(undo)
            }
        }
    }

    /// Ends the draining of `generation`; `None` where somebody else did.
    pub(super) fn end_drain(&self, generation: &Arc<G>) -> Option<Undo<G>> {
        let mut state = self.0.lock();
        let mine = matches!(state.phase, Phase::Draining(_)) && Arc::ptr_eq(&state.generation, generation);
        mine.then(|| state.begin_undo())
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
        for waker in waiting {
            waker.wake();
        }
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
    fn begin_undo(&mut self) -> Undo<G> {
        self.phase = Phase::Stopping;
        self.number += 1;
        let mut steps = std::mem::take(&mut self.steps);
        steps.reverse();
        Undo { generation: Arc::clone(&self.generation), steps }
    }
}

#[cfg(test)]
mod tests;
