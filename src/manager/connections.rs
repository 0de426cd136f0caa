//! The table of connections: slots with generations, so that a late disconnect cannot reap a successor.

use super::budget::Reservation;
use super::outbox::Outbox;
use crate::event::{ConnectionId, ThreadId, UserId};
use crate::sync::Arc;
use std::collections::BTreeMap;

/// Which connection stands where. A factory builds it empty; only the manager fills it.
#[derive(Default)]
pub struct Connections {
    slots: Vec<Slot>,
    /// Slots without an entry; the most recently freed is used first.
    free: Vec<usize>,
    /// Entries that are a client's.
    clients: usize,
    /// Entries that are a self-test's.
    loopbacks: usize,
    /// What it may fill was reserved here, if anywhere.
    _places: Option<Reservation>,
}

#[derive(Default)]
struct Slot {
    /// Raised whenever the slot is freed, so that an old id fits no later entry.
    generation: u64,
    entry: Option<Entry>,
}

pub(crate) struct Entry {
    pub(crate) user: UserId,
    pub(crate) thread: ThreadId,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) purpose: Purpose,
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Client,
    /// The manager's self-test: free of limits, so that a full service does not look broken.
    Loopback,
}

impl Connections {
    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty table that keeps these places for as long as it lives.
    pub fn within(places: Reservation) -> Self {
        Self { _places: Some(places), ..Self::default() }
    }

    /// How many clients are connected.
    pub fn len(&self) -> usize {
        self.clients
    }

    /// Whether no client is connected.
    pub fn is_empty(&self) -> bool {
        self.clients == 0
    }

    pub(crate) fn loopbacks(&self) -> usize {
        self.loopbacks
    }

    fn count(&mut self, purpose: Purpose) -> &mut usize {
        match purpose {
            Purpose::Client => &mut self.clients,
            Purpose::Loopback => &mut self.loopbacks,
        }
    }

    pub(crate) fn insert(&mut self, entry: Entry) -> ConnectionId {
        *self.count(entry.purpose) += 1;
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot::default());
            self.slots.len() - 1
        });
        let place = &mut self.slots[slot];
        place.entry = Some(entry);
        ConnectionId { slot, generation: place.generation }
    }

    /// `None` where the id is of an earlier generation, or already removed.
    pub(crate) fn remove(&mut self, id: ConnectionId) -> Option<Entry> {
        let place = self.slots.get_mut(id.slot).filter(|place| place.generation == id.generation)?;
        let entry = place.entry.take()?;
        place.generation += 1;
        self.free.push(id.slot);
        *self.count(entry.purpose) -= 1;
        Some(entry)
    }

    /// Whether the connection is attached, and not only a successor in its slot.
    pub(crate) fn contains(&self, id: ConnectionId) -> bool {
        self.slots.get(id.slot).is_some_and(|slot| slot.generation == id.generation && slot.entry.is_some())
    }

    /// In the order of slots, which is the same in every run.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.slots.iter().filter_map(|slot| slot.entry.as_ref())
    }
}

/// How many connections each user has. A user without any is not in it.
#[derive(Default)]
pub struct UserConnections {
    counts: BTreeMap<UserId, usize>,
}

impl UserConnections {
    /// Nobody is connected.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many connections a user has.
    pub fn count(&self, user: &UserId) -> usize {
        self.counts.get(user).copied().unwrap_or(0)
    }

    pub(crate) fn add(&mut self, user: &UserId) {
        *self.counts.entry(user.clone()).or_default() += 1;
    }

    pub(crate) fn remove(&mut self, user: &UserId) {
        if let Some(count) = self.counts.get_mut(user) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(user);
            }
        }
    }
}
