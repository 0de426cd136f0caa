//! A platform of the tests' own, and the served shell around it.

use super::client::{Client, PATIENCE};
use nevernone_reference::backend::{AgentRequest, Backend, Readiness, SubmitError, WiredAgents};
use nevernone_reference::event::{Event, EventKind, RunId, ThreadId};
use nevernone_reference::manager::{Candidate, Limits, ManagerHandle, Outcome};
use nevernone_reference::server::{self, ServeError, ServerOptions};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Agents `echo` (its tool `upper` makes the text upper case) and `slow` (ends when the test says so).
#[derive(Clone)]
pub(super) struct Fake(Arc<State>);

struct State {
    manager: ManagerHandle,
    ready: AtomicBool,
    runs: AtomicU64,
    /// Ends the runs of `slow`; `drain` waits for it, too, while there is one.
    release: Notify,
    slow: AtomicBool,
    draining: Notify,
}

impl Fake {
    pub(super) fn new(limits: Limits) -> Self {
        let manager = Candidate::complete(limits).validate().expect("a complete candidate");
        Self(Arc::new(State {
            manager,
            ready: AtomicBool::new(true),
            runs: AtomicU64::new(0),
            release: Notify::new(),
            slow: AtomicBool::new(false),
            draining: Notify::new(),
        }))
    }

    pub(super) fn set_ready(&self, ready: bool) {
        self.0.ready.store(ready, Ordering::SeqCst);
    }

    pub(super) fn connections(&self) -> usize {
        self.0.manager.connection_count()
    }

    /// Lets the `slow` run end.
    pub(super) fn release(&self) {
        self.0.release.notify_one();
    }

    /// Ends once the shell has asked the platform to drain.
    pub(super) async fn is_draining(&self) {
        timeout(PATIENCE, self.0.draining.notified()).await.expect("asked in time");
    }

    pub(super) fn send(&self, thread: &ThreadId, kind: EventKind, run_id: &RunId, payload: Value) -> Outcome {
        let event =
            Event { kind, run_id: run_id.clone(), agent_name: "echo".to_owned(), timestamp: Duration::ZERO, payload };
        self.0.manager.send_to_thread(thread, event)
    }

    fn run(&self, request: &AgentRequest, run_id: &RunId) {
        let text = request.payload["text"].as_str().unwrap_or_default().to_uppercase();
        let steps = [
            (EventKind::AgentStarted, json!({})),
            (EventKind::AgentThinking, json!({})),
            (EventKind::ToolExecuting, json!({"tool": "upper"})),
            (EventKind::ToolCompleted, json!({"tool": "upper", "result": text})),
            (EventKind::AgentCompleted, json!({})),
        ];
        for (kind, payload) in steps {
            let _ = self.send(&request.thread, kind, run_id, payload);
        }
    }
}

impl Backend for Fake {
    fn manager(&self) -> Option<ManagerHandle> {
        self.0.ready.load(Ordering::SeqCst).then(|| self.0.manager.clone())
    }

    fn readiness(&self) -> Readiness {
        let ready = self.0.ready.load(Ordering::SeqCst);
        Readiness {
            ready,
            agents: WiredAgents { wired: if ready { 8 } else { 0 }, total: 8 },
            bridge: "active".to_owned(),
            connections: self.connections(),
            reason: None,
        }
    }

    fn submit(&self, request: AgentRequest) -> Result<RunId, SubmitError> {
        let run_id = RunId::new(format!("r{}", self.0.runs.fetch_add(1, Ordering::SeqCst))).expect("an id");
        let tool = request.payload["tool"].as_str().unwrap_or("upper");
        if tool != "upper" {
            return Err(SubmitError::UnknownTool { tool: tool.to_owned(), known: vec!["upper".to_owned()] });
        }
        match request.agent.as_str() {
            "echo" => self.run(&request, &run_id),
            "slow" => {
                self.0.slow.store(true, Ordering::SeqCst);
                let _ = self.send(&request.thread, EventKind::AgentStarted, &run_id, json!({}));
                let (fake, run) = (self.clone(), run_id.clone());
                tokio::spawn(async move {
                    fake.0.release.notified().await;
                    let _ = fake.send(&request.thread, EventKind::AgentCompleted, &run, json!({}));
                    fake.0.slow.store(false, Ordering::SeqCst);
                    fake.0.release.notify_one();
                });
            }
            "boom" => panic!("planned: the platform panics under a request"),
            other => {
                let known = vec!["echo".to_owned(), "slow".to_owned()];
                return Err(SubmitError::UnknownAgent { agent: other.to_owned(), known });
            }
        }
        Ok(run_id)
    }

    async fn drain(&self) {
        self.0.draining.notify_one();
        while self.0.slow.load(Ordering::SeqCst) {
            self.0.release.notified().await;
            // The run's own release may have been taken here: pass it on until the run has ended.
            self.0.release.notify_one();
            tokio::task::yield_now().await;
        }
    }
}

/// A served shell; dropping it stops it at once.
pub(super) struct Served {
    pub(super) address: SocketAddr,
    pub(super) fake: Fake,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<Result<(), ServeError>>,
}

impl Served {
    pub(super) async fn new() -> Self {
        Self::with(Limits::default(), ServerOptions::default()).await
    }

    pub(super) async fn with(limits: Limits, options: ServerOptions) -> Self {
        let fake = Fake::new(limits);
        let listener = server::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(server::serve(listener, fake.clone(), options, async {
            let _ = stopped.await;
        }));
        Self { address, fake, stop: Some(stop), serving }
    }

    /// As a signal does.
    pub(super) fn stop(&mut self) {
        self.stop.take().expect("stopped once").send(()).expect("still serving");
    }

    pub(super) async fn ended(&mut self) -> Result<(), ServeError> {
        timeout(PATIENCE, &mut self.serving).await.expect("in time").expect("no panic")
    }

    pub(super) async fn client(&self, user: &str, thread: &str) -> Client {
        let stream = TcpStream::connect(self.address).await.expect("connected");
        let url = format!("ws://{}/ws?user={user}&thread={thread}", self.address);
        let (socket, _) = tokio_tungstenite::client_async(url, stream).await.expect("upgraded");
        Client::new(socket, thread)
    }

    /// Everything that a socket of its own says to these bytes until it closes.
    pub(super) async fn exchange(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.address).await.expect("connected");
        stream.write_all(bytes).await.expect("written");
        let mut answer = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("in time").expect("read");
        answer
    }

    /// One HTTP exchange: the whole answer.
    pub(super) async fn http(&self, request: &str) -> String {
        String::from_utf8(self.exchange(request.as_bytes()).await).expect("text")
    }

    pub(super) async fn get(&self, path: &str) -> String {
        self.http(&format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).await
    }
}
