//! Whose turn it is: the registry is one for the whole process, and what is armed in it fires for whoever comes first.
//!
//! So a run that drives fail points is executed alone, and runs that drive none may be executed side by side: they may
//! come to the same points. As a lock of `std` would do, if a thread that was given up by the watchdog gave it back.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::registry;
use crate::run::pulse::Pulse;

static TURNS: Mutex<Turns> = Mutex::new(Turns { held: Vec::new(), waiting: 0 });
static GIVEN_BACK: Condvar = Condvar::new();
/// Relaxed: a source of different numbers.
static NEXT: AtomicU64 = AtomicU64::new(0);

struct Turns {
    held: Vec<Held>,
    /// Who wants to be alone; nobody else begins meanwhile, or they would wait for ever.
    waiting: usize,
}

struct Held {
    id: u64,
    alone: bool,
    /// Of the thread whose turn it is.
    pulse: Arc<Pulse>,
}

/// A run's turn; given back when it is dropped.
pub(in crate::run) struct Turn {
    id: u64,
    pub(super) alone: bool,
    /// To be switched off when the turn ends.
    pub(super) points: Vec<&'static str>,
}

impl Turn {
    /// Waits for a turn. Not while a step is being taken: the watchdog would take the waiting for it.
    pub(super) fn take(alone: bool, pulse: &Arc<Pulse>) -> Turn {
        let mut turns = lock();
        turns.waiting += usize::from(alone);
        while turns.held.iter().any(|held| alone || held.alone) || (!alone && turns.waiting > 0) {
            turns = GIVEN_BACK.wait(turns).unwrap_or_else(PoisonError::into_inner);
        }
        turns.waiting -= usize::from(alone);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        turns.held.push(Held { id, alone, pulse: Arc::clone(pulse) });
        Turn { id, alone, points: Vec::new() }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut turns = lock();
        // Of a thread that was given up: it is somebody else's turn now.
        let Some(place) = turns.held.iter().position(|held| held.id == self.id) else { return };
        self.points.iter().for_each(|point| registry::switch_off(point));
        turns.held.swap_remove(place);
        drop(turns);
        GIVEN_BACK.notify_all();
    }
}

/// Gives back the turn of a thread that was given up.
pub(crate) fn give_up(pulse: &Arc<Pulse>) {
    lock().held.retain(|held| !Arc::ptr_eq(&held.pulse, pulse));
    GIVEN_BACK.notify_all();
}

fn lock() -> MutexGuard<'static, Turns> {
    // Nothing happens under the lock that could panic half-way.
    TURNS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc};
    use std::thread;

    use super::{Pulse, Turn, give_up};

    #[test]
    fn whoever_is_alone_is_waited_for_and_a_thread_that_was_given_up_is_not() {
        let (mine, other) = (Arc::<Pulse>::default(), Arc::<Pulse>::default());
        let alone = Turn::take(true, &mine);
        let (sender, received) = mpsc::channel();
        let waits = thread::spawn(move || {
            let turns = [Turn::take(false, &other), Turn::take(false, &other)];
            sender.send(()).unwrap();
            drop(turns);
        });
        assert!(received.try_recv().is_err(), "two beside one that is alone");
        drop(alone);
        received.recv().unwrap();
        waits.join().unwrap();
        // This one's thread is not heard of any more.
        let hung = Turn::take(true, &mine);
        give_up(&mine);
        let next = Turn::take(true, &Arc::default());
        drop(hung);
        let waits = thread::spawn(|| drop(Turn::take(true, &Arc::default())));
        assert!(!waits.is_finished(), "the turn that was given up is nobody's to give back");
        drop(next);
        waits.join().unwrap();
    }
}
