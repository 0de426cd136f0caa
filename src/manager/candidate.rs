//! What a factory makes, and the one way from there to a manager: parse, don't validate.

use super::{Connections, Limits, ManagerHandle, RoomMemberships, SendToThread, Table, UserConnections};
use crate::sync::{Arc, Mutex};
use std::fmt;
use thiserror::Error;

/// A part that a manager cannot be without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The table of connections.
    Connections,
    /// The connections of each user.
    UserConnections,
    /// Who follows which thread.
    RoomMemberships,
    /// The dispatcher of events.
    SendToThread,
}

impl Part {
    /// Every part, in the order in which they are named.
    pub const ALL: [Self; 4] = [Self::Connections, Self::UserConnections, Self::RoomMemberships, Self::SendToThread];
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Connections => "connections",
            Self::UserConnections => "user_connections",
            Self::RoomMemberships => "room_memberships",
            Self::SendToThread => "send_to_thread",
        })
    }
}

/// A manager in the making: any part may be missing, and nobody but its factory can use it.
#[derive(Default)]
pub struct Candidate {
    /// The table of connections.
    pub connections: Option<Connections>,
    /// The connections of each user.
    pub user_connections: Option<UserConnections>,
    /// Who follows which thread.
    pub room_memberships: Option<RoomMemberships>,
    /// The dispatcher of events.
    pub send_to_thread: Option<SendToThread>,
}

/// A candidate that cannot be a manager.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "the WebSocket manager is incomplete: missing {}; its factory must supply every part, with limits above zero",
    named(missing)
)]
pub struct Incomplete {
    /// What is missing, or present and not working (never empty), in the order of [`Part::ALL`].
    pub missing: Vec<Part>,
}

impl Candidate {
    /// All four parts, empty, within these bounds.
    pub fn complete(limits: Limits) -> Self {
        Self {
            connections: Some(Connections::new()),
            user_connections: Some(UserConnections::new()),
            room_memberships: Some(RoomMemberships::new()),
            send_to_thread: Some(SendToThread::new(limits)),
        }
    }

    /// The same without one part.
    #[must_use]
    pub fn without(mut self, part: Part) -> Self {
        match part {
            Part::Connections => self.connections = None,
            Part::UserConnections => self.user_connections = None,
            Part::RoomMemberships => self.room_memberships = None,
            Part::SendToThread => self.send_to_thread = None,
        }
        self
    }

    /// The only way to a manager: every part must be there, and one event must pass from `send_to_thread` to a
    /// loopback receiver, of which nothing is left. A part that is there and does not work counts as missing.
    pub fn validate(self) -> Result<ManagerHandle, Incomplete> {
        let missing = self.missing();
        let parts = (self.connections, self.user_connections, self.room_memberships, self.send_to_thread);
        let (Some(connections), Some(user_connections), Some(room_memberships), Some(send_to_thread)) = parts else {
            return Err(Incomplete { missing });
        };
        if let Some(part) = send_to_thread.limits.useless_part() {
            return Err(Incomplete { missing: vec![part] });
        }
        let table = Table { connections, user_connections, room_memberships, send_to_thread, closed: false, probes: 0 };
        let manager = ManagerHandle(Arc::new(Mutex::new(table)));
        match manager.probe() {
            Ok(()) => Ok(manager),
            Err(error) => Err(Incomplete { missing: vec![error.part()] }),
        }
    }

    fn missing(&self) -> Vec<Part> {
        let present = |part: &Part| match part {
            Part::Connections => self.connections.is_some(),
            Part::UserConnections => self.user_connections.is_some(),
            Part::RoomMemberships => self.room_memberships.is_some(),
            Part::SendToThread => self.send_to_thread.is_some(),
        };
        Part::ALL.into_iter().filter(|part| !present(part)).collect()
    }
}

fn named(parts: &[Part]) -> String {
    parts.iter().map(Part::to_string).collect::<Vec<_>>().join(", ")
}
