//! Undoing what was begun: in reverse, each by itself, whatever the others do.

use std::{future::poll_fn, mem, pin::pin, sync::Arc, task::Poll};

use super::{
    Cause, Classify, Plan, System, UndoError,
    phase::{BoxFuture, Outputs, Undo},
};
use crate::{
    contain::{contain, discard},
    env::Env,
    log,
    race::{Either, race},
};

/// What was begun and is not undone; dropped, it is undone in reverse.
pub(super) struct Rollback<E: Env, S: System, F: Classify> {
    pub(super) env: E,
    pub(super) plan: Plan<S, F>,
    pub(super) system: S,
    /// Places in the plan, in the order in which they were begun: their undoings are still to come.
    pub(super) begun: Vec<usize>,
    pub(super) made: Outputs,
    /// The undoing under way. It is in here, so that it is not lost where nobody waits for it any more.
    undoing: Option<(&'static str, BoxFuture<Result<(), F>>)>,
    left: Vec<UndoError<F>>,
    /// It has a task of its own already: if that is dropped too, nobody is left who could wait.
    handed_over: bool,
}

impl<E: Env, S: System, F: Classify> Rollback<E, S, F> {
    pub(super) fn of_nothing(env: E, plan: Plan<S, F>, system: S) -> Self {
        let (begun, made, undoing, left) = (Vec::new(), Outputs::default(), None, Vec::new());
        Self { env, plan, system, begun, made, undoing, left, handed_over: false }
    }

    /// Undoes everything; what could not be undone is told, and does not keep the rest from being tried.
    ///
    /// Cancel safe: dropped, the rest is undone all the same.
    pub(super) async fn finish(&mut self) -> Vec<UndoError<F>> {
        while let Some(phase) = self.begin() {
            let Self { env, plan, undoing, .. } = self;
            let mut ended = pin!(poll_fn(|context| match undoing {
                Some((_, undoing)) => match contain(|| undoing.as_mut().poll(context)) {
                    Ok(poll) => poll.map_err(|failure| Cause::Failed(Arc::new(failure))),
                    Err(panic) => Poll::Ready(Err(Cause::Panicked(panic))),
                },
                None => Poll::Ready(Ok(())),
            }));
            let ended = match plan.0.undo_deadline {
                None => ended.await,
                Some(after) => match race(ended.as_mut(), pin!(env.sleep(after))).await {
                    Either::First(ended) => ended,
                    Either::Second(()) => Err(Cause::TooLong(after)),
                },
            };
            discard(self.undoing.take());
            self.note(phase, ended);
        }
        mem::take(&mut self.left)
    }

    /// As many undoings as come next and need not wait.
    fn at_once(&mut self) {
        while self.undoing.is_none()
            && let Some(place) = self.begun.last().copied()
        {
            let plan = self.plan.clone();
            let phase = &plan.0.phases[place];
            if matches!(phase.undo, Undo::Waiting(_)) {
                return;
            }
            self.begun.pop();
            let made = self.made.take(phase.name);
            if let Undo::AtOnce(undo) = &phase.undo {
                let system = self.system.clone();
                let undone = contain(|| undo(system, made));
                self.note(phase.name, flat(undone));
            }
        }
    }

    /// The phase whose undoing is under way, or begins now: the next that has to wait. `None` once everything is undone.
    fn begin(&mut self) -> Option<&'static str> {
        loop {
            self.at_once();
            if let Some((phase, _)) = &self.undoing {
                return Some(phase);
            }
            let place = self.begun.pop()?;
            let plan = self.plan.clone();
            let phase = &plan.0.phases[place];
            let made = self.made.take(phase.name);
            if let Undo::Waiting(undo) = &phase.undo {
                let system = self.system.clone();
                match contain(|| undo(system, made)) {
                    Ok(undoing) => self.undoing = Some((phase.name, undoing)),
                    Err(panic) => self.note(phase.name, Err(Cause::Panicked(panic))),
                }
            }
        }
    }

    fn note(&mut self, phase: &'static str, undone: Result<(), Cause<F>>) {
        if let Err(cause) = undone {
            log::undo_failed(phase, &cause);
            self.left.push(UndoError { phase, cause });
        }
    }

    fn is_done(&self) -> bool {
        self.begun.is_empty() && self.undoing.is_none()
    }

    /// The same, for a task of its own.
    fn hand_over(&mut self) -> Self {
        Self {
            env: self.env.clone(),
            plan: self.plan.clone(),
            system: self.system.clone(),
            begun: mem::take(&mut self.begun),
            made: mem::take(&mut self.made),
            undoing: self.undoing.take(),
            left: Vec::new(),
            handed_over: true,
        }
    }

    /// Nobody waits any more: what has to wait is given up, the rest is undone.
    fn give_up(&mut self) {
        while !self.is_done() {
            self.at_once();
            let waiting = self.undoing.take().map(|(phase, _)| phase);
            let waiting = waiting.or_else(|| self.begun.pop().map(|place| self.plan.0.phases[place].name));
            if let Some(phase) = waiting {
                log::undo_failed(phase, "the runtime ended before it had");
            }
        }
    }
}

impl<E: Env, S: System, F: Classify> Drop for Rollback<E, S, F> {
    fn drop(&mut self) {
        self.at_once();
        if self.is_done() {
            return;
        }
        if self.handed_over {
            return self.give_up();
        }
        let mut rest = self.hand_over();
        let env = self.env.clone();
        // Outside a runtime a task cannot be spawned, and says so by a panic. What it was given is dropped then, which
        // gives up what has to wait.
        let _ = contain(move || {
            env.spawn("rollback", async move {
                rest.finish().await;
            });
        });
    }
}

fn flat<F>(undone: Result<Result<(), F>, String>) -> Result<(), Cause<F>> {
    match undone {
        Ok(undone) => undone.map_err(|failure| Cause::Failed(Arc::new(failure))),
        Err(panic) => Err(Cause::Panicked(panic)),
    }
}
