//! The WebSocket manager's core: who is connected, who follows which thread, and what is told to them.
//! It names no runtime and does no I/O; a socket shell drains its [`Connection`]s.
//!
//! A consumer holds a [`ManagerHandle`], which [`Candidate::validate`] alone can make.
//!
//! One lock orders everything that concerns the table, so that an attach is atomic, a limit is checked and
//! taken in one step, and numbers and deliveries have the same order for all members of a thread. An event
//! is serialised before the lock and wakers run after it.

mod budget;
mod candidate;
mod connection;
mod connections;
mod factory;
mod limits;
mod obtain;
mod outbox;
mod probe;
mod rooms;
mod sender;
#[cfg(test)]
mod tests;

pub use budget::{Budget, Exhausted, Reservation};
pub use candidate::{Candidate, Incomplete, Part};
pub use connection::{Connection, Replied, Replies};
pub use connections::{Connections, UserConnections};
pub use factory::{BoxFuture, CreateError, ManagerError, ManagerFactory};
pub use limits::{Limits, SlowClient};
#[cfg(not(nevernone_loom))]
pub use obtain::process_wide;
pub use obtain::{ManagerCell, obtain};
pub use outbox::{Batch, Close};
pub use probe::ProbeError;
pub use rooms::RoomMemberships;
pub use sender::{DropReason, Outcome, SendToThread};

use crate::contain::wake_each;
use crate::event::{ConnectionId, Event, ThreadId, Unnumbered, UserId};
use crate::sync::{Arc, Mutex};
use connections::{Entry, Purpose};
use outbox::Outbox;
use std::fmt;
use std::task::Waker;
use thiserror::Error;

/// A complete manager. Clones are the same manager.
#[derive(Clone)]
pub struct ManagerHandle(Arc<Mutex<Table>>);

/// Who wants to be attached to what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attach {
    /// Whose connection it is.
    pub user: UserId,
    /// Which thread it follows.
    pub thread: ThreadId,
}

/// Why a connection was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AttachError {
    /// The manager was closed.
    #[error("the service is shutting down; connect again later")]
    Closed,
    /// `Limits::connections` are open.
    #[error("all {limit} connections of this service are in use; connect again later")]
    TooManyConnections {
        /// The limit.
        limit: usize,
    },
    /// The user has `Limits::connections_per_user` open.
    #[error("user {user} has all {limit} connections that one user may have; close one first")]
    TooManyForUser {
        /// Who.
        user: UserId,
        /// The limit.
        limit: usize,
    },
    /// All `Limits::threads` threads have connections.
    #[error("{limit} threads are in use; connect again later")]
    TooManyThreads {
        /// The limit.
        limit: usize,
    },
}

impl AttachError {
    /// A stable name for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Closed => "closing",
            Self::TooManyConnections { .. } => "too_many_connections",
            Self::TooManyForUser { .. } => "too_many_connections_of_user",
            Self::TooManyThreads { .. } => "too_many_threads",
        }
    }
}

/// The four parts, all there.
struct Table {
    connections: Connections,
    user_connections: UserConnections,
    room_memberships: RoomMemberships,
    send_to_thread: SendToThread,
    /// Once set, nothing is attached or sent any more.
    closed: bool,
    /// Self-tests so far; each has a thread of its own.
    probes: u64,
}

impl ManagerHandle {
    /// Numbers the event within its thread and hands it to every connection that follows the thread.
    /// Never blocks on a client.
    #[expect(clippy::needless_pass_by_value, reason = "an event that was sent is spent: it has its one number")]
    pub fn send_to_thread(&self, thread: &ThreadId, event: Event) -> Outcome {
        let body = match Unnumbered::new(thread, &event) {
            Ok(body) => body,
            Err(error) => return Outcome::Dropped(DropReason::Unserialisable(error.to_string())),
        };
        let dispatched = self.0.lock().dispatch(thread, body);
        wake_each(dispatched.wakers);
        dispatched.outcome
    }

    /// Attaches a connection to its thread, atomically: it gets what was kept for the thread, and then every
    /// event sent from now on.
    pub fn attach(&self, who: Attach) -> Result<Connection, AttachError> {
        self.attach_for(who, Purpose::Client)
    }

    /// Removes a connection; an id that was removed before, or whose slot has a successor, changes nothing.
    pub fn detach(&self, id: ConnectionId) {
        let detached = self.0.lock().detach(id);
        // Woken, and the entry dropped, after the lock is released.
        if let Some((_entry, waker)) = detached {
            wake_each(waker);
        }
    }

    /// How many clients are attached.
    pub fn connection_count(&self) -> usize {
        self.0.lock().connections.len()
    }

    /// How many threads are remembered, followed or not.
    pub fn thread_count(&self) -> usize {
        self.0.lock().room_memberships.len()
    }

    /// Closes every connection after what waits for it, and refuses all further ones. Terminal.
    pub fn close_all(&self, code: u16, reason: &str) {
        let mut wakers = Vec::new();
        let mut table = self.0.lock();
        table.closed = true;
        for entry in table.connections.entries() {
            wakers.extend(entry.outbox.close(Close::new(code, reason)));
        }
        drop(table);
        wake_each(wakers);
    }

    fn attach_for(&self, who: Attach, purpose: Purpose) -> Result<Connection, AttachError> {
        let (id, outbox) = self.0.lock().attach(&who, purpose)?;
        Ok(Connection { id, user: who.user, thread: who.thread, outbox, manager: self.clone() })
    }
}

impl fmt::Debug for ManagerHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = self.0.lock();
        formatter
            .debug_struct("ManagerHandle")
            .field("connections", &table.connections.len())
            .field("threads", &table.room_memberships.len())
            .field("closed", &table.closed)
            .finish()
    }
}

impl Table {
    fn dispatch(&mut self, thread: &ThreadId, body: Unnumbered) -> sender::Dispatched {
        if self.closed {
            return DropReason::Closed.into();
        }
        let most_threads = self.most_threads();
        self.send_to_thread.dispatch(&mut self.room_memberships, most_threads, thread, body)
    }

    fn attach(&mut self, who: &Attach, purpose: Purpose) -> Result<(ConnectionId, Arc<Outbox>), AttachError> {
        let limits = self.send_to_thread.limits;
        let most_threads = self.reserve(who, purpose)?;
        self.room_memberships
            .room(&who.thread, most_threads)
            .ok_or(AttachError::TooManyThreads { limit: limits.threads })?;
        let outbox = Arc::new(Outbox::new(&limits));
        let id = self.connections.insert(Entry {
            user: who.user.clone(),
            thread: who.thread.clone(),
            outbox: Arc::clone(&outbox),
            purpose,
        });
        self.user_connections.add(&who.user);
        self.room_memberships.join(&who.thread, id, Arc::clone(&outbox));
        Ok((id, outbox))
    }

    /// Checks every limit before anything is changed; tells how many threads there may be.
    fn reserve(&self, who: &Attach, purpose: Purpose) -> Result<usize, AttachError> {
        if self.closed {
            return Err(AttachError::Closed);
        }
        if purpose == Purpose::Loopback {
            return Ok(usize::MAX);
        }
        let limits = &self.send_to_thread.limits;
        if self.connections.len() >= limits.connections {
            return Err(AttachError::TooManyConnections { limit: limits.connections });
        }
        if self.user_connections.count(&who.user) >= limits.connections_per_user {
            return Err(AttachError::TooManyForUser { user: who.user.clone(), limit: limits.connections_per_user });
        }
        Ok(self.most_threads())
    }

    /// Threads of self-tests under way come on top of the limit: a test must not cost a client its place.
    fn most_threads(&self) -> usize {
        self.send_to_thread.limits.threads + self.connections.loopbacks()
    }

    fn detach(&mut self, id: ConnectionId) -> Option<(Entry, Option<Waker>)> {
        let entry = self.connections.remove(id)?;
        self.user_connections.remove(&entry.user);
        let (unreceived, waker) = entry.outbox.abandon();
        self.room_memberships.leave(&entry.thread, id, unreceived, &self.send_to_thread.limits);
        if entry.purpose == Purpose::Loopback {
            self.room_memberships.forget(&entry.thread);
        }
        Some((entry, waker))
    }
}
