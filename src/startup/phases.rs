//! The platform's start as a graph: the one place that says what comes before what, and how each is undone.
//!
//! Each phase is called with the token of the one before, which nobody else can make: no other order compiles.

use std::{fmt, sync::Arc};

use super::{
    Bridged, Managed, Proven, Settings, Source, StartupError, Supervised, WiredUp,
    generation::Generation,
    graph::{Graph, Phase, Plan, Token},
};
use crate::env::Env;

/// What a start does, in order; a rollback undoes them in reverse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Looking for the supervisor; nothing to undo.
    Supervisor,
    /// Creating the manager; undone by closing it and retiring its cell.
    Manager,
    /// Activating the bridge; undone by resetting it.
    Bridge,
    /// Wiring the agents; undone by unwiring them.
    Wiring,
    /// The self-test; nothing to undo.
    SelfTest,
}

impl Step {
    const ALL: [Self; 5] = [Self::Supervisor, Self::Manager, Self::Bridge, Self::Wiring, Self::SelfTest];

    /// The name of its phase in the graph.
    const fn phase(self) -> &'static str {
        match self {
            Self::Supervisor => "supervisor",
            Self::Manager => "manager",
            Self::Bridge => "bridge",
            Self::Wiring => "wiring",
            Self::SelfTest => "self-test",
        }
    }

    pub(super) fn of_phase(name: &str) -> Self {
        let step = Self::ALL.into_iter().find(|step| step.phase() == name);
        step.expect("every phase of the platform's graph is named by a step")
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Supervisor => "the supervisor check",
            Self::Manager => "the manager's creation",
            Self::Bridge => "the bridge's activation",
            Self::Wiring => "the agents' wiring",
            Self::SelfTest => "the self-test",
        })
    }
}

const SUPERVISOR: Token<Supervised> = Token::new(Step::Supervisor.phase());
const MANAGER: Token<Managed> = Token::new(Step::Manager.phase());
const BRIDGE: Token<Bridged> = Token::new(Step::Bridge.phase());
const WIRING: Token<WiredUp> = Token::new(Step::Wiring.phase());
/// Whoever has what this phase made may serve.
pub(super) const SELF_TEST: Token<Proven> = Token::new(Step::SelfTest.phase());

type System<E> = Arc<Generation<E>>;

/// How every generation is started. No undoing waits for anything, so a rollback runs to its end in a destructor too; and
/// each is harmless where its phase did nothing yet, or was undone before.
pub(super) type StartPlan<E> = Plan<System<E>, StartupError>;

/// The plan within these settings, which make sense.
pub(super) fn plan<E: Env>(settings: &Settings) -> StartPlan<E> {
    let graph = graph();
    let graph = match settings.start_deadline {
        Some(deadline) => graph.deadline(deadline),
        None => graph,
    };
    graph.plan().expect("the platform's graph has an order, and no setting is zero")
}

fn graph<E: Env>() -> Graph<System<E>, StartupError> {
    Graph::new()
        .phase(Phase::new(SUPERVISOR, (), |generation: System<E>, ()| async move {
            Supervised::check(generation.supervisor)
        }))
        .phase(Phase::new(MANAGER, SUPERVISOR, manage).undo(|generation: System<E>, managed| {
            generation.close_manager(managed.map(|managed| managed.manager));
            Ok(())
        }))
        .phase(Phase::new(BRIDGE, MANAGER, bridge).undo(|generation: System<E>, _| {
            generation.bridge.reset();
            Ok(())
        }))
        .phase(Phase::new(WIRING, BRIDGE, wire).undo(|generation: System<E>, _| {
            generation.registry.unwire();
            Ok(())
        }))
        .phase(Phase::new(SELF_TEST, WIRING, |_, wired: WiredUp| async move { wired.prove() }))
}

/// The attempts and their waits are the layer's own: a caller that has no platform makes them too.
async fn manage<E: Env>(generation: System<E>, supervised: Supervised) -> Result<Managed, StartupError> {
    let Generation { env, cell, factory, attempt_deadline, .. } = &*generation;
    let source = Source { cell, factory: &**factory, attempt_deadline: *attempt_deadline };
    supervised.obtain_manager(env, source).await
}

async fn bridge<E: Env>(generation: System<E>, managed: Managed) -> Result<Bridged, StartupError> {
    managed.bridge(&generation.bridge).await
}

async fn wire<E: Env>(generation: System<E>, bridged: Bridged) -> Result<WiredUp, StartupError> {
    bridged.wire(&generation.registry)
}
