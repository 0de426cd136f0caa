//! Why a platform does not start.

use std::time::Duration;

use thiserror::Error;

use super::{
    Step,
    graph::{Cause, Classify, StartError, Why},
};
use crate::{
    bridge::BridgeError,
    manager::{ManagerError, ProbeError},
    registry::{RegistryError, WiringError},
    retry::{Attempts, Verdict},
};

/// Why a platform does not start. After each of them but the first two it may be started again.
#[derive(Debug, Clone, Error)]
pub enum StartupError {
    /// A setting makes no sense.
    #[error("the setting {setting} makes no sense: {reason}")]
    Settings {
        /// Its name.
        setting: &'static str,
        /// What is wrong and what would be right.
        reason: &'static str,
    },
    /// The agents or tools do not fit together.
    #[error("the agents and tools do not fit together: {0}")]
    Parts(#[from] RegistryError),
    /// There is no supervisor. Looked at before the manager.
    #[error("the supervisor is missing: requests could not be run; create it before the platform starts")]
    SupervisorMissing,
    /// Every attempt to get a manager failed.
    #[error(
        "no WebSocketManager after {} attempts ({attempts}): agent events and real-time chat would be lost; \
         fix the last cause, then start again",
        attempts.count()
    )]
    ManagerUnavailable {
        /// All of them, in order.
        attempts: Attempts<ManagerError>,
        /// The cause of the last one.
        source: ManagerError,
    },
    /// The bridge did not become active.
    #[error("the bridge did not become active: {0}")]
    Bridge(#[from] BridgeError),
    /// The registry refused the manager.
    #[error("the agents were not wired: {0}")]
    Wiring(#[from] WiringError),
    /// Wired, but an event did not arrive.
    #[error("the self-test failed, {consumer} is wired to a manager that does not deliver: {source}")]
    SelfTest {
        /// Whose manager it was.
        consumer: &'static str,
        /// What happened to the event.
        source: ProbeError,
    },
    /// The whole start took too long.
    #[error("the start took longer than {} ms and was given up while at {step}: see what that step waits for", after.as_millis())]
    DeadlineExceeded {
        /// The deadline.
        after: Duration,
        /// Where it was.
        step: Step,
    },
    /// Somebody's code panicked in the middle of a step.
    #[error("{step} panicked: {message}; this is a defect of what the platform was given, everything begun was undone")]
    Panicked {
        /// Where it was.
        step: Step,
        /// The panic's message.
        message: String,
    },
    /// Somebody stopped the platform while it started.
    #[error("the platform was stopped while it started: start it again if that was not meant")]
    Stopped,
    /// Another start is under way.
    #[error("the platform is starting already: wait for that start instead of a second one")]
    AlreadyStarting,
    /// It is being stopped, or rolled back.
    #[error("the platform is stopping: start it again once the stop has ended")]
    Stopping,
}

impl From<Attempts<ManagerError>> for StartupError {
    fn from(attempts: Attempts<ManagerError>) -> Self {
        let source = attempts.last().cause.clone();
        Self::ManagerUnavailable { attempts, source }
    }
}

/// Final: whatever a step can try again it has tried by the time it fails.
impl Classify for StartupError {
    fn verdict(&self) -> Verdict {
        Verdict::GiveUp
    }
}

impl From<StartError<Self>> for StartupError {
    fn from(error: StartError<Self>) -> Self {
        match error.why {
            Why::Failed { phase, attempts } => match &attempts.last().cause {
                Cause::Failed(error) => Self::clone(error),
                Cause::Panicked(message) => Self::Panicked { step: Step::of_phase(phase), message: message.clone() },
                Cause::TooLong(after) => Self::DeadlineExceeded { after: *after, step: Step::of_phase(phase) },
            },
            Why::DeadlineExceeded { after, phase, .. } => Self::DeadlineExceeded { after, step: Step::of_phase(phase) },
            Why::Stopped { .. } => Self::Stopped,
        }
    }
}
