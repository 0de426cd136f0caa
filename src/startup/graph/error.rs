//! Why a graph has no order, why a start of it failed, and what its undoing could not undo.

use std::{error::Error, fmt, sync::Arc, time::Duration};

use thiserror::Error;

use crate::retry::{Attempt, Attempts, Verdict};

/// What a graph asks of its phases' errors: whether another attempt can help.
pub trait Classify: Error + Send + Sync + 'static {
    /// [`Verdict::Retry`] for a transient failure, [`Verdict::GiveUp`] for a final one. Asked only where the phase has
    /// attempts left.
    fn verdict(&self) -> Verdict;
}

/// Why a graph is none; found before anything runs.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum GraphError {
    /// A system of no phases would be up without anything having been done.
    #[error("the graph has no phases: declare at least one")]
    Empty,
    /// Two phases of one name: a need could mean either.
    #[error("phase {phase} is declared twice: rename one of the two or remove it")]
    Duplicate {
        /// The name.
        phase: &'static str,
    },
    /// A phase that waits for itself.
    #[error("phase {phase} needs itself, so nothing could ever begin it: remove that need")]
    NeedsItself {
        /// The phase.
        phase: &'static str,
    },
    /// A need that nobody meets.
    #[error("phase {phase} needs {need}, which is not declared: declare it or correct the name")]
    Missing {
        /// Who needs it.
        phase: &'static str,
        /// What it needs.
        need: &'static str,
    },
    /// A need of another type than the phase of that name makes.
    #[error(
        "phase {phase} needs a {asked} of {need}, which makes a {made}: use the token with which {need} is declared"
    )]
    OtherType {
        /// Who needs it.
        phase: &'static str,
        /// What it needs.
        need: &'static str,
        /// The type that the need names.
        asked: &'static str,
        /// The type that it would get.
        made: &'static str,
    },
    /// Phases that wait for one another.
    #[error("the phases {} need each the next one, so none of them could begin: take one of these needs away", path.join(" → "))]
    Cycle {
        /// The whole circle: each needs the next, and the last is the first.
        path: Vec<&'static str>,
    },
    /// A deadline that passes before anything can be done.
    #[error("{deadline} is zero, which leaves no time at all: give it some, or declare no deadline")]
    NoTime {
        /// Which.
        deadline: Deadline,
    },
}

/// A deadline of a graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deadline {
    /// Of a phase with all of its attempts and the waits between them.
    Phase(&'static str),
    /// Of each attempt of a phase.
    Attempt(&'static str),
    /// Of all phases together.
    Start,
    /// Of the undoing of each phase.
    Undo,
}

impl fmt::Display for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phase(phase) => write!(f, "the deadline of phase {phase}"),
            Self::Attempt(phase) => write!(f, "the deadline of an attempt of phase {phase}"),
            Self::Start => f.write_str("the deadline of the whole start"),
            Self::Undo => f.write_str("the deadline of an undoing"),
        }
    }
}

/// What one attempt at a phase, or its undoing, came to.
#[derive(Debug, Error)]
pub enum Cause<F> {
    /// It failed.
    #[error("{0}")]
    Failed(Arc<F>),
    /// It panicked with this message. Final: nobody knows what state it left.
    #[error("it panicked: {0}")]
    Panicked(String),
    /// It did not end within its own deadline. Transient: the next one may.
    #[error("it did not end within {} ms", .0.as_millis())]
    TooLong(Duration),
}

impl<F> Clone for Cause<F> {
    fn clone(&self) -> Self {
        match self {
            Self::Failed(failure) => Self::Failed(Arc::clone(failure)),
            Self::Panicked(message) => Self::Panicked(message.clone()),
            Self::TooLong(after) => Self::TooLong(*after),
        }
    }
}

impl<F: Classify> Cause<F> {
    pub(super) fn verdict(&self) -> Verdict {
        match self {
            Self::Failed(failure) => failure.verdict(),
            Self::Panicked(_) => Verdict::GiveUp,
            Self::TooLong(_) => Verdict::Retry,
        }
    }
}

/// Why a start did not end well. Everything that it began was undone in reverse by the time this is told.
#[derive(Debug)]
pub struct StartError<F> {
    /// What ended it.
    pub why: Why<F>,
    /// What could not be undone, in the order in which that was tried. Empty where the rollback was clean.
    pub left: Vec<UndoError<F>>,
}

/// What ended a start.
#[derive(Debug)]
pub enum Why<F> {
    /// A phase failed.
    Failed {
        /// Which.
        phase: &'static str,
        /// Every attempt, in order.
        attempts: Attempts<Cause<F>>,
    },
    /// A deadline passed: the phase's own, or that of the whole start.
    DeadlineExceeded {
        /// Which deadline.
        deadline: Deadline,
        /// How long it was.
        after: Duration,
        /// The phase that was under way.
        phase: &'static str,
        /// The attempts at it that had failed by then, in order.
        failed: Vec<Attempt<Cause<F>>>,
    },
    /// A stop came first.
    Stopped {
        /// The phase that was under way; `None` before the first.
        phase: Option<&'static str>,
    },
}

/// A phase that could not be undone. The phases before it were undone all the same.
#[derive(Debug, Error)]
#[error("undoing phase {phase} failed: {cause}")]
pub struct UndoError<F> {
    /// Which.
    pub phase: &'static str,
    /// Why.
    pub cause: Cause<F>,
}

impl<F: fmt::Display> fmt::Display for StartError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.why)?;
        self.left.iter().try_for_each(|left| write!(f, "; {left}"))
    }
}

impl<F: fmt::Display> fmt::Display for Why<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed { phase, attempts } if attempts.count() == 1 => {
                write!(f, "phase {phase} failed: {}", attempts.last().cause)
            }
            Self::Failed { phase, attempts } => {
                write!(f, "phase {phase} failed after {} attempts ({attempts})", attempts.count())
            }
            Self::DeadlineExceeded { deadline, after, phase, failed } => {
                write!(f, "{deadline}, {} ms, passed while phase {phase} was under way", after.as_millis())?;
                failed.iter().try_for_each(|attempt| write!(f, "; {attempt}"))
            }
            Self::Stopped { phase: Some(phase) } => write!(f, "stopped while phase {phase} was under way"),
            Self::Stopped { phase: None } => f.write_str("stopped before the first phase"),
        }
    }
}

impl<F: Error + 'static> Error for StartError<F> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.why {
            Why::Failed { attempts, .. } => match &attempts.last().cause {
                Cause::Failed(failure) => Some(&**failure),
                Cause::Panicked(_) | Cause::TooLong(_) => None,
            },
            Why::DeadlineExceeded { .. } | Why::Stopped { .. } => None,
        }
    }
}
