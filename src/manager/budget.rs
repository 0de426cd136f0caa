//! What the managers of a process may take together: reserved part by part while one is made, held for as long as it lives.

use super::{Candidate, Connections, CreateError, Limits, RoomMemberships, SendToThread, UserConnections};
use crate::sync::{Arc, Mutex};
use thiserror::Error;

/// A number of places (a connection or a thread takes one each) that managers share. Clones are the same budget.
///
/// ```
/// use nevernone_reference::manager::{Budget, Candidate, Limits};
///
/// let limits = Limits { connections: 3, threads: 2, ..Limits::default() };
/// let budget = Budget::new(6);
/// let manager = Candidate::within(limits, &budget).unwrap().validate().unwrap();
/// assert_eq!(budget.taken(), 5);
/// assert!(Candidate::within(limits, &budget).is_err(), "one place is left, and a second manager needs five");
/// assert_eq!(budget.taken(), 5, "what it had reserved by then was given back");
/// drop(manager);
/// assert_eq!(budget.taken(), 0);
/// ```
#[derive(Clone, Debug)]
pub struct Budget(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    total: usize,
    /// At most `total`; always the sum of all living reservations.
    taken: Mutex<usize>,
}

/// Not enough places are left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{wanted} places are needed and {free} of {total} are free: wait until a manager is gone, or raise the budget")]
pub struct Exhausted {
    /// How many were asked for.
    pub wanted: usize,
    /// How many were left.
    pub free: usize,
    /// How many there are.
    pub total: usize,
}

/// Places that are taken; the drop gives them back.
#[derive(Debug)]
#[must_use = "dropped, the places are free again"]
pub struct Reservation {
    budget: Budget,
    places: usize,
}

impl Budget {
    /// So many places, all free.
    pub fn new(total: usize) -> Self {
        Self(Arc::new(Shared { total, taken: Mutex::new(0) }))
    }

    /// How many are taken.
    pub fn taken(&self) -> usize {
        *self.0.taken.lock()
    }

    /// Takes so many at once, or none.
    pub fn reserve(&self, places: usize) -> Result<Reservation, Exhausted> {
        let mut taken = self.0.taken.lock();
        let (total, free) = (self.0.total, self.0.total - *taken);
        if places > free {
            return Err(Exhausted { wanted: places, free, total });
        }
        *taken += places;
        drop(taken);
        Ok(Reservation { budget: self.clone(), places })
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        *self.budget.0.taken.lock() -= self.places;
    }
}

impl From<Exhausted> for CreateError {
    fn from(exhausted: Exhausted) -> Self {
        Self::because("the manager's parts could not be reserved", exhausted)
    }
}

impl Candidate {
    /// [`complete`](Self::complete), with a place of the budget for each connection and each thread that the limits allow.
    /// The manager holds them for as long as anybody holds the manager.
    ///
    /// # Errors
    /// Where too few are left, for either: then none is taken.
    pub fn within(limits: Limits, budget: &Budget) -> Result<Self, Exhausted> {
        let connections = Connections::within(budget.reserve(limits.connections)?);
        let room_memberships = RoomMemberships::within(budget.reserve(limits.threads)?);
        Ok(Self {
            connections: Some(connections),
            user_connections: Some(UserConnections::new()),
            room_memberships: Some(room_memberships),
            send_to_thread: Some(SendToThread::new(limits)),
        })
    }
}
