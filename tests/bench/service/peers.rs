//! Who is compared: each serves WebSocket clients on a port of its own, a task and a queue for each connection.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use nevernone_reference::backend::{AgentRequest, Backend, Readiness, SubmitError, WiredAgents};
use nevernone_reference::event::{Event, EventKind, RunId, ThreadId};
use nevernone_reference::manager::{Candidate, Limits, ManagerHandle, Outcome};
use nevernone_reference::server::{self, ServerOptions};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// Bytes of one event, as JSON.
pub(crate) const EVENT: usize = 200;

/// What waits for one connection at most; the publisher never sends more before all have it.
const QUEUE: usize = 1_024;

/// One way of serving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// The same bytes written to the socket, an event at a time.
    Raw,
    /// tokio-tungstenite, split, its own defaults, `send` for each event.
    Split,
    /// tokio-tungstenite, split, with the read buffer of the reference.
    SplitSmall,
    /// The reference.
    Reference,
}

impl Peer {
    pub(crate) const ALL: [Self; 4] = [Self::Raw, Self::Split, Self::SplitSmall, Self::Reference];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw TCP, same queue and task",
            Self::Split => "tokio-tungstenite, split",
            Self::SplitSmall => "the same, 4 KiB read buffer",
            Self::Reference => "nevernone",
        }
    }
}

/// Sends one event to every connection.
pub(crate) enum Publisher {
    Queues { queues: Vec<mpsc::Sender<Bytes>>, event: Bytes },
    Manager { manager: ManagerHandle, thread: ThreadId, event: Event },
}

impl Publisher {
    /// # Panics
    /// If a connection has no room: the bench waits for everybody before it sends on.
    pub(crate) fn publish(&self) {
        match self {
            Self::Queues { queues, event } => {
                for queue in queues {
                    queue.try_send(event.clone()).expect("everybody keeps up");
                }
            }
            Self::Manager { manager, thread, event } => {
                let outcome = manager.send_to_thread(thread, event.clone());
                assert!(matches!(outcome, Outcome::Delivered(_)), "{outcome:?}");
            }
        }
    }
}

/// The reference's shell around a manager and nothing else.
#[derive(Clone)]
struct Bare(ManagerHandle);

impl Backend for Bare {
    fn manager(&self) -> Option<ManagerHandle> {
        Some(self.0.clone())
    }

    fn readiness(&self) -> Readiness {
        let agents = WiredAgents { wired: 8, total: 8 };
        Readiness { ready: true, agents, bridge: "active".to_owned(), connections: 0, reason: None }
    }

    fn submit(&self, _request: AgentRequest) -> Result<RunId, SubmitError> {
        Err(SubmitError::NotReady)
    }

    async fn drain(&self) {}
}

/// A client's end of a connection, past its handshake.
pub(crate) async fn connect(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let request = "GET /ws?user=u&thread=t HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
                   sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(request.as_bytes()).await.expect("written");
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await.expect("answered"));
    }
    assert!(answer.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&answer));
    stream
}

/// Serves `count` clients: their ends, and whoever sends to them.
pub(crate) async fn serve(peer: Peer, count: usize) -> (Vec<TcpStream>, Publisher) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    if peer == Peer::Reference {
        return serve_reference(listener, count).await;
    }
    let (mut clients, mut queues) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let (client, accepted) = tokio::join!(connect(address), accept(peer, &listener));
        clients.push(client);
        queues.push(accepted);
    }
    let json = "x".repeat(EVENT);
    let event = match peer {
        Peer::Raw => framed(json.as_bytes()),
        _ => Bytes::from(json),
    };
    (clients, Publisher::Queues { queues, event })
}

async fn serve_reference(listener: TcpListener, count: usize) -> (Vec<TcpStream>, Publisher) {
    let address = listener.local_addr().expect("an address");
    let limits = Limits { connections: count, connections_per_user: count, outbox_events: QUEUE, ..Limits::default() };
    let manager = Candidate::complete(limits).validate().expect("complete");
    let options = ServerOptions { ping_interval: Duration::from_secs(3_600), ..ServerOptions::default() };
    tokio::spawn(server::serve(listener, Bare(manager.clone()), options, std::future::pending()));
    let mut clients = Vec::new();
    for _ in 0..count {
        clients.push(connect(address).await);
    }
    let mut event = Event {
        kind: EventKind::ProgressUpdate,
        run_id: RunId::new("run-1").expect("an id"),
        agent_name: "triage".to_owned(),
        timestamp: Duration::ZERO,
        payload: Value::Null,
    };
    // Numbers of one to five digits follow; 200 bytes with three.
    let rest = r#"{"type":"progress_update","run_id":"run-1","thread_id":"t","agent_name":"triage","timestamp":0,"payload":"","seq":100}"#;
    event.payload = Value::String("x".repeat(EVENT - rest.len()));
    let thread = ThreadId::new("t").expect("an id");
    (clients, Publisher::Manager { manager, thread, event })
}

/// One connection as a peer serves it, with its handshake.
async fn accept(peer: Peer, listener: &TcpListener) -> mpsc::Sender<Bytes> {
    let (stream, _) = listener.accept().await.expect("accepted");
    stream.set_nodelay(true).expect("a socket");
    let (queue, waiting) = mpsc::channel(QUEUE);
    match peer {
        Peer::Raw => {
            // The handshake is not measured, so it may be tungstenite's; its socket is taken back afterwards.
            let socket = tokio_tungstenite::accept_async(stream).await.expect("upgraded");
            tokio::spawn(write_raw(socket.into_inner(), waiting));
        }
        Peer::Split | Peer::SplitSmall | Peer::Reference => {
            let size = if peer == Peer::Split { WebSocketConfig::default().read_buffer_size } else { 4 * 1024 };
            let config = WebSocketConfig::default().read_buffer_size(size);
            let socket = tokio_tungstenite::accept_async_with_config(stream, Some(config)).await.expect("upgraded");
            let (sink, mut incoming) = socket.split();
            tokio::spawn(async move { while let Some(Ok(_)) = incoming.next().await {} });
            tokio::spawn(write_split(sink, waiting));
        }
    }
    queue
}

async fn write_raw(mut stream: TcpStream, mut waiting: mpsc::Receiver<Bytes>) {
    while let Some(bytes) = waiting.recv().await {
        if stream.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

async fn write_split(mut sink: impl SinkExt<Message> + Unpin, mut waiting: mpsc::Receiver<Bytes>) {
    while let Some(bytes) = waiting.recv().await {
        let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
        if sink.send(Message::text(text)).await.is_err() {
            return;
        }
    }
}

/// A text of up to 64 KiB as a server sends it.
fn framed(text: &[u8]) -> Bytes {
    let length = u16::try_from(text.len()).expect("short");
    let mut bytes = vec![0x81, 126];
    bytes.extend(length.to_be_bytes());
    bytes.extend(text);
    bytes.into()
}
