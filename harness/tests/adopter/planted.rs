//! Two bugs, planted: variants of the startup as somebody could have written them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::service::{App, StartError};

/// Announces "ready" one line too early: before the cache is connected.
pub(crate) async fn start_ready_too_early(app: App) -> Result<(), StartError> {
    app.connect_database().await?;
    app.announce_ready();
    app.connect_cache().await
}

/// Lets one startup at a time pass.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gate {
    starting: Arc<AtomicBool>,
}

/// Why a gated startup did not end well.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GatedError {
    #[error("another startup is under way")]
    Busy,
    #[error(transparent)]
    Start(#[from] StartError),
}

impl Gate {
    /// Opens the gate again by hand after the startup. A caller that gives up in the middle drops that line with the
    /// rest of the future, and the gate stays shut for ever.
    pub(crate) async fn start_that_sticks(&self, app: App) -> Result<(), GatedError> {
        self.shut()?;
        let started = app.start().await;
        self.starting.store(false, Ordering::Release);
        Ok(started?)
    }

    /// Opens the gate again when it is left, in whichever way.
    pub(crate) async fn start(&self, app: App) -> Result<(), GatedError> {
        self.shut()?;
        let _open_again = OpenAgain(&self.starting);
        Ok(app.start().await?)
    }

    fn shut(&self) -> Result<(), GatedError> {
        // Acquire and release: what an earlier startup did happens before this one.
        if self.starting.swap(true, Ordering::AcqRel) { Err(GatedError::Busy) } else { Ok(()) }
    }
}

struct OpenAgain<'a>(&'a AtomicBool);

impl Drop for OpenAgain<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}
