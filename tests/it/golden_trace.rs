//! Without a fault nobody can tell which layers are there: all sixteen sets of them do the same, and so does the platform.

use std::{fmt, sync::Arc, time::Duration};

use nevernone_reference::{
    agents::AgentName,
    env::{Env, TokioEnv},
    event::UserId,
    legacy::{Found, Graph, Layer, Layers, Pipeline},
    manager::{Attach, Batch, Connection, ManagerFactory, ManagerHandle},
    startup::{Parts, Platform, Settings},
    supervisor::{Request, Supervisor},
};

use crate::{
    rows::Rows,
    support::{Script, thread},
};

/// Everything that anybody can see of a start and a request.
#[derive(Debug, PartialEq, Eq)]
struct Trace {
    /// What the client received, byte by byte.
    events: Vec<String>,
    /// Rows of the table of log lines: level, event, message.
    log: Vec<String>,
    /// What `/readyz` would say while the client is there.
    readiness: String,
    creations: usize,
    /// Virtual time that all of it took.
    took: Duration,
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.events.iter().chain(&self.log) {
            writeln!(f, "{line}")?;
        }
        write!(f, "{}\ncreations: {}, took: {:?}", self.readiness, self.creations, self.took)
    }
}

impl Trace {
    /// Takes out the words of one layer; tells whether there were any.
    fn take_words_of(&mut self, layer: Layer) -> bool {
        let own = match layer {
            Layer::Prevention => "DEBUG manager.created: WebSocket manager singleton created",
            Layer::Detection => "INFO attempt.ok: WebSocketManager validated on attempt 1",
            Layer::Rejection => "INFO registry.wired: WebSocketManager wired to 8/8 agents and the tool dispatcher",
            Layer::Recovery => "INFO attempt.ok: bridge initialized on attempt 1",
        };
        let before = self.log.len();
        self.log.retain(|line| line != own);
        self.log.len() < before
    }
}

fn request() -> Request {
    Request { agent: AgentName::Optimization, thread: thread("thread"), text: "what is 6 * 7?".to_owned() }
}

fn attach(manager: &ManagerHandle) -> Connection {
    manager.attach(Attach { user: UserId::new("user").unwrap(), thread: thread("thread") }).unwrap()
}

fn received(client: &mut Connection) -> Vec<String> {
    match client.try_batch(usize::MAX) {
        Some(Batch::Frames(frames)) => {
            frames.iter().map(|frame| String::from_utf8(frame.bytes().to_vec()).unwrap()).collect()
        }
        Some(Batch::Closed(close)) => panic!("closed with {}", close.code),
        None => Vec::new(),
    }
}

/// Runs `story` on a runtime of its own with a stopped clock, and adds what was logged, made and waited for.
fn traced(story: impl AsyncFnOnce(TokioEnv, Arc<dyn ManagerFactory>) -> (Vec<String>, String)) -> Trace {
    let (rows, script) = (Rows::default(), Script::new([]));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let ((events, readiness), took) = tracing::subscriber::with_default(rows.clone(), || {
        runtime.block_on(async {
            let env = TokioEnv::new();
            let told = story(env.clone(), script.clone()).await;
            (told, env.now())
        })
    });
    let log = rows.take();
    Trace { events, log, readiness, creations: script.created(), took }
}

fn trace_of(layers: Layers) -> Trace {
    traced(async |env, factory| {
        let graph = Graph { factory, supervisor: Some(Supervisor::default()), is_decoy: false };
        let pipeline = Pipeline::new(env, layers, graph);
        pipeline.start().await.unwrap();
        let Found::Whole(manager) = pipeline.look() else { panic!("started without a manager") };
        let mut client = attach(&manager);
        pipeline.run(request()).await.unwrap();
        (received(&mut client), serde_json::to_string(&pipeline.readiness()).unwrap())
    })
}

fn trace_of_the_platform() -> Trace {
    traced(async |env, factory| {
        let parts = Parts { settings: Settings::lean(), ..Parts::standard(factory) };
        let platform = Platform::new(env, parts).unwrap();
        platform.start().await.unwrap();
        let mut client = attach(&platform.manager().unwrap());
        platform.submit(request()).unwrap();
        // Each gives way once: the run has told everything after two turns.
        let mut events = Vec::new();
        while events.len() < 5 {
            tokio::task::yield_now().await;
            events.extend(received(&mut client));
        }
        (events, serde_json::to_string(&platform.readiness()).unwrap())
    })
}

/// What is the same in all of them.
fn golden() -> Trace {
    trace_of(Layers::none())
}

#[test]
fn the_golden_trace_is_this() {
    insta::assert_snapshot!(golden(), @r#"
    {"type":"agent_started","run_id":"run-1","thread_id":"thread","agent_name":"optimization","timestamp":0,"payload":{"text_length":14},"seq":1}
    {"type":"agent_thinking","run_id":"run-1","thread_id":"thread","agent_name":"optimization","timestamp":0,"payload":{"tool":"calculator"},"seq":2}
    {"type":"tool_executing","run_id":"run-1","thread_id":"thread","agent_name":"optimization","timestamp":0,"payload":{"tool":"calculator"},"seq":3}
    {"type":"tool_completed","run_id":"run-1","thread_id":"thread","agent_name":"optimization","timestamp":0,"payload":{"result":{"expression":"6 * 7","value":42.0},"tool":"calculator"},"seq":4}
    {"type":"agent_completed","run_id":"run-1","thread_id":"thread","agent_name":"optimization","timestamp":0,"payload":{"result":{"expression":"6 * 7","value":42.0}},"seq":5}
    INFO run.accepted: run run-1 of agent optimization accepted for thread thread
    INFO run.ended: run run-1 ended with agent_completed: 5 events told, 0 lost
    {"ready":true,"agents":{"wired":8,"total":8},"bridge":"active","connections":1}
    creations: 1, took: 0ns
    "#);
}

#[test]
fn without_a_fault_the_sixteen_sets_of_layers_differ_in_their_own_words_alone() {
    let golden = golden();
    for layers in Layers::sets() {
        let mut trace = trace_of(layers);
        for layer in Layer::ALL {
            assert_eq!(trace.take_words_of(layer), layers.has(layer), "words of {} with {layers}", layer.as_str());
        }
        assert_eq!(trace, golden, "with {layers}");
    }
}

#[test]
fn the_platform_itself_leaves_the_same_trace() {
    let all = Layer::ALL.into_iter().fold(Layers::none(), Layers::with);
    assert_eq!(trace_of_the_platform(), trace_of(all));
}
