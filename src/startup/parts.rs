//! What a platform is made of, and its bounds.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use super::StartupError;
use crate::{agents::Agent, manager::ManagerFactory, supervisor::Supervisor, tools::ToolDispatcher};

/// Bounds of a platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// The longest that one attempt to create the manager may take; `None` waits as long as it takes.
    pub attempt_deadline: Option<Duration>,
    /// The longest that a whole start may take; `None` waits as long as it takes.
    pub start_deadline: Option<Duration>,
    /// The longest that a stop waits for runs under way; those that are left then tell `agent_error`.
    pub drain_deadline: Duration,
    /// How often the bridge is checked once the platform is ready; `None` leaves that to the caller.
    pub health_every: Option<Duration>,
    /// How many runs may be under way at a time.
    pub runs: NonZeroUsize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            attempt_deadline: Some(Duration::from_secs(10)),
            start_deadline: Some(Duration::from_secs(60)),
            drain_deadline: Duration::from_secs(10),
            health_every: Some(Duration::from_secs(30)),
            runs: NonZeroUsize::new(1_024).expect("1,024 is not zero"),
        }
    }
}

impl Settings {
    /// No deadlines of its own and no background task: as few timers as the contract allows, for whoever explores
    /// every order of events. A factory that hangs then hangs the start.
    pub fn lean() -> Self {
        Self { attempt_deadline: None, start_deadline: None, health_every: None, ..Self::default() }
    }

    pub(super) fn check(&self) -> Result<(), StartupError> {
        let zero = |setting, value: Option<Duration>| match value {
            Some(Duration::ZERO) => {
                Err(StartupError::Settings { setting, reason: "zero leaves no time at all; give more, or None" })
            }
            _ => Ok(()),
        };
        zero("attempt_deadline", self.attempt_deadline)?;
        zero("start_deadline", self.start_deadline)?;
        zero("health_every", self.health_every)
    }
}

/// What a platform is made of.
#[derive(Clone)]
pub struct Parts {
    /// Makes the manager.
    pub factory: Arc<dyn ManagerFactory>,
    /// The agents.
    pub agents: Vec<Agent>,
    /// Their tools.
    pub tools: ToolDispatcher,
    /// Runs requests. An `Option` because the incident's callers had one: the start refuses `None`.
    pub supervisor: Option<Supervisor>,
    /// Bounds.
    pub settings: Settings,
}

impl Parts {
    /// The eight agents with their tools, a supervisor, and the default bounds.
    pub fn standard(factory: Arc<dyn ManagerFactory>) -> Self {
        let (agents, tools) = (Agent::standard(), ToolDispatcher::standard());
        Self { factory, agents, tools, supervisor: Some(Supervisor::default()), settings: Settings::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lean_settings_set_no_timer_but_the_drains() {
        let Settings { attempt_deadline, start_deadline, drain_deadline: _, health_every, runs: _ } = Settings::lean();
        assert_eq!((attempt_deadline, start_deadline, health_every), (None, None, None));
    }
}
