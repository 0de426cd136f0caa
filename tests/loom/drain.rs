//! A drain that gives up waiting, beside the runs that it ends.

use std::future::pending;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use loom::thread;
use nevernone::loom::{Model, Sometimes};
use nevernone_reference::agents::{Agent, AgentName};
use nevernone_reference::env::Env;
use nevernone_reference::event::EventKind;
use nevernone_reference::startup::{Parts, Platform, Settings};
use nevernone_reference::supervisor::{Pace, Request, Supervisor};
use nevernone_reference::tools::ToolDispatcher;

use crate::support::{Factory, block_on, follow, thread_id, waiting};

pub(crate) const MODELS: &[Model] = &[
    Model::new("drain/abort_against_last_poll", abort_against_last_poll)
        .claims("a run that a drain gives up while a thread polls it tells one end, its own or the drain's")
        .sometimes(&COMPLETED)
        .sometimes(&ABORTED),
    Model::new("drain/abort_against_waiting_run", abort_against_waiting_run)
        .claims("a run that would wait for ever tells its end once it is given up, and its task ends")
        .sometimes(&BEGUN)
        .sometimes(&NOT_BEGUN),
];

/// Keeps what is spawned for the model to poll, and lets time pass once it is told to: no deadline is far away then.
#[derive(Clone, Default)]
struct Keeping {
    // Std's, both: they are no part of what is modelled, and nothing that loom schedules happens in the lock.
    task: Arc<Mutex<Option<Task>>>,
    passes: Arc<AtomicBool>,
}

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Keeping {
    fn take(&self) -> Task {
        self.task.lock().unwrap_or_else(PoisonError::into_inner).take().expect("a run was spawned")
    }
}

impl Env for Keeping {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, wait: Duration) -> impl Future<Output = ()> + Send {
        // Relaxed: loom runs all its threads on this one.
        let passes = self.passes.load(Ordering::Relaxed) && wait < FOR_EVER;
        async move {
            if !passes {
                pending::<()>().await;
            }
        }
    }

    fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let before = self.task.lock().unwrap_or_else(PoisonError::into_inner).replace(Box::pin(task));
        assert!(before.is_none(), "{name} is the second task");
    }
}

const FOR_EVER: Duration = Duration::MAX;

fn started(pace: Pace) -> (Platform<Keeping>, Keeping) {
    let env = Keeping::default();
    let parts = Parts {
        factory: Factory::good(),
        agents: vec![Agent { name: AgentName::Actions, tool: None }],
        tools: ToolDispatcher::default(),
        supervisor: Some(Supervisor { pace }),
        settings: Settings::lean(),
    };
    let platform = Platform::new(env.clone(), parts).unwrap();
    block_on(platform.start()).unwrap();
    (platform, env)
}

/// What a follower is told of a run that one thread polls while another gives it up.
fn told_of_a_run(pace: Pace) -> Vec<EventKind> {
    let (platform, env) = started(pace);
    let mut follower = follow(&platform.manager().unwrap());
    let request = Request { agent: AgentName::Actions, thread: thread_id(), text: "do".to_owned() };
    platform.submit(request).unwrap();
    let task = env.take();
    env.passes.store(true, Ordering::Relaxed);
    let runtime = thread::spawn(move || block_on(task));
    block_on(platform.drain());
    runtime.join().unwrap();
    let told: Vec<_> = waiting(&mut follower).iter().map(|event| event.kind).collect();
    let end = told.iter().position(|kind| kind.is_terminal());
    assert_eq!(end, told.len().checked_sub(1), "one end, and nothing behind it: {told:?}");
    told
}

static COMPLETED: Sometimes = Sometimes::new("the run came to its end by itself");
static ABORTED: Sometimes = Sometimes::new("the run was given up");

/// Shows: between two polls or in the middle of one, a run is ended by one of the two. Not: two runs, which share only the
/// count.
fn abort_against_last_poll() {
    let told = told_of_a_run(Pace::Considerate);
    COMPLETED.saw(told.ends_with(&[EventKind::AgentCompleted]));
    ABORTED.saw(told.ends_with(&[EventKind::AgentError]));
}

static BEGUN: Sometimes = Sometimes::new("the run had begun");
static NOT_BEGUN: Sometimes = Sometimes::new("the run had not begun");

/// Shows: whoever gives a run up wakes its task, which nobody else would. Not: a run that computes and never gives way.
fn abort_against_waiting_run() {
    let told = told_of_a_run(Pace::Thinking(FOR_EVER));
    BEGUN.saw(told == [EventKind::AgentStarted, EventKind::AgentThinking, EventKind::AgentError]);
    NOT_BEGUN.saw(told == [EventKind::AgentError]);
}
