//! The platform: one object that starts, serves, stops, and starts again.

use std::{
    future::poll_fn,
    num::NonZeroUsize,
    pin::pin,
    sync::{Arc, Weak},
    time::Duration,
};

use super::{
    Proven, Source, StartupError, Step, Supervised,
    runs::{Runs, Ticket},
    state::{Busy, Core, Phase, Stop, Undo},
};
use crate::{
    agents::Agent,
    backend::{Readiness, SubmitError, WiredAgents},
    bridge::{Bridge, BridgeState},
    env::Env,
    event::RunId,
    log,
    manager::{ManagerCell, ManagerFactory, ManagerHandle},
    race::{Either, race},
    registry::Registry,
    supervisor::{Accepted, Request, Run, Supervisor},
    sync::atomic::{AtomicU64, Ordering},
    tools::ToolDispatcher,
};

/// Bounds of a platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// The longest that one attempt to create the manager may take; `None` waits as long as it takes.
    pub attempt_deadline: Option<Duration>,
    /// The longest that a whole start may take; `None` waits as long as it takes.
    pub start_deadline: Option<Duration>,
    /// The longest that a stop waits for runs under way before it closes under them.
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
        Self {
            attempt_deadline: None,
            start_deadline: None,
            health_every: None,
            ..Self::default()
        }
    }

    fn check(&self) -> Result<(), StartupError> {
        let zero = |setting, value: Option<Duration>| match value {
            Some(Duration::ZERO) => Err(StartupError::Settings {
                setting,
                reason: "zero leaves no time at all",
            }),
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
        Self {
            factory,
            agents,
            tools,
            supervisor: Some(Supervisor::default()),
            settings: Settings::default(),
        }
    }
}

/// The platform. Clones are the same platform.
pub struct Platform<E>(Arc<Shared<E>>);

/// What lives from one start to its rollback; a second start gets all of it anew.
struct Generation<E> {
    cell: Arc<ManagerCell>,
    bridge: Bridge<E>,
    registry: Registry,
    runs: Arc<Runs>,
}

struct Shared<E> {
    env: E,
    parts: Parts,
    /// What every generation's registry is a copy of.
    registry: Registry,
    core: Core<Generation<E>, Proven>,
    /// The number of the latest run, over all generations, so that no two runs share an id.
    latest_run: AtomicU64,
}

impl<E> Clone for Platform<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<E: Env> Platform<E> {
    /// A platform that is not started. Settings and parts are checked here, before anything can run.
    pub fn new(env: E, parts: Parts) -> Result<Self, StartupError> {
        parts.settings.check()?;
        let registry = Registry::new(parts.agents.clone(), parts.tools.clone())?;
        let core = Core::new(Arc::new(Generation::new(&env, &parts, &registry)));
        Ok(Self(Arc::new(Shared {
            env,
            parts,
            registry,
            core,
            latest_run: AtomicU64::new(0),
        })))
    }

    /// Starts: supervisor, manager, bridge, wiring, self-test, then Ready. Nothing is accepted before that. A platform
    /// that is ready stays so.
    ///
    /// Cancel safe: dropped anywhere, what was begun is undone in reverse, and another call starts afresh.
    ///
    /// # Errors
    /// The first that fails, after everything was undone in reverse. A stop meanwhile wins: [`StartupError::Stopped`].
    pub async fn start(&self) -> Result<(), StartupError> {
        let shared = &*self.0;
        let (number, generation) = match shared.core.begin() {
            Ok(begun) => begun,
            Err(Busy::Ready) => return Ok(()),
            Err(Busy::Starting) => return Err(StartupError::AlreadyStarting),
            Err(Busy::Stopping) => return Err(StartupError::Stopping),
        };
        let mut start = Start {
            shared,
            number,
            generation,
            failure: None,
        };
        let ended = match race(pin!(start.phases()), pin!(start.interrupted())).await {
            Either::First(ended) => ended,
            Either::Second(error) => Err(error),
        };
        match ended {
            Ok(()) => self.watch_health(number),
            Err(StartupError::Stopped) => {}
            Err(ref error) => {
                log::startup_failed(error);
                start.failure = Some(error.to_string());
            }
        }
        ended
    }

    /// Stops: refuses requests, waits for the runs under way up to the drain deadline, undoes the start in reverse.
    /// Wins over a start under way. The platform may be started again afterwards.
    ///
    /// Dropped while it waits for runs, it leaves the platform refusing requests; another call goes on.
    pub async fn stop(&self) {
        let core = &self.0.core;
        match core.begin_stop() {
            Stop::Nothing => {}
            Stop::Wait => poll_fn(|context| core.poll_stopped(context)).await,
            Stop::Undo(undo) => self.0.undo(&undo),
            Stop::Drain(generation) => {
                let drained = pin!(poll_fn(|context| generation.runs.poll_drained(context)));
                let deadline = pin!(self.0.env.sleep(self.0.parts.settings.drain_deadline));
                race(drained, deadline).await;
                if let Some(undo) = core.end_drain(&generation) {
                    self.0.undo(&undo);
                }
            }
        }
    }

    /// Refuses requests and waits until the runs under way have told their end. What is wired stays wired, so that
    /// their events still arrive; [`stop`](Self::stop) undoes it. A start under way is stopped altogether.
    pub async fn drain(&self) {
        match self.0.core.begin_stop() {
            Stop::Nothing => {}
            Stop::Wait => poll_fn(|context| self.0.core.poll_stopped(context)).await,
            Stop::Undo(undo) => self.0.undo(&undo),
            Stop::Drain(generation) => {
                poll_fn(|context| generation.runs.poll_drained(context)).await;
            }
        }
    }

    /// Accepts a request and runs it in a task of its own; the thread hears the run's events, and its end exactly once.
    ///
    /// # Errors
    /// Nothing was started then, and no event will come.
    pub fn submit(&self, request: Request) -> Result<RunId, SubmitError> {
        let (run, ticket) = self.accept(request)?;
        let run_id = run.run_id().clone();
        self.0.env.spawn("run", async move {
            run.drive().await;
            drop(ticket);
        });
        Ok(run_id)
    }

    /// Whether requests are accepted: started to the end, not stopping, and the bridge delivers.
    pub fn is_ready(&self) -> bool {
        self.0.core.look(|state| {
            matches!(state.phase, Phase::Ready(_))
                && state.generation.bridge.state() == BridgeState::Active
        })
    }

    /// A consistent picture of how far the platform is.
    pub fn readiness(&self) -> Readiness {
        self.0.core.look(|state| {
            let (registry, bridge) = (&state.generation.registry, &state.generation.bridge);
            let reason = match &state.phase {
                Phase::Ready(_) => bridge.degraded_because(),
                Phase::Idle => Some(
                    state
                        .last_failure
                        .clone()
                        .unwrap_or_else(|| "not started".to_owned()),
                ),
                Phase::Starting => Some("starting".to_owned()),
                Phase::Draining(_) | Phase::Stopping => Some("stopping".to_owned()),
            };
            let connections = registry
                .current()
                .map_or(0, |wired| wired.dispatcher().manager.connection_count());
            Readiness {
                ready: reason.is_none(),
                agents: WiredAgents {
                    wired: registry.wired(),
                    total: registry.total(),
                },
                bridge: bridge.state().as_str().to_owned(),
                connections,
                reason,
            }
        })
    }

    /// The manager, while requests are accepted.
    pub fn manager(&self) -> Option<ManagerHandle> {
        self.0.core.look(|state| match &state.phase {
            Phase::Ready(proven) => Some(proven.wired.dispatcher().manager.clone()),
            _ => None,
        })
    }

    /// The present generation's bridge: usable before, during and after its start, until that is undone.
    pub fn bridge(&self) -> Bridge<E> {
        self.0.core.look(|state| state.generation.bridge.clone())
    }

    /// The present generation's cell.
    pub fn cell(&self) -> Arc<ManagerCell> {
        self.0.core.look(|state| Arc::clone(&state.generation.cell))
    }

    /// Checks the bridge by a probe. Degraded, the platform refuses requests with `realtime_unavailable` and is not
    /// ready, until a later check finds that events pass again, or a new start makes a new manager.
    pub fn health_check(&self) -> BridgeState {
        self.bridge().health_check()
    }

    fn accept(&self, request: Request) -> Result<(Run<E>, Ticket), SubmitError> {
        let shared = &*self.0;
        let limit = shared.parts.settings.runs.get();
        let (proven, ticket) = shared.core.look(|state| {
            let Phase::Ready(proven) = &state.phase else {
                return Err(SubmitError::NotReady);
            };
            if let Some(reason) = state.generation.bridge.degraded_because() {
                return Err(SubmitError::RealtimeUnavailable { reason });
            }
            // Counted under the same look as the phase: a drain that begins next will wait for it.
            let ticket = state
                .generation
                .runs
                .enter(limit)
                .ok_or(SubmitError::TooManyRuns { limit })?;
            Ok((proven.clone(), ticket))
        })?;
        let accepted = Accepted {
            run_id: shared.next_run(),
            request,
        };
        let run = proven
            .supervisor
            .begin(shared.env.clone(), proven.wired, accepted);
        let run = run.map_err(|refused| SubmitError::UnknownAgent {
            agent: refused.agent.to_string(),
            known: shared
                .parts
                .agents
                .iter()
                .map(|agent| agent.name.to_string())
                .collect(),
        })?;
        Ok((run, ticket))
    }

    /// A loop of checks for this start; it ends with it, and the next start gets its own.
    fn watch_health(&self, number: u64) {
        let Some(every) = self.0.parts.settings.health_every else {
            return;
        };
        let shared = Arc::downgrade(&self.0);
        let env = self.0.env.clone();
        let still = move |shared: &Weak<Shared<E>>| {
            let live = shared.upgrade().map(Platform)?;
            live.0.core.is_current(number).then_some(live)
        };
        self.0.env.spawn("health check", async move {
            loop {
                env.sleep(every).await;
                let Some(platform) = still(&shared) else {
                    return;
                };
                platform.health_check();
            }
        });
    }
}

impl<E: Env> Generation<E> {
    fn new(env: &E, parts: &Parts, registry: &Registry) -> Self {
        let cell = Arc::new(ManagerCell::new());
        let mut bridge = Bridge::new(env.clone(), Arc::clone(&cell), Arc::clone(&parts.factory));
        if let Some(deadline) = parts.settings.attempt_deadline {
            bridge = bridge.with_attempt_deadline(deadline);
        }
        Self {
            cell,
            bridge,
            registry: registry.unwired_copy(),
            runs: Arc::default(),
        }
    }

    /// Undoes one step; harmless where the step did nothing yet, or was undone before.
    fn undo(&self, step: Step) {
        match step {
            Step::Supervisor | Step::SelfTest => {}
            Step::Wiring => self.registry.unwire(),
            Step::Bridge => self.bridge.reset(),
            Step::Manager => {
                // First retired, so that nobody can get a manager that is about to be closed.
                self.cell.retire();
                if let Some(manager) = self.cell.get() {
                    manager.close_all(GOING_AWAY, "the platform is stopping");
                }
            }
        }
    }
}

/// The WebSocket close code of a server that goes down.
const GOING_AWAY: u16 = 1001;

impl<E: Env> Shared<E> {
    fn undo(&self, undo: &Undo<Generation<E>>) {
        for step in &undo.steps {
            undo.generation.undo(*step);
        }
        self.core.end_stop(Arc::new(Generation::new(
            &self.env,
            &self.parts,
            &self.registry,
        )));
    }

    fn next_run(&self) -> RunId {
        // Relaxed: only the number's uniqueness matters, and that is the atomic's own.
        let number = self.latest_run.fetch_add(1, Ordering::Relaxed) + 1;
        RunId::new(format!("run-{number}")).expect("a short printable text is an id")
    }
}

/// A start under way; dropped before it is ready, it undoes what it began.
struct Start<'a, E: Env> {
    shared: &'a Shared<E>,
    number: u64,
    generation: Arc<Generation<E>>,
    /// What to tell of it, once it has failed.
    failure: Option<String>,
}

impl<E: Env> Start<'_, E> {
    async fn phases(&self) -> Result<(), StartupError> {
        let Self {
            shared, generation, ..
        } = self;
        let parts = &shared.parts;
        self.enter(Step::Supervisor)?;
        let supervised = Supervised::check(parts.supervisor)?;
        self.enter(Step::Manager)?;
        let attempt_deadline = parts.settings.attempt_deadline;
        let source = Source {
            cell: &generation.cell,
            factory: &*parts.factory,
            attempt_deadline,
        };
        let managed = supervised.obtain_manager(&shared.env, source).await?;
        self.enter(Step::Bridge)?;
        let bridged = managed.bridge(&generation.bridge).await?;
        self.enter(Step::Wiring)?;
        let wired = bridged.wire(&generation.registry)?;
        self.enter(Step::SelfTest)?;
        let proven = wired.prove()?;
        if shared.core.publish(self.number, proven) {
            Ok(())
        } else {
            Err(StartupError::Stopped)
        }
    }

    fn enter(&self, step: Step) -> Result<(), StartupError> {
        if self.shared.core.enter(self.number, step) {
            Ok(())
        } else {
            Err(StartupError::Stopped)
        }
    }

    /// Ends when somebody stops the platform, or the whole start takes too long.
    async fn interrupted(&self) -> StartupError {
        let stale = pin!(poll_fn(|context| self
            .shared
            .core
            .poll_stale(self.number, context)));
        let Some(after) = self.shared.parts.settings.start_deadline else {
            stale.await;
            return StartupError::Stopped;
        };
        match race(stale, pin!(self.shared.env.sleep(after))).await {
            Either::First(()) => StartupError::Stopped,
            Either::Second(()) => {
                let step = self.shared.core.step().unwrap_or(Step::Supervisor);
                StartupError::DeadlineExceeded { after, step }
            }
        }
    }
}

impl<E: Env> Drop for Start<'_, E> {
    fn drop(&mut self) {
        match self.shared.core.fail(self.number, self.failure.take()) {
            Some(undo) => self.shared.undo(&undo),
            // Ready, or stopped: then the stop undid the generation, but perhaps before this start's last step.
            None if !self.shared.core.is_current(self.number) => self.tear_down(),
            None => {}
        }
    }
}

impl<E: Env> Start<'_, E> {
    /// Once more, all of it: every undoing is harmless when repeated, and nobody else holds this generation.
    fn tear_down(&self) {
        for step in [Step::Wiring, Step::Bridge, Step::Manager] {
            self.generation.undo(step);
        }
    }
}
