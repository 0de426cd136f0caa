//! The functional self-test: one event through a loopback receiver. "Not null" proves nothing.

use super::connections::Purpose;
use super::{Attach, AttachError, Batch, Connection, ManagerHandle, Outcome, Part};
use crate::event::{ConnectionId, Event, EventKind, RunId, ThreadId, UserId};
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;
use std::time::Duration;
use thiserror::Error;

/// Why the manager cannot be relied on.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProbeError {
    /// The loopback receiver was refused.
    #[error("the self-test's own receiver was refused: {0}")]
    Refused(#[from] AttachError),
    /// The event was not handed to exactly the one receiver.
    #[error("the self-test's event was not delivered: {0}; check the limits of outbox and event")]
    Undelivered(Outcome),
    /// The receiver got nothing, or something else.
    #[error(
        "the self-test's receiver did not get the event that was sent: the manager confuses its connections or its \
         numbers; start the platform again, and report it if that does not help"
    )]
    Unreceived,
    /// The receiver left, and the manager still has it.
    #[error(
        "the self-test's receiver left and is still attached: connections that end are not given back, so that every \
         limit fills up; start the platform again, and report it if that does not help"
    )]
    Undetached,
}

/// What tells whether it is the event that was sent. A probe is taken often, so the rest of it is only skimmed, and
/// nothing is copied.
#[derive(Deserialize)]
struct Told<'a> {
    #[serde(borrow)]
    run_id: Cow<'a, str>,
    seq: u64,
}

impl ProbeError {
    /// The part that does not work.
    pub(crate) fn part(&self) -> Part {
        match self {
            Self::Refused(_) | Self::Undetached => Part::Connections,
            Self::Undelivered(_) | Self::Unreceived => Part::SendToThread,
        }
    }
}

impl ManagerHandle {
    /// Attaches a receiver to a thread of its own, sends one event through [`ManagerHandle::send_to_thread`],
    /// receives it, detaches, and looks that nothing is left of it. Clients notice nothing, and limits on clients do not
    /// apply.
    pub fn probe(&self) -> Result<(), ProbeError> {
        self.probe_and(drop)
    }

    /// A probe whose receiver leaves as it is told to.
    pub(super) fn probe_and(&self, leave: impl FnOnce(Connection)) -> Result<(), ProbeError> {
        let thread = self.next_probe();
        let who = Attach { user: UserId::loopback(), thread: thread.clone() };
        let mut receiver = self.attach_for(who, Purpose::Loopback)?;
        let run_id = RunId::loopback();
        let event = Event {
            kind: EventKind::ProgressUpdate,
            run_id: run_id.clone(),
            agent_name: "self-test".to_owned(),
            timestamp: Duration::ZERO,
            payload: Value::Null,
        };
        match self.send_to_thread(&thread, event) {
            Outcome::Delivered(1) => {}
            other => return Err(ProbeError::Undelivered(other)),
        }
        check(&mut receiver, &run_id)?;
        let id = receiver.id();
        leave(receiver);
        if self.has_left(id, &thread) { Ok(()) } else { Err(ProbeError::Undetached) }
    }

    fn has_left(&self, id: ConnectionId, thread: &ThreadId) -> bool {
        let table = self.0.lock();
        !table.connections.contains(id) && !table.room_memberships.contains(thread)
    }

    fn next_probe(&self) -> ThreadId {
        let mut table = self.0.lock();
        table.probes += 1;
        ThreadId::loopback(table.probes)
    }
}

/// Exactly the one event waits for the receiver.
fn check(receiver: &mut Connection, run_id: &RunId) -> Result<(), ProbeError> {
    let Some(Batch::Frames(frames)) = receiver.try_batch(2) else {
        return Err(ProbeError::Unreceived);
    };
    let [frame] = frames.as_slice() else {
        return Err(ProbeError::Unreceived);
    };
    match serde_json::from_slice::<Told<'_>>(&frame.bytes()) {
        Ok(told) if told.run_id == run_id.as_str() && told.seq == 1 => Ok(()),
        _ => Err(ProbeError::Unreceived),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manager::{Candidate, Limits};

    fn manager() -> ManagerHandle {
        Candidate::complete(Limits::default()).validate().expect("a complete candidate")
    }

    fn followed(manager: &ManagerHandle) -> (Connection, ThreadId) {
        let thread = ThreadId::new("a").expect("an id");
        let who = Attach { user: UserId::new("u").expect("an id"), thread: thread.clone() };
        (manager.attach(who).expect("there is room"), thread)
    }

    fn send(manager: &ManagerHandle, thread: &ThreadId, run_id: &str) {
        let run_id = RunId::new(run_id).expect("an id");
        let (kind, timestamp) = (EventKind::ProgressUpdate, Duration::ZERO);
        let event = Event { kind, run_id, agent_name: "triage".to_owned(), timestamp, payload: Value::Null };
        assert_eq!(manager.send_to_thread(thread, event), Outcome::Delivered(1));
    }

    #[test]
    fn a_receiver_has_to_get_the_event_that_was_sent_as_its_first_and_only_one() {
        let (manager, run) = (manager(), RunId::new("r").expect("an id"));
        let (mut receiver, thread) = followed(&manager);
        assert_eq!(check(&mut receiver, &run), Err(ProbeError::Unreceived), "nothing");
        send(&manager, &thread, "r");
        assert_eq!(check(&mut receiver, &run), Ok(()));
        send(&manager, &thread, "r");
        assert_eq!(check(&mut receiver, &run), Err(ProbeError::Unreceived), "the second of the thread");
        drop(receiver);
        manager.0.lock().room_memberships.forget(&thread);
        let (mut receiver, thread) = followed(&manager);
        send(&manager, &thread, "somebody else's");
        assert_eq!(check(&mut receiver, &run), Err(ProbeError::Unreceived), "somebody else's");
    }

    #[test]
    fn whoever_left_is_in_neither_table() {
        let manager = manager();
        let (receiver, thread) = followed(&manager);
        let id = receiver.id();
        manager.0.lock().room_memberships.forget(&thread);
        assert!(!manager.has_left(id, &thread), "it is still connected");
        drop(receiver);
        assert!(manager.has_left(id, &thread));
        let (successor, thread) = followed(&manager);
        assert_eq!(successor.id().slot, id.slot);
        assert!(!manager.has_left(id, &thread), "its thread is still remembered");
        manager.0.lock().room_memberships.forget(&thread);
        assert!(manager.has_left(id, &thread), "its slot is somebody else's");
    }
}
