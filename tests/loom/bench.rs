//! A platform to be started, stopped and asked: over an environment without timers, so that whoever would have to wait for
//! time waits for ever, and a wake-up that is lost is a deadlock, which loom reports.

use std::future::pending;
use std::panic::Location;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Waker};
use std::time::Duration;

use loom::cell::UnsafeCell;
use nevernone_reference::agents::{Agent, AgentName};
use nevernone_reference::backend::SubmitError;
use nevernone_reference::bridge::BridgeState;
use nevernone_reference::env::Env;
use nevernone_reference::event::RunId;
use nevernone_reference::startup::{Parts, Platform, Settings};
use nevernone_reference::supervisor::{Pace, Request, Supervisor};
use nevernone_reference::tools::ToolDispatcher;

use crate::support::{Factory, block_on, thread_id};

/// No time passes: a wait never ends. What is spawned is polled at once, which is all that an immediate run needs.
pub(crate) struct Timeless {
    /// How many copies were made for generations, of which each undoing makes a new one, with as many copies as the first.
    /// Std's, since it is no part of what is modelled.
    copies: Arc<AtomicUsize>,
    /// Plain data that each run writes, for a model that asks who may read it; nothing where several runs may be.
    work: Option<Arc<Work>>,
}

/// How many runs there were, in loom's cell: a read that is not ordered behind the write is a race.
#[derive(Default)]
pub(crate) struct Work(UnsafeCell<u32>);

// SAFETY: loom reports two accesses that nothing orders, which is what the cell is for.
unsafe impl Sync for Work {}

impl Work {
    fn add_one(&self) {
        // SAFETY: loom checks that nobody else is there.
        self.0.with_mut(|work| unsafe { *work += 1 });
    }

    pub(crate) fn done(&self) -> u32 {
        // SAFETY: as above.
        self.0.with(|work| unsafe { *work })
    }
}

impl Clone for Timeless {
    /// Looks at who copies: starts and runs do so as well.
    #[track_caller]
    fn clone(&self) -> Self {
        let for_generation = Location::caller().file().ends_with("generation.rs");
        self.copies.fetch_add(usize::from(for_generation), Ordering::Relaxed);
        Self { copies: Arc::clone(&self.copies), work: self.work.clone() }
    }
}

impl Env for Timeless {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _wait: Duration) -> impl Future<Output = ()> + Send {
        pending()
    }

    fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        if let Some(work) = &self.work {
            work.add_one();
        }
        let poll = pin!(task).poll(&mut Context::from_waker(Waker::noop()));
        assert!(poll.is_ready(), "{name} waits for something");
    }
}

/// A platform with one agent, and what counts its undoings.
pub(crate) struct Bench {
    pub(crate) platform: Platform<Timeless>,
    copies: Arc<AtomicUsize>,
    /// Copies for one generation, at least one.
    each: usize,
    pub(crate) factory: Arc<Factory>,
}

impl Bench {
    pub(crate) fn new(factory: Arc<Factory>) -> Self {
        Self::with(factory, None)
    }

    fn with(factory: Arc<Factory>, work: Option<Arc<Work>>) -> Self {
        let copies: Arc<AtomicUsize> = Arc::default();
        let parts = Parts {
            factory: Arc::clone(&factory) as _,
            agents: vec![Agent { name: AgentName::Actions, tool: None }],
            tools: ToolDispatcher::default(),
            supervisor: Some(Supervisor { pace: Pace::Immediate }),
            settings: Settings::lean(),
        };
        let platform = Platform::new(Timeless { copies: Arc::clone(&copies), work }, parts).unwrap();
        let each = copies.load(Ordering::Relaxed);
        assert!(each > 0, "nobody could count generations");
        Self { platform, copies, each, factory }
    }

    pub(crate) fn started() -> Self {
        let bench = Self::new(Factory::good());
        block_on(bench.platform.start()).unwrap();
        bench
    }

    /// The same, with a place where its one run leaves its work.
    pub(crate) fn started_with_work() -> (Self, Arc<Work>) {
        let work: Arc<Work> = Arc::default();
        let bench = Self::with(Factory::good(), Some(Arc::clone(&work)));
        block_on(bench.platform.start()).unwrap();
        (bench, work)
    }

    /// How often a generation was undone: each time but the first one is made.
    pub(crate) fn undone(&self) -> usize {
        self.copies.load(Ordering::Relaxed) / self.each - 1
    }

    /// As before the first start: nothing is wired, nothing is accepted.
    pub(crate) fn assert_idle(&self) {
        let readiness = self.platform.readiness();
        assert_eq!((readiness.ready, readiness.agents.wired), (false, 0), "{readiness:?}");
        assert_eq!(readiness.bridge, BridgeState::Uninitialized.as_str());
        assert!(self.platform.manager().is_none());
        assert_eq!(submit(&self.platform), Err(SubmitError::NotReady));
    }

    pub(crate) fn assert_ready(&self) {
        let readiness = self.platform.readiness();
        assert_eq!((readiness.ready, readiness.agents.wired), (true, 1), "{readiness:?}");
        self.platform.manager().unwrap().probe().unwrap();
    }
}

pub(crate) fn submit(platform: &Platform<Timeless>) -> Result<RunId, SubmitError> {
    let request = Request { agent: AgentName::Actions, thread: thread_id(), text: "do".to_owned() };
    platform.submit(request)
}
