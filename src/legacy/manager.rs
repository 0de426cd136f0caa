//! The manager that may be half built, and the cell that shows it to everybody.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt as _;

use crate::{
    event::{Event, ThreadId},
    manager::{Candidate, Incomplete, ManagerError, ManagerFactory, ManagerHandle, Part},
};

/// A manager of which parts may be missing, today or for ever. Clones are the same one.
#[derive(Clone, Debug)]
pub struct LooseManager(Arc<Mutex<Result<ManagerHandle, Incomplete>>>);

impl LooseManager {
    /// The object as its constructor leaves it: nothing is in it.
    pub fn half_built() -> Self {
        Self(Arc::new(Mutex::new(Err(Incomplete { missing: Part::ALL.to_vec() }))))
    }

    /// Puts in what the factory made, as far as it got. Nobody looks at it.
    fn fill(&self, candidate: Candidate) {
        *lock(&self.0) = candidate.validate();
    }

    /// What is usable of it: all, or nothing.
    ///
    /// # Errors
    /// What is missing at this moment.
    pub fn whole(&self) -> Result<ManagerHandle, Incomplete> {
        lock(&self.0).clone()
    }

    /// `try: … except AttributeError: pass`, around a manager that lacks what sending takes.
    pub(super) fn send_to_thread(&self, thread: &ThreadId, event: Event) {
        if let Ok(manager) = self.whole() {
            let _outcome = manager.send_to_thread(thread, event);
        }
    }
}

impl From<ManagerHandle> for LooseManager {
    fn from(manager: ManagerHandle) -> Self {
        Self(Arc::new(Mutex::new(Ok(manager))))
    }
}

/// The lazily created singleton of the incident: published before anybody has looked at it, and never made twice.
#[derive(Debug, Default)]
pub struct LooseCell(Mutex<Slot>);

#[derive(Clone, Debug, Default)]
enum Slot {
    #[default]
    Empty,
    /// Whatever came of the one creation; `None` is remembered as well as anything else.
    Remembered(Option<LooseManager>),
}

/// What a consumer meets where the manager is kept.
#[derive(Debug)]
pub enum Found {
    /// Nobody has published anything: come back later.
    NotYet,
    /// What was published is `None`.
    Missing,
    /// What was published lacks parts.
    HalfBuilt(Incomplete),
    /// A manager.
    Whole(ManagerHandle),
}

impl LooseCell {
    /// What a consumer meets in it.
    pub fn look(&self) -> Found {
        match &*lock(&self.0) {
            Slot::Empty => Found::NotYet,
            Slot::Remembered(None) => Found::Missing,
            Slot::Remembered(Some(manager)) => manager.whole().map_or_else(Found::HalfBuilt, Found::Whole),
        }
    }

    /// What is there; where nothing is, publishes an empty object and then lets the factory fill it.
    ///
    /// # Errors
    /// The factory's, to the first caller only: all others get what it left behind.
    pub async fn get_or_make(&self, factory: &dyn ManagerFactory) -> Result<Option<LooseManager>, ManagerError> {
        let published = {
            let mut slot = lock(&self.0);
            if let Slot::Remembered(manager) = &*slot {
                return Ok(manager.clone());
            }
            let half_built = LooseManager::half_built();
            *slot = Slot::Remembered(Some(half_built.clone()));
            half_built
        };
        // From here on everybody sees it.
        let creation = AssertUnwindSafe(async { factory.create().await }).catch_unwind();
        match creation.await {
            Ok(Ok(Some(candidate))) => published.fill(candidate),
            Ok(Ok(None)) => {
                *lock(&self.0) = Slot::Remembered(None);
                return Ok(None);
            }
            Ok(Err(error)) => return Err(error.into()),
            Err(_) => return Err(ManagerError::Panicked("nobody kept its message".to_owned())),
        }
        Ok(Some(published))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
