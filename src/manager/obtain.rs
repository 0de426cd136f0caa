//! The one way to the manager: created once, validated before anybody can see it, told in the log.

use super::ManagerHandle;
use super::factory::{ManagerError, ManagerFactory, begin};
use crate::log;
use crate::singleton::{Cause, Failure, Singleton};
use std::error::Error as StdError;
use std::fmt::Write as _;

/// Where a process (or a test) keeps its manager.
pub type ManagerCell = Singleton<ManagerHandle, ManagerError>;

/// A cell that several hold. By the cores' own `Arc`, so that loom knows that whoever holds it last drops it after all the
/// others are done with it.
pub type SharedCell = crate::sync::Arc<ManagerCell>;

/// The process's own cell, for code that cannot be given one. A [`Platform`](crate::startup::Platform) does not use it:
/// it owns a cell for each of its starts, while this one stays retired once it was retired.
#[cfg(not(nevernone_loom))] // loom's primitives cannot be in a static
pub fn process_wide() -> &'static ManagerCell {
    static CELL: ManagerCell = ManagerCell::new();
    &CELL
}

/// The manager of the cell; where there is none yet, joins the creation under way or starts one.
///
/// The candidate is validated *before* it is published, and a failed creation leaves the cell empty, so that the
/// next call can try again. Each creation logs `manager.created` or `manager.create_failed` once, however many
/// callers wait for it; a caller that is refused alone (re-entry, retirement) logs for itself.
///
/// Cancel safe: a caller that is dropped hands the creation over to the others, or drops it with the last.
pub async fn obtain(cell: &ManagerCell, factory: &dyn ManagerFactory) -> Result<ManagerHandle, ManagerError> {
    let creation = || {
        let created = begin(factory);
        async move {
            let created = created.await;
            tell(created.as_ref().err());
            created
        }
    };
    match cell.get_or_try_init(creation).await {
        Ok(manager) => Ok(manager.clone()),
        Err(failure) => Err(refusal(&failure)),
    }
}

/// The caller's own copy of why. What the creation itself told is not told again.
fn refusal(failure: &Failure<ManagerError>) -> ManagerError {
    let error = match &failure.cause {
        Cause::Failed(error) => return error.clone(),
        Cause::Panicked(message) => ManagerError::Panicked(message.clone()),
        Cause::Reentered => ManagerError::Reentered,
        Cause::Retired => ManagerError::Retired,
    };
    tell(Some(&error));
    error
}

fn tell(failure: Option<&ManagerError>) {
    match failure {
        None => log::manager_created(),
        Some(error) => log::manager_create_failed(chain(error)),
    }
}

/// The error and what lies beneath it, as long as that adds something.
fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(beneath) = cause {
        let told = beneath.to_string();
        if !text.contains(&told) {
            // Writing to a `String` cannot fail.
            let _ = write!(text, ": {told}");
        }
        cause = beneath.source();
    }
    text
}
