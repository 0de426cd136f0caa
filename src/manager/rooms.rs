//! Who follows which thread, the thread's numbering, and what is kept for a thread that nobody follows.
//! Invariant: while a member's outbox is open, the backlog is empty.

use super::budget::Reservation;
use super::limits::Limits;
use super::outbox::{Outbox, Push};
use crate::event::{ConnectionId, Frame, ThreadId};
use crate::sync::Arc;
use std::collections::{BTreeMap, VecDeque};

/// The threads and their members. A factory builds it empty; only the manager fills it.
#[derive(Default)]
pub struct RoomMemberships {
    rooms: BTreeMap<ThreadId, Room>,
    /// Rooms without an open member by the moment (a count, not a clock) of their last use. A room whose members were
    /// closed by themselves, and are yet to leave, comes in when it is next used: it is empty until then.
    idle: BTreeMap<u64, ThreadId>,
    /// The next moment.
    moment: u64,
    /// Always the sum of all rooms' `backlog_bytes`.
    kept_bytes: usize,
    /// What it may fill was reserved here, if anywhere.
    _places: Option<Reservation>,
}

#[derive(Default)]
pub(crate) struct Room {
    members: Vec<Member>,
    /// The number of the last event.
    seq: u64,
    backlog: VecDeque<Frame>,
    backlog_bytes: usize,
    /// Its key in `idle`; `None` while it has open members.
    idle_since: Option<u64>,
}

struct Member {
    id: ConnectionId,
    outbox: Arc<Outbox>,
}

impl Room {
    /// The numbers are used up also by events that reach nobody: a gap is how a client sees a loss.
    pub(crate) fn next_number(&mut self) -> u64 {
        self.seq += 1;
        self.seq
    }

    pub(crate) fn push_to_all<'a>(&'a self, frame: &'a Frame) -> impl Iterator<Item = Push> + 'a {
        self.members.iter().map(|member| member.outbox.push(frame.clone()))
    }

    fn has_open_member(&self) -> bool {
        self.members.iter().any(|member| !member.outbox.is_closed())
    }
}

impl RoomMemberships {
    /// No threads.
    pub fn new() -> Self {
        Self::default()
    }

    /// No threads, and these places for as long as it lives.
    pub fn within(places: Reservation) -> Self {
        Self { _places: Some(places), ..Self::default() }
    }

    /// How many threads are remembered, followed or not.
    pub fn len(&self) -> usize {
        self.rooms.len()
    }

    /// Whether no thread is remembered.
    pub fn is_empty(&self) -> bool {
        self.rooms.is_empty()
    }

    pub(crate) fn contains(&self, thread: &ThreadId) -> bool {
        self.rooms.contains_key(thread)
    }

    /// Finds or makes the room; `None` where `most` others exist and all have members.
    pub(crate) fn room(&mut self, thread: &ThreadId, most: usize) -> Option<&mut Room> {
        if !self.contains(thread) && self.rooms.len() >= most && !self.forget_longest_idle(None) {
            return None;
        }
        self.touch(thread);
        self.rooms.get_mut(thread)
    }

    /// The new member gets what was kept, in order, before anything that is sent later.
    /// The room must exist.
    pub(crate) fn join(&mut self, thread: &ThreadId, id: ConnectionId, outbox: Arc<Outbox>) {
        let Some(room) = self.rooms.get_mut(thread) else {
            return;
        };
        if let Some(moment) = room.idle_since.take() {
            self.idle.remove(&moment);
        }
        self.kept_bytes -= std::mem::take(&mut room.backlog_bytes);
        for frame in room.backlog.drain(..) {
            // A backlog fits into an empty outbox (`Limits::consistent`), and nobody waits on a new one.
            outbox.push(frame);
        }
        room.members.push(Member { id, outbox });
    }

    /// What the member did not receive goes back to the backlog if nobody else follows the thread, unless the thread was
    /// forgotten meanwhile.
    pub(crate) fn leave(&mut self, thread: &ThreadId, id: ConnectionId, unreceived: VecDeque<Frame>, limits: &Limits) {
        let Some(room) = self.rooms.get_mut(thread) else {
            return;
        };
        let Some(place) = room.members.iter().position(|member| member.id == id) else {
            return;
        };
        room.members.remove(place);
        if !room.has_open_member() {
            self.give_back(thread, unreceived, limits);
        }
        self.touch(thread);
    }

    /// Keeps an event for whoever comes first; `false` where the bounds do not allow it. The thread's own bounds are looked
    /// at before any other thread is forgotten, so that nobody loses anything for an event that is refused.
    pub(crate) fn keep(&mut self, thread: &ThreadId, frame: Frame, limits: &Limits) -> bool {
        // Its last open member may have been closed by this very event: what is kept must be possible to forget.
        self.touch(thread);
        let full = |room: &Room| {
            room.backlog.len() >= limits.backlog_events || room.backlog_bytes + frame.len() > limits.backlog_bytes
        };
        if self.rooms.get(thread).is_none_or(full) {
            return false;
        }
        while self.kept_bytes + frame.len() > limits.backlog_total_bytes {
            if !self.forget_longest_idle(Some(thread)) {
                return false;
            }
        }
        let Some(room) = self.rooms.get_mut(thread) else {
            return false;
        };
        room.backlog_bytes += frame.len();
        self.kept_bytes += frame.len();
        room.backlog.push_back(frame);
        true
    }

    pub(crate) fn forget(&mut self, thread: &ThreadId) {
        if let Some(room) = self.rooms.remove(thread) {
            self.kept_bytes -= room.backlog_bytes;
            if let Some(moment) = room.idle_since {
                self.idle.remove(&moment);
            }
        }
    }

    /// They are older than all that is kept already (the leaver was open while they were sent), so they go
    /// before it; of too many the oldest are lost, which leaves the rest without a gap.
    fn give_back(&mut self, thread: &ThreadId, unreceived: VecDeque<Frame>, limits: &Limits) {
        let Some(room) = self.rooms.get_mut(thread) else {
            return;
        };
        for frame in unreceived.into_iter().rev().filter(Frame::is_for_thread) {
            let full = room.backlog.len() >= limits.backlog_events
                || room.backlog_bytes + frame.len() > limits.backlog_bytes
                || self.kept_bytes + frame.len() > limits.backlog_total_bytes;
            if full {
                return;
            }
            room.backlog_bytes += frame.len();
            self.kept_bytes += frame.len();
            room.backlog.push_front(frame);
        }
    }

    /// Makes the room if need be, and the most recently used of the idle ones if it has no open member.
    fn touch(&mut self, thread: &ThreadId) {
        if !self.contains(thread) {
            self.rooms.insert(thread.clone(), Room::default());
        }
        let Some(room) = self.rooms.get_mut(thread) else {
            return;
        };
        if let Some(moment) = room.idle_since.take() {
            self.idle.remove(&moment);
        }
        if !room.has_open_member() {
            self.moment += 1;
            room.idle_since = Some(self.moment);
            self.idle.insert(self.moment, thread.clone());
        }
    }

    /// `false` where there is none, or it is the one to spare.
    fn forget_longest_idle(&mut self, spare: Option<&ThreadId>) -> bool {
        let Some((_, thread)) = self.idle.first_key_value() else {
            return false;
        };
        if Some(thread) == spare {
            return false;
        }
        let thread = thread.clone();
        self.forget(&thread);
        true
    }
}
