//! What waits to be written to one connection. A push never blocks and never waits: it is accepted, or the
//! slow client's policy applies at once.

use super::limits::{Limits, SlowClient};
use crate::event::Frame;
use crate::sync::Mutex;
use std::collections::VecDeque;
use std::task::{Context, Poll, Waker};

/// Why and with which code a connection ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    /// The WebSocket close code.
    pub code: u16,
    /// What the client is told; at most 123 bytes go over the wire.
    pub reason: String,
}

impl Close {
    /// A close with its reason.
    pub fn new(code: u16, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into() }
    }
}

/// What the receiving end gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Batch {
    /// At least one message, oldest first.
    Frames(Vec<Frame>),
    /// Nothing more will come.
    Closed(Close),
}

/// What became of one push. The waker, if any, is to be woken after every lock is released.
pub(crate) enum Push {
    Accepted(Option<Waker>),
    /// Full, and the policy keeps the connection.
    Refused,
    /// Full, and the policy closed the connection just now.
    Disconnected(Option<Waker>),
    /// Closed before.
    Closed,
}

pub(crate) struct Outbox {
    queue: Mutex<Queue>,
    capacity: Capacity,
}

#[derive(Clone, Copy)]
struct Capacity {
    events: usize,
    bytes: usize,
    slow_client: SlowClient,
}

#[derive(Default)]
struct Queue {
    frames: VecDeque<Frame>,
    /// Always the sum of the frames' lengths.
    bytes: usize,
    /// Once set it stays; frames that were accepted before still go out first.
    close: Option<Close>,
    /// There is one receiving end, so one waker is the whole waker list.
    receiver: Option<Waker>,
}

impl Outbox {
    pub(crate) fn new(limits: &Limits) -> Self {
        let capacity =
            Capacity { events: limits.outbox_events, bytes: limits.outbox_bytes, slow_client: limits.slow_client };
        Self { queue: Mutex::new(Queue::default()), capacity }
    }

    pub(crate) fn push(&self, frame: Frame) -> Push {
        let mut queue = self.queue.lock();
        if queue.close.is_some() {
            return Push::Closed;
        }
        let fits = queue.frames.len() < self.capacity.events && queue.bytes + frame.len() <= self.capacity.bytes;
        if fits {
            queue.bytes += frame.len();
            queue.frames.push_back(frame);
            return Push::Accepted(queue.receiver.take());
        }
        match self.capacity.slow_client {
            SlowClient::DropNewest => Push::Refused,
            SlowClient::Disconnect { code } => {
                // The client does not read: waiting to write the rest would only keep its memory.
                queue.frames.clear();
                queue.bytes = 0;
                queue.close = Some(Close::new(code, "the client does not keep up with its events"));
                Push::Disconnected(queue.receiver.take())
            }
        }
    }

    /// The first close wins; what was accepted before it is still handed out.
    pub(crate) fn close(&self, close: Close) -> Option<Waker> {
        let mut queue = self.queue.lock();
        queue.close.get_or_insert(close);
        queue.receiver.take()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.queue.lock().close.is_some()
    }

    /// Up to `max` messages (at least one), or the close, or the promise to wake `context`.
    pub(crate) fn poll_batch(&self, context: &mut Context<'_>, max: usize) -> Poll<Batch> {
        if let Some(batch) = self.try_batch(max) {
            return Poll::Ready(batch);
        }
        // Wakers are foreign code: cloned before the lock is taken, dropped after it is released.
        let waker = context.waker().clone();
        let mut queue = self.queue.lock();
        let (answer, _discarded) = match queue.take(max) {
            Some(batch) => (Poll::Ready(batch), None),
            None => (Poll::Pending, queue.receiver.replace(waker)),
        };
        drop(queue);
        answer
    }

    /// As [`Self::poll_batch`], without waiting.
    pub(crate) fn try_batch(&self, max: usize) -> Option<Batch> {
        self.queue.lock().take(max)
    }

    /// Closes for good and takes what nobody received. Whoever waits at the receiving end is to be woken.
    pub(crate) fn abandon(&self) -> (VecDeque<Frame>, Option<Waker>) {
        let mut queue = self.queue.lock();
        queue.close.get_or_insert(Close::new(1001, "detached"));
        queue.bytes = 0;
        (std::mem::take(&mut queue.frames), queue.receiver.take())
    }
}

impl Queue {
    fn take(&mut self, max: usize) -> Option<Batch> {
        if self.frames.is_empty() {
            return self.close.clone().map(Batch::Closed);
        }
        let count = self.frames.len().min(max.max(1));
        let frames: Vec<Frame> = self.frames.drain(..count).collect();
        self.bytes -= frames.iter().map(Frame::len).sum::<usize>();
        Some(Batch::Frames(frames))
    }
}
