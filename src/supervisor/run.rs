//! The voice of one run: its events in order, its terminal event exactly once.

use std::fmt::Display;

use serde_json::{Value, json};

use super::Request;
use crate::{
    env::Env,
    event::{Event, EventKind, RunId, ThreadId},
    log,
    manager::{ManagerHandle, Outcome},
};

/// How a run ended, and what became of what it told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finished {
    /// `AgentCompleted` or `AgentError`.
    pub terminal: EventKind,
    /// Events that a client received or will receive.
    pub told: usize,
    /// Events that nobody will ever receive.
    pub lost: usize,
}

/// Tells one thread of one run.
pub(super) struct Narrator<E: Env> {
    env: E,
    manager: ManagerHandle,
    thread: ThreadId,
    run_id: RunId,
    agent_name: &'static str,
    told: usize,
    lost: usize,
    /// Set before the terminal event is sent, so that no path sends a second one.
    ended: bool,
}

impl<E: Env> Narrator<E> {
    pub(super) fn new(env: E, manager: ManagerHandle, run_id: RunId, request: &Request) -> Self {
        let (thread, agent_name) = (request.thread.clone(), request.agent.as_str());
        log::run_accepted(&run_id, agent_name, &thread);
        Self { env, manager, thread, run_id, agent_name, told: 0, lost: 0, ended: false }
    }

    pub(super) fn run_id(&self) -> &RunId {
        &self.run_id
    }

    /// Tells a step.
    pub(super) fn tell(&mut self, kind: EventKind, payload: Value) {
        let manager = self.manager.clone();
        self.tell_through(&manager, kind, payload);
    }

    /// Tells a step through the manager that somebody else was wired to.
    pub(super) fn tell_through(&mut self, manager: &ManagerHandle, kind: EventKind, payload: Value) {
        let (run_id, agent_name) = (self.run_id.clone(), self.agent_name.to_owned());
        let event = Event { kind, run_id, agent_name, timestamp: self.env.now(), payload };
        match manager.send_to_thread(&self.thread, event) {
            Outcome::Delivered(_) | Outcome::Buffered => self.told += 1,
            Outcome::NoReceiver => self.lose(kind, "nobody follows the thread, and nothing is kept"),
            Outcome::Dropped(reason) => self.lose(kind, reason),
        }
    }

    fn lose(&mut self, kind: EventKind, why: impl Display) {
        self.lost += 1;
        log::event_lost(kind.name(), &self.run_id, why);
    }

    /// Tells the end.
    pub(super) fn finish(mut self, terminal: EventKind, payload: Value) -> Finished {
        self.end(terminal, payload);
        Finished { terminal, told: self.told, lost: self.lost }
    }

    fn end(&mut self, terminal: EventKind, payload: Value) {
        self.ended = true;
        self.tell(terminal, payload);
        log::run_ended(&self.run_id, terminal.name(), self.told, self.lost);
    }
}

impl<E: Env> Drop for Narrator<E> {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let (code, message) = if std::thread::panicking() {
            ("run_panicked", "the run panicked before its end: this is a defect, ask again or report it")
        } else {
            ("run_aborted", "the run was aborted before its end: ask again")
        };
        self.end(EventKind::AgentError, json!({"code": code, "message": message}));
    }
}
