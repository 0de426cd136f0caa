//! What no choice explains, by what was seen: so that each kind brings its own words, and nobody has to guess from them
//! what lies behind.

use serde::{Deserialize, Serialize};

/// Why a search cannot stand for its scenario: something happened that is no function of the choices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Uncontrolled {
    /// A draw, or the course of events around it, was another one than in an earlier execution of the same choices: which.
    #[error("{0}")]
    Draw(String),
    /// Two executions of one choice sequence differ in what came after the last draw.
    #[error("after its last draw the same run took another course than before")]
    Course,
    /// They differ, and all later executions are as the second one.
    #[error("every later execution of a run took another course than an earlier one")]
    Lasting,
    /// A property failed in one execution only.
    #[error("`{0}` failed once, and not again under the same choices")]
    FailedOnce(String),
    /// A property failed in the second execution of a run only.
    #[error("`{0}` held, and not again under the same choices")]
    HeldOnce(String),
    /// Work went to a thread of tokio's.
    #[error("`spawn_blocking` started a thread that no choice controls; pass its work in, or run it inline under test")]
    BlockingThread,
    /// Another thread took part.
    #[error("a thread that does not belong to the run woke one of its tasks; no choice controls that thread")]
    ForeignThread,
    /// What crashed may have owned tasks that only the runtime can drop.
    #[error(
        "a crash was chosen while tasks of `tokio::spawn` were alive, which nobody but the runtime can drop; start them \
         with `nevernone::spawn`, or set the bound on crashes to 0"
    )]
    CrashBesideLane,
    /// Fail points were hit in an order that nobody can tell.
    #[error(
        "the fail points `{0}` and `{1}` were hit within one step, behind a `return`, and which came first cannot be told; \
         drive one of them at a time, or name the places with `point`"
    )]
    FailPointOrder(String, String),
    /// A run could not have a process of its own.
    #[error("{0}")]
    Isolation(String),
    /// A step hung once, and it is not known why.
    #[error("{0}")]
    Hung(String),
    /// A checkpoint is one of another tree.
    #[error("{0}")]
    Checkpoint(String),
    /// tokio does not behave as this engine assumes.
    #[error("{0}")]
    Calibration(String),
}

impl Uncontrolled {
    /// Whether two executions differ and what was seen does not tell why.
    pub(crate) fn is_unexplained(&self) -> bool {
        use Uncontrolled::{Course, Draw, FailedOnce, HeldOnce, Lasting};
        matches!(self, Draw(_) | Course | Lasting | FailedOnce(_) | HeldOnce(_))
    }
}
