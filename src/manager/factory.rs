//! Who makes managers, and everything that can come of it.

use super::{Candidate, Incomplete, ManagerHandle};
use crate::contain::contain;
use std::error::Error as StdError;
use std::pin::Pin;
// Not shared state but an immutable value, so it needs no modelling.
use std::sync::Arc;
use std::task::{Context, Poll};
use thiserror::Error;

/// A boxed future that can be sent to another thread.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Makes candidates. What it makes may be nothing or incomplete; nobody sees it before it is validated.
pub trait ManagerFactory: Send + Sync {
    /// Makes one. `Ok(None)` is a factory that ran and has nothing: the incident's `None`.
    ///
    /// The future may be dropped at any point, and whatever it holds then must be given back by its drop.
    fn create(&self) -> BoxFuture<'static, Result<Option<Candidate>, CreateError>>;
}

/// Why a factory made nothing.
#[derive(Clone, Debug, Error)]
pub enum CreateError {
    /// It could not; `what` says what it was doing.
    #[error("{what}")]
    Failed {
        /// What failed, with the next step where one is known.
        what: String,
        /// What lay beneath, if anything.
        #[source]
        source: Option<Arc<dyn StdError + Send + Sync>>,
    },
    /// Work that it waited for was cancelled from elsewhere.
    #[error("the creation was cancelled from elsewhere, probably by a shutdown; try again once that is over")]
    Cancelled,
}

impl CreateError {
    /// A failure without a deeper cause.
    pub fn new(what: impl Into<String>) -> Self {
        Self::Failed { what: what.into(), source: None }
    }

    /// A failure with its cause.
    pub fn because(what: impl Into<String>, source: impl StdError + Send + Sync + 'static) -> Self {
        Self::Failed { what: what.into(), source: Some(Arc::new(source)) }
    }
}

/// Why there is no manager. The cell is empty then, so another call may try again (but for `Retired`).
#[derive(Clone, Debug, Error)]
pub enum ManagerError {
    /// The factory ran and made nothing.
    #[error("the factory returned None in place of a WebSocket manager; check that it is wired to real parts")]
    Nothing,
    /// The factory made something that lacks parts.
    #[error(transparent)]
    Incomplete(#[from] Incomplete),
    /// The factory failed.
    #[error("the WebSocket manager could not be created: {0}")]
    Failed(#[source] CreateError),
    /// The factory panicked with this message.
    #[error("the factory of the WebSocket manager panicked: {0}; this is a bug in the factory")]
    Panicked(String),
    /// Work that the factory waited for was cancelled.
    #[error("the creation of the WebSocket manager was cancelled; another call starts it afresh")]
    Cancelled,
    /// The factory asked for the manager that it is making.
    #[error("the factory asked for the WebSocket manager that it is making; give it what it needs directly")]
    Reentered,
    /// The cell was retired at shutdown.
    #[error("the WebSocket manager was retired at shutdown; a new start makes a new one")]
    Retired,
}

impl From<CreateError> for ManagerError {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::Cancelled => Self::Cancelled,
            failed @ CreateError::Failed { .. } => Self::Failed(failed),
        }
    }
}

/// One creation: the factory's future and the validation of what it made. The factory is only borrowed until
/// its future exists. A panic is an error here, so that it is told once and by name, not once for everybody who waits.
pub(super) fn begin(
    factory: &dyn ManagerFactory,
) -> impl Future<Output = Result<ManagerHandle, ManagerError>> + Send + use<> {
    let begun = contain(|| factory.create());
    async move {
        let creation = begun.map_err(ManagerError::Panicked)?;
        let candidate = Caught(creation).await??.ok_or(ManagerError::Nothing)?;
        Ok(candidate.validate()?)
    }
}

/// Turns a panic of the inner future into an error; the inner future is not polled after it.
struct Caught<T>(BoxFuture<'static, T>);

impl<T> Future for Caught<T> {
    type Output = Result<T, ManagerError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match contain(|| self.0.as_mut().poll(context)) {
            Ok(poll) => poll.map(Ok),
            Err(message) => Poll::Ready(Err(ManagerError::Panicked(message))),
        }
    }
}
