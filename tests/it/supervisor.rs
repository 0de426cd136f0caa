//! What one relies on when a request runs: its events in order, its end exactly once, whatever dies.

use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use nevernone_reference::{
    agents::{Agent, AgentName},
    env::{Env, TokioEnv},
    event::{
        EventKind::{self, AgentCompleted, AgentError, AgentStarted, AgentThinking, ToolCompleted, ToolExecuting},
        RunId, WireEvent,
    },
    manager::ManagerHandle,
    registry::{Registry, Wired},
    supervisor::{Accepted, Finished, NotRegistered, Pace, Request, Run, Supervisor},
    tools::{Tool, ToolDispatcher},
};
use serde_json::{Value, json};

use crate::support::{Client, kinds, manager, thread};

/// A wired registry and a client of one thread.
struct Stage {
    manager: ManagerHandle,
    wired: Wired,
    client: Client,
}

impl Stage {
    fn new(tools: ToolDispatcher) -> Self {
        let manager = manager();
        let wired = Registry::new(Agent::standard(), tools).unwrap().wire(Some(manager.clone())).unwrap();
        let client = Client::attach(&manager, "thread");
        Self { manager, wired, client }
    }

    fn standard() -> Self {
        Self::new(ToolDispatcher::standard())
    }

    fn begin<E: Env>(&self, env: E, pace: Pace, (agent, text): (AgentName, &str)) -> Run<E> {
        self.begin_as("run", env, pace, (agent, text))
    }

    fn begin_as<E: Env>(&self, run_id: &str, env: E, pace: Pace, (agent, text): (AgentName, &str)) -> Run<E> {
        let request = Request { agent, thread: thread("thread"), text: text.to_owned() };
        let accepted = Accepted { run_id: RunId::new(run_id).unwrap(), request };
        Supervisor { pace }.begin(env, self.wired.clone(), accepted).unwrap()
    }

    /// Runs to the end without ever giving way.
    fn run(&mut self, agent: AgentName, text: &str) -> (Finished, Vec<WireEvent>) {
        let run = self.begin(TokioEnv::new(), Pace::Immediate, (agent, text));
        let Poll::Ready(finished) = poll_once(pin!(run.drive()).as_mut()) else { panic!("it never gives way") };
        (finished, self.client.events())
    }
}

fn poll_once<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// A tool that does what a broken one does, in the place of a standard one.
struct Broken {
    panics: bool,
}

impl Tool for Broken {
    fn name(&self) -> &'static str {
        "keyword_extraction"
    }

    fn run(&self, _text: &str) -> Result<Value, String> {
        assert!(!self.panics, "broken beyond words");
        Err("broken, and says so".to_owned())
    }
}

fn with_broken_keywords(panics: bool) -> ToolDispatcher {
    let standard: [Arc<dyn Tool>; 3] = [
        Arc::new(nevernone_reference::tools::Calculator),
        Arc::new(nevernone_reference::tools::WordStatistics),
        Arc::new(Broken { panics }),
    ];
    ToolDispatcher::new(standard)
}

#[test]
fn the_five_events_come_in_order_with_the_tools_own_result() {
    let mut stage = Stage::standard();
    let (finished, events) = stage.run(AgentName::Optimization, "what is 6 * 7?");
    assert_eq!(kinds(&events), [AgentStarted, AgentThinking, ToolExecuting, ToolCompleted, AgentCompleted]);
    assert_eq!(events[3].payload["result"], json!({"expression": "6 * 7", "value": 42.0}));
    assert_eq!(events[4].payload["result"]["value"], 42.0);
    assert_eq!(events.iter().map(|event| event.seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert!(events.iter().all(|event| event.agent_name == "optimization" && event.run_id.as_str() == "run"));
    assert_eq!(finished, Finished { terminal: AgentCompleted, told: 5, lost: 0 });
}

#[test]
fn each_agent_uses_its_own_tool_or_none() {
    for name in AgentName::ALL {
        let mut stage = Stage::standard();
        let (_, events) = stage.run(name, "2 + 2 of these invoices");
        let tool = Agent::standard().into_iter().find(|agent| agent.name == name).unwrap().tool;
        let expected: &[EventKind] = match tool {
            Some(_) => &[AgentStarted, AgentThinking, ToolExecuting, ToolCompleted, AgentCompleted],
            None => &[AgentStarted, AgentThinking, AgentCompleted],
        };
        assert_eq!(kinds(&events), expected, "{name}");
        if let Some(tool) = tool {
            assert_eq!(events[2].payload["tool"], tool, "{name}");
        }
    }
}

#[test]
fn a_tool_that_fails_ends_the_run_in_one_error() {
    for (panics, code) in [(false, "tool_failed"), (true, "tool_panicked")] {
        let mut stage = Stage::new(with_broken_keywords(panics));
        let (finished, events) = stage.run(AgentName::Triage, "hello");
        assert_eq!(kinds(&events), [AgentStarted, AgentThinking, ToolExecuting, AgentError]);
        assert_eq!((events[3].payload["code"].as_str(), finished.terminal), (Some(code), AgentError));
        assert!(events[3].payload["message"].as_str().unwrap().contains("broken"), "{:?}", events[3]);
    }
}

#[test]
fn a_run_that_is_dropped_before_its_first_step_still_ends() {
    let mut stage = Stage::standard();
    drop(stage.begin(TokioEnv::new(), Pace::Considerate, (AgentName::Triage, "hello")));
    let events = stage.client.events();
    assert_eq!(kinds(&events), [AgentError]);
    assert_eq!(events[0].payload["code"], "run_aborted");
}

#[test]
fn a_run_that_is_dropped_in_the_middle_ends_once() {
    let mut stage = Stage::standard();
    {
        let run = stage.begin(TokioEnv::new(), Pace::Considerate, (AgentName::Triage, "hello"));
        let mut driven = pin!(run.drive());
        assert!(poll_once(driven.as_mut()).is_pending());
    }
    assert_eq!(kinds(&stage.client.events()), [AgentStarted, AgentThinking, AgentError]);
}

#[test]
fn a_run_that_ended_well_says_nothing_when_it_is_dropped() {
    let mut stage = Stage::standard();
    stage.run(AgentName::Actions, "hello");
    assert_eq!(kinds(&stage.client.events()), []);
}

/// An environment in which waiting panics.
#[derive(Clone)]
struct Quicksand;

impl Env for Quicksand {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    async fn sleep(&self, _wait: Duration) {
        std::panic::resume_unwind(Box::new("planned"));
    }

    fn spawn(&self, _name: &'static str, _task: impl Future<Output = ()> + Send + 'static) {}
}

#[test]
fn a_run_that_panics_ends_once_before_the_panic_goes_on() {
    let mut stage = Stage::standard();
    let run = stage.begin(Quicksand, Pace::Thinking(Duration::from_secs(1)), (AgentName::Triage, "hello"));
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| poll_once(pin!(run.drive()).as_mut())));
    assert!(panicked.is_err());
    let events = stage.client.events();
    assert_eq!(kinds(&events), [AgentStarted, AgentThinking, AgentError]);
    assert_eq!(events[2].payload["code"], "run_panicked");
}

#[tokio::test(start_paused = true)]
async fn runs_that_interleave_never_mix_their_ids_or_results() {
    let mut stage = Stage::standard();
    let texts = ["1 + 1", "2 + 2", "3 + 3"];
    for (number, text) in texts.iter().enumerate() {
        let run = stage.begin_as(
            &format!("run-{number}"),
            TokioEnv::new(),
            Pace::Considerate,
            (AgentName::Optimization, text),
        );
        tokio::spawn(run.drive());
    }
    let events = stage.client.until_ended(3).await;
    let seqs: Vec<u64> = events.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (1..=15).collect::<Vec<_>>(), "one thread, one numbering");
    assert_ne!(events[2].run_id, events[0].run_id.clone(), "they did interleave");
    for (number, text) in texts.iter().enumerate() {
        let own: Vec<WireEvent> =
            events.iter().filter(|event| event.run_id.as_str() == format!("run-{number}")).cloned().collect();
        assert_eq!(kinds(&own), [AgentStarted, AgentThinking, ToolExecuting, ToolCompleted, AgentCompleted]);
        assert_eq!(own[3].payload["result"]["expression"], *text);
    }
}

#[tokio::test(start_paused = true)]
async fn events_are_dated_by_the_clock_by_which_runs_wait() {
    let mut stage = Stage::standard();
    let hour = Duration::from_secs(3_600);
    stage.begin(TokioEnv::new(), Pace::Thinking(hour), (AgentName::Actions, "hello")).drive().await;
    let dates: Vec<u64> = stage.client.events().iter().map(|event| event.timestamp).collect();
    assert_eq!(dates, [0, 0, 3_600_000]);
}

#[test]
fn what_nobody_can_receive_is_counted_as_lost() {
    let mut stage = Stage::standard();
    stage.manager.close_all(1001, "gone");
    let (finished, _) = stage.run(AgentName::Actions, "hello");
    assert_eq!(finished, Finished { terminal: AgentCompleted, told: 0, lost: 3 });
}

#[test]
fn an_agent_that_is_not_registered_is_refused_by_name_and_nothing_is_told() {
    let manager = manager();
    let only = vec![Agent { name: AgentName::Actions, tool: None }];
    let wired = Registry::new(only, ToolDispatcher::standard()).unwrap().wire(Some(manager.clone())).unwrap();
    let mut client = Client::attach(&manager, "thread");
    let request = Request { agent: AgentName::Data, thread: thread("thread"), text: String::new() };
    let accepted = Accepted { run_id: RunId::new("run").unwrap(), request };
    let refused = Supervisor::default().begin(TokioEnv::new(), wired, accepted).map(drop);
    assert_eq!(refused, Err(NotRegistered { agent: AgentName::Data }));
    assert_eq!(kinds(&client.events()), []);
}
