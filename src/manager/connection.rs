//! The receiving end of one connection.

use super::ManagerHandle;
use super::outbox::{Batch, Close, Outbox, Push};
use crate::contain::wake_each;
use crate::event::{ConnectionId, Frame, ThreadId, UserId};
use crate::sync::Arc;
use std::future::poll_fn;
use std::task::{Context, Poll};

/// An attached connection. Dropping it detaches it; what it did not receive goes back to the thread's
/// backlog if nobody else follows the thread.
#[must_use = "dropping a connection detaches it"]
pub struct Connection {
    pub(super) id: ConnectionId,
    pub(super) user: UserId,
    pub(super) thread: ThreadId,
    pub(super) outbox: Arc<Outbox>,
    pub(super) manager: ManagerHandle,
}

/// Answers one connection from elsewhere than its receiving end, in order with its events.
#[derive(Clone)]
pub struct Replies(Arc<Outbox>);

/// What became of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replied {
    /// It waits to be written.
    Queued,
    /// The outbox was full: dropped, or the connection closed, as the slow client's policy says.
    OutboxFull,
    /// The connection is closed already.
    Closed,
}

impl Connection {
    /// Which connection this is.
    pub fn id(&self) -> ConnectionId {
        self.id
    }

    /// Whose it is.
    pub fn user(&self) -> &UserId {
        &self.user
    }

    /// Which thread it follows.
    pub fn thread(&self) -> &ThreadId {
        &self.thread
    }

    /// Waits for messages and takes up to `max` of them (at least one), or learns that the connection is closed.
    ///
    /// Cancel safe: a call that is dropped has taken nothing.
    pub async fn next_batch(&mut self, max: usize) -> Batch {
        poll_fn(|context| self.poll_batch(context, max)).await
    }

    /// As [`Self::next_batch`], for one poll.
    pub fn poll_batch(&mut self, context: &mut Context<'_>, max: usize) -> Poll<Batch> {
        self.outbox.poll_batch(context, max)
    }

    /// What is there now, if anything is.
    pub fn try_batch(&mut self, max: usize) -> Option<Batch> {
        self.outbox.try_batch(max)
    }

    /// A way to answer this connection.
    pub fn replies(&self) -> Replies {
        Replies(Arc::clone(&self.outbox))
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.manager.detach(self.id);
    }
}

impl Replies {
    /// Queues one text for this connection alone.
    pub fn send(&self, text: String) -> Replied {
        match self.0.push(Frame::reply(text)) {
            Push::Accepted(waker) => {
                wake_each(waker);
                Replied::Queued
            }
            Push::Refused => Replied::OutboxFull,
            Push::Disconnected(waker) => {
                wake_each(waker);
                Replied::OutboxFull
            }
            Push::Closed => Replied::Closed,
        }
    }

    /// Closes the connection after what waits for it. The first close wins.
    pub fn close(&self, close: Close) {
        wake_each(self.0.close(close));
    }
}
