//! `send_to_thread`: number the event, hand it to every member, tell honestly what became of it.

use super::limits::Limits;
use super::outbox::Push;
use super::rooms::RoomMemberships;
use crate::event::{Frame, ThreadId, Unnumbered};
use std::fmt;
use std::task::Waker;
use thiserror::Error;

/// The manager's fourth part: the rules by which events reach threads.
pub struct SendToThread {
    pub(crate) limits: Limits,
}

/// What became of an event. Never "true".
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "an event that reached nobody is worth a decision"]
pub enum Outcome {
    /// Handed to this many open connections (at least one), to be written in order. It does not say that a
    /// client read it.
    Delivered(usize),
    /// Nobody follows the thread: kept within the bounds of [`Limits`] for the first connection to attach.
    Buffered,
    /// Nobody follows the thread, and keeping events is switched off.
    NoReceiver,
    /// Lost, for this reason. Where the thread has a numbering, its number is used up: a visible gap.
    Dropped(DropReason),
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delivered(1) => formatter.write_str("it was handed to 1 connection"),
            Self::Delivered(count) => write!(formatter, "it was handed to {count} connections"),
            Self::Buffered => formatter.write_str("it was kept for whoever follows the thread next"),
            Self::NoReceiver => formatter.write_str("nobody follows the thread, and nothing is kept"),
            Self::Dropped(reason) => write!(formatter, "{reason}"),
        }
    }
}

/// Why an event was dropped.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DropReason {
    /// The manager was closed.
    #[error("the manager is closed, probably by a stop; a new start makes a new one")]
    Closed,
    /// Over `Limits::event_bytes`.
    #[error("the event has {bytes} bytes, the limit is {limit}; send less in one event")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// All `Limits::threads` threads have connections.
    #[error("{limit} threads are in use; close some connections or raise the limit")]
    TooManyThreads {
        /// The limit.
        limit: usize,
    },
    /// Nobody follows the thread, and as much is kept for it as may be.
    #[error("nobody follows the thread and its backlog is full; attach a connection or raise the limit")]
    BacklogFull,
    /// Every connection of the thread is full, and the policy is to drop.
    #[error("no connection of the thread keeps up; its events are dropped until it reads again")]
    OutboxFull,
    /// The payload is not JSON.
    #[error("the event cannot be told in JSON: {0}; send another payload")]
    Unserialisable(String),
}

/// An outcome, and who is to be woken once the lock is released.
pub(crate) struct Dispatched {
    pub(crate) outcome: Outcome,
    pub(crate) wakers: Vec<Waker>,
}

impl From<Outcome> for Dispatched {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, wakers: Vec::new() }
    }
}

impl From<DropReason> for Dispatched {
    fn from(reason: DropReason) -> Self {
        Outcome::Dropped(reason).into()
    }
}

impl SendToThread {
    /// Sends within these bounds.
    pub fn new(limits: Limits) -> Self {
        Self { limits: limits.consistent() }
    }

    /// `most_threads` is the limit as it holds now; messages name the configured one.
    pub(crate) fn dispatch(
        &self,
        rooms: &mut RoomMemberships,
        most_threads: usize,
        thread: &ThreadId,
        body: Unnumbered,
    ) -> Dispatched {
        let (bytes, limit) = (body.len(), self.limits.event_bytes);
        if bytes > limit {
            return DropReason::TooLarge { bytes, limit }.into();
        }
        if self.limits.backlog_events == 0 && !rooms.contains(thread) {
            return Outcome::NoReceiver.into();
        }
        let Some(room) = rooms.room(thread, most_threads) else {
            let limit = self.limits.threads;
            return DropReason::TooManyThreads { limit }.into();
        };
        let frame = body.number(room.next_number());
        let mut delivered = 0;
        let mut refused = false;
        let mut wakers = Vec::new();
        for push in room.push_to_all(&frame) {
            match push {
                Push::Accepted(waker) => {
                    delivered += 1;
                    wakers.extend(waker);
                }
                Push::Refused => refused = true,
                Push::Disconnected(waker) => wakers.extend(waker),
                Push::Closed => {}
            }
        }
        let outcome = match (delivered, refused) {
            (0, true) => Outcome::Dropped(DropReason::OutboxFull),
            (0, false) => self.keep(rooms, thread, frame),
            (count, _) => Outcome::Delivered(count),
        };
        Dispatched { outcome, wakers }
    }

    fn keep(&self, rooms: &mut RoomMemberships, thread: &ThreadId, frame: Frame) -> Outcome {
        if self.limits.backlog_events == 0 {
            Outcome::NoReceiver
        } else if rooms.keep(thread, frame, &self.limits) {
            Outcome::Buffered
        } else {
            Outcome::Dropped(DropReason::BacklogFull)
        }
    }
}
