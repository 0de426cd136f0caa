//! The platform's start as a graph: the one place that says what comes before what, and how each is undone.
//!
//! Each phase is called with the token of the one before, which nobody else can make: no other order compiles.

use std::fmt;

use super::{
    Bridged, Managed, Proven, Settings, Source, StartupError, Supervised, WiredUp,
    generation::Generation,
    graph::{Graph, Phase, Plan, Token},
};
use crate::{env::Env, sync::Arc};

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

#[cfg(test)]
mod tests {
    use std::{
        task::{Context, Poll, Waker},
        time::Duration,
    };

    use super::{
        super::{Parts, graph::Up},
        *,
    };
    use crate::{
        bridge::BridgeState,
        manager::{BoxFuture, Candidate, CreateError, Limits, ManagerFactory},
        registry::Registry,
        sync::block_on_poll,
    };

    /// An environment in which nobody has to wait.
    #[derive(Clone)]
    struct Still;

    impl Env for Still {
        fn now(&self) -> Duration {
            Duration::ZERO
        }

        async fn sleep(&self, _wait: Duration) {
            panic!("nothing fails here, so nothing waits");
        }

        fn spawn(&self, _name: &'static str, _task: impl Future<Output = ()> + Send + 'static) {}
    }

    /// An environment in which every wait is over at once.
    #[derive(Clone)]
    struct Hasty;

    impl Env for Hasty {
        fn now(&self) -> Duration {
            Duration::ZERO
        }

        async fn sleep(&self, _wait: Duration) {}

        fn spawn(&self, _name: &'static str, _task: impl Future<Output = ()> + Send + 'static) {}
    }

    struct Hanging;

    impl ManagerFactory for Hanging {
        fn create(&self) -> BoxFuture<'static, Result<Option<Candidate>, CreateError>> {
            Box::pin(std::future::pending())
        }
    }

    struct InMemory;

    impl ManagerFactory for InMemory {
        fn create(&self) -> BoxFuture<'static, Result<Option<Candidate>, CreateError>> {
            Box::pin(async { Ok(Some(Candidate::complete(Limits::default()))) })
        }
    }

    #[test]
    fn each_phase_that_leaves_something_is_undone_and_twice_is_as_good_as_once() {
        let parts = Parts { settings: Settings::lean(), ..Parts::standard(Arc::new(InMemory)) };
        let registry = Registry::new(parts.agents.clone(), parts.tools.clone()).unwrap();
        let generation = Arc::new(Generation::new(&Still, &parts, &registry));
        let plan = plan(&parts.settings);
        assert_eq!(plan.to_string(), "supervisor → manager → bridge → wiring → self-test");
        let seen = || (generation.registry.wired(), generation.bridge.state(), generation.cell.is_retired());
        let mut starting = Box::pin(plan.start(&Still, Arc::clone(&generation)));
        let up = block_on_poll(|context| starting.as_mut().poll(context)).unwrap();
        drop(starting);
        let manager = generation.cell.get().unwrap().clone();
        assert_eq!((seen(), manager.probe().is_ok()), ((8, BridgeState::Active, false), true));
        up.keep();
        for _ in 0..2 {
            plan.undo_all(&Still, Arc::clone(&generation));
            assert_eq!((seen(), manager.probe().is_ok()), ((0, BridgeState::Uninitialized, true), false));
        }
    }

    #[test]
    fn the_settings_deadline_is_that_of_the_whole_start() {
        let deadline = Duration::from_millis(1);
        let parts = Parts { settings: Settings::lean(), ..Parts::standard(Arc::new(Hanging)) };
        let registry = Registry::new(parts.agents.clone(), parts.tools.clone()).unwrap();
        let generation = Arc::new(Generation::new(&Hasty, &parts, &registry));
        let started = |settings: Settings| {
            let plan = plan(&settings);
            let mut starting = Box::pin(plan.start(&Hasty, Arc::clone(&generation)));
            let mut context = Context::from_waker(Waker::noop());
            match starting.as_mut().poll(&mut context) {
                Poll::Ready(ended) => Some(ended.map(Up::keep).map_err(StartupError::from).unwrap_err().to_string()),
                Poll::Pending => None,
            }
        };
        let told = started(Settings { start_deadline: Some(deadline), ..Settings::lean() }).unwrap();
        assert!(told.contains("longer than 1 ms") && told.contains("the manager's creation"), "{told}");
    }
}
