//! **What not to do.** The incident as it was: a second object graph, built by a factory out of nothing.
//!
//! Nothing here races, nothing fails, every check is green, and no event reaches anybody:
//! - the registry takes `None` for a manager and says so at INFO, as if it were news like any other;
//! - the factory builds a supervisor whose every dependency is `None`, "to be injected later", and nobody does;
//! - the health checks ask whether the objects exist, not whether an event arrives;
//! - the cell publishes an object before anything is in it, and remembers whatever came of that.
//!
//! Kept apart, and out of every build that only serves, so that the scenario `legacy/none-wired` can show what the rest
//! of this crate makes impossible to write, and so that the matrix of layers can show which of the four catches what: a
//! [`Pipeline`] is the incident's startup with any of them put in. Nothing outside those scenarios may use it.

mod layers;
mod manager;
mod pipeline;
mod registry;
mod supervisor;

pub use self::{
    layers::{Layer, Layers},
    manager::{Found, LooseCell, LooseManager},
    pipeline::{Graph, Pipeline, Refusal},
    registry::LooseRegistry,
    supervisor::LooseSupervisor,
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{agents::AgentName, event::ThreadId};

    #[test]
    #[tracing_test::traced_test]
    fn the_incident_is_green_and_mute() {
        let supervisor = LooseSupervisor::from_factory();
        assert!(logs_contain("INFO"));
        assert!(logs_contain("WebSocket manager set to None for 8/8 agents"));
        let thread = ThreadId::new("t").unwrap();
        assert!(supervisor.run(AgentName::Triage, &thread, "hello there").is_some());
        assert!(supervisor.is_healthy());
        assert_eq!(supervisor.registry.unwrap().wired(), 0);
    }
}
