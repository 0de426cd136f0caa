//! The platform: one object that starts, serves, stops, and starts again.

use std::{
    future::poll_fn,
    pin::pin,
    sync::{Arc, Weak},
    time::Duration,
};

use super::{
    Parts, Proven, StartupError,
    generation::Generation,
    phases::{self, StartPlan},
    runs::{Runs, Ticket},
    start::Start,
    state::{Busy, Core, Phase, Stop},
};
use crate::{
    backend::{Readiness, SubmitError, WiredAgents},
    bridge::{Bridge, BridgeState},
    env::Env,
    event::RunId,
    manager::{ManagerHandle, SharedCell},
    race::{Either, race},
    registry::Registry,
    supervisor::{Accepted, Request, Run},
    sync::{
        self,
        atomic::{AtomicU64, Ordering},
    },
};

/// How long a run that computes may take to give way, once it is to end.
const ABORT_GRACE: Duration = Duration::from_secs(1);

/// The platform. Clones are the same platform. An example is in the [module's documentation](super).
pub struct Platform<E>(Arc<Shared<E>>);

pub(super) struct Shared<E> {
    pub(super) env: E,
    pub(super) parts: Parts,
    /// How each generation is started and undone.
    pub(super) plan: StartPlan<E>,
    /// What every generation's registry is a copy of.
    registry: Registry,
    pub(super) core: Core<Generation<E>, Proven>,
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
        let core = Core::new(sync::Arc::new(Generation::new(&env, &parts, &registry)));
        let plan = phases::plan(&parts.settings);
        Ok(Self(Arc::new(Shared { env, parts, plan, registry, core, latest_run: AtomicU64::new(0) })))
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
        let begun = match shared.core.begin() {
            Ok(begun) => begun,
            Err(Busy::Ready) => return Ok(()),
            Err(Busy::Starting) => return Err(StartupError::AlreadyStarting),
            Err(Busy::Stopping) => return Err(StartupError::Stopping),
        };
        let number = Start::new(shared, begun).run().await?;
        self.watch_health(number);
        Ok(())
    }

    /// Stops: refuses requests, waits for the runs under way up to the drain deadline, has those that are left tell
    /// `agent_error`, undoes the start in reverse. Wins over a start under way. The platform may be started again afterwards.
    ///
    /// Dropped while it waits for runs, it leaves the platform refusing requests; another call goes on.
    pub async fn stop(&self) {
        let core = &self.0.core;
        match core.begin_stop() {
            Stop::Nothing => {}
            Stop::Wait => poll_fn(|context| core.poll_stopped(context)).await,
            Stop::Undo(generation) => self.0.undo(&generation),
            Stop::Drain(generation) => {
                self.0.end_runs(&generation.runs).await;
                if core.end_drain(&generation) {
                    self.0.undo(&generation);
                } else {
                    // Another stop was faster: this one ends when that one has.
                    poll_fn(|context| core.poll_stopped(context)).await;
                }
            }
        }
    }

    /// Refuses requests and waits until the runs under way have told their end, those by `agent_error` that take longer
    /// than the drain deadline. What is wired stays wired, so that their events still arrive; [`stop`](Self::stop) undoes
    /// it. A start under way is stopped altogether.
    pub async fn drain(&self) {
        match self.0.core.begin_stop() {
            Stop::Nothing => {}
            Stop::Wait => poll_fn(|context| self.0.core.poll_stopped(context)).await,
            Stop::Undo(generation) => self.0.undo(&generation),
            Stop::Drain(generation) => self.0.end_runs(&generation.runs).await,
        }
    }

    /// Accepts a request and runs it in a task of its own; the thread hears the run's events, and its end exactly once.
    ///
    /// # Errors
    /// Nothing was started then, and no event will come.
    pub fn submit(&self, request: Request) -> Result<RunId, SubmitError> {
        let (run, ticket) = self.accept(request)?;
        let run_id = run.run_id().clone();
        let work = async move {
            run.drive().await;
        };
        self.0.env.spawn("run", ticket.run(work));
        Ok(run_id)
    }

    /// Whether requests are accepted: started to the end, not stopping, and the bridge delivers.
    pub fn is_ready(&self) -> bool {
        self.0.core.look(|state| {
            matches!(state.phase, Phase::Ready(_)) && state.generation.bridge.state() == BridgeState::Active
        })
    }

    /// A consistent picture of how far the platform is.
    pub fn readiness(&self) -> Readiness {
        self.0.core.look(|state| {
            let registry = &state.generation.registry;
            let (bridge, degraded_because) = state.generation.bridge.standing();
            let reason = match &state.phase {
                Phase::Ready(_) => degraded_because,
                Phase::Idle => Some(state.last_failure.clone().unwrap_or_else(|| "not started".to_owned())),
                Phase::Starting => Some("starting".to_owned()),
                Phase::Draining(_) | Phase::Stopping => Some("stopping".to_owned()),
            };
            Readiness {
                ready: reason.is_none(),
                agents: WiredAgents { wired: registry.wired(), total: registry.total() },
                bridge: bridge.as_str().to_owned(),
                connections: registry.connections(),
                reason,
            }
        })
    }

    /// The manager, while requests are accepted.
    pub fn manager(&self) -> Option<ManagerHandle> {
        self.0.core.look(|state| match &state.phase {
            Phase::Ready(proven) if state.generation.bridge.state() == BridgeState::Active => {
                Some(proven.wired.dispatcher().manager.clone())
            }
            _ => None,
        })
    }

    /// The present generation's bridge: usable before, during and after its start, until that is undone.
    pub fn bridge(&self) -> Bridge<E> {
        self.0.core.look(|state| state.generation.bridge.clone())
    }

    /// The present generation's cell.
    pub fn cell(&self) -> SharedCell {
        self.0.core.look(|state| SharedCell::clone(&state.generation.cell))
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
            let ticket = state.generation.runs.enter(limit).ok_or(SubmitError::TooManyRuns { limit })?;
            Ok((proven.clone(), ticket))
        })?;
        let accepted = Accepted { run_id: shared.next_run(), request };
        let run = proven.supervisor.begin(shared.env.clone(), proven.wired, accepted);
        let run = run.map_err(|refused| SubmitError::UnknownAgent {
            agent: refused.agent.to_string(),
            known: shared.parts.agents.iter().map(|agent| agent.name.to_string()).collect(),
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

impl<E: Env> Shared<E> {
    /// Undoes a generation and puts a fresh one in its place.
    fn undo(&self, generation: &sync::Arc<Generation<E>>) {
        self.plan.undo_all(&self.env, sync::Arc::clone(generation));
        self.renew();
    }

    /// Puts a fresh generation in the place of one that is undone.
    pub(super) fn renew(&self) {
        self.core.end_stop(sync::Arc::new(Generation::new(&self.env, &self.parts, &self.registry)));
    }

    /// Waits for the runs under way up to the drain deadline, and then ends them. One that computes at that moment ends where
    /// it next gives way, which is waited for a little longer; one that never does is left behind.
    async fn end_runs(&self, runs: &Runs) {
        let drained = || poll_fn(|context| runs.poll_drained(context));
        let deadline = self.env.sleep(self.parts.settings.drain_deadline);
        if let Either::Second(()) = race(pin!(drained()), pin!(deadline)).await {
            runs.abort();
            race(pin!(drained()), pin!(self.env.sleep(ABORT_GRACE))).await;
        }
    }

    fn next_run(&self) -> RunId {
        // Relaxed: only the number's uniqueness matters, and that is the atomic's own.
        let number = self.latest_run.fetch_add(1, Ordering::Relaxed) + 1;
        RunId::new(format!("run-{number}")).expect("a short printable text is an id")
    }
}
