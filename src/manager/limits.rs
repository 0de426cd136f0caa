//! The bounds of everything that a client or a sender can make the manager hold.

use super::Part;

/// What to do with a connection whose outbox is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlowClient {
    /// Close it with this code and forget what waits for it: it comes back and sees the gap by `seq`.
    Disconnect {
        /// The WebSocket close code; 1013 means "try again later".
        code: u16,
    },
    /// Keep it, drop the new event for it: it sees the gap by `seq`.
    DropNewest,
}

/// Bounds of one manager. Bytes are bytes of serialised JSON. Of connections, connections of a user, threads, and what an
/// outbox and an event may hold, zero would let nothing through: validation refuses it, and names the part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections of all users together.
    pub connections: usize,
    /// Connections of one user.
    pub connections_per_user: usize,
    /// Threads remembered, with their numbering; beyond it the one without connections for longest is forgotten.
    pub threads: usize,
    /// The largest event.
    pub event_bytes: usize,
    /// Messages waiting for one connection.
    pub outbox_events: usize,
    /// Bytes waiting for one connection.
    pub outbox_bytes: usize,
    /// Events kept for one thread that nobody listens to; 0 keeps none, and a send then says `NoReceiver`.
    pub backlog_events: usize,
    /// Bytes kept for one thread that nobody listens to.
    pub backlog_bytes: usize,
    /// Bytes kept for all such threads together; beyond it the thread idle for longest is forgotten.
    pub backlog_total_bytes: usize,
    /// What happens to a client that does not keep up.
    pub slow_client: SlowClient,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            connections_per_user: 64,
            threads: 20_000,
            event_bytes: 256 * 1024,
            outbox_events: 1_024,
            outbox_bytes: 1024 * 1024,
            backlog_events: 256,
            backlog_bytes: 512 * 1024,
            backlog_total_bytes: 64 * 1024 * 1024,
            slow_client: SlowClient::Disconnect { code: 1013 },
        }
    }
}

impl Limits {
    /// The part through which no client could ever get anything. What outbox and event may hold is found out by the probe.
    pub(crate) fn useless_part(&self) -> Option<Part> {
        let clients = [
            (self.connections, Part::Connections),
            (self.connections_per_user, Part::UserConnections),
            (self.threads, Part::RoomMemberships),
        ];
        clients.into_iter().find(|(limit, _)| *limit == 0).map(|(_, part)| part)
    }

    /// A backlog that fits into an empty outbox, so that the first to attach gets all of it; and into what is kept for all
    /// threads together, or else forgetting every other thread would not make room for it.
    pub(crate) fn consistent(mut self) -> Self {
        self.backlog_events = self.backlog_events.min(self.outbox_events);
        self.backlog_bytes = self.backlog_bytes.min(self.outbox_bytes).min(self.backlog_total_bytes);
        self
    }
}
