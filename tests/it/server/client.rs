//! A client that speaks the wire's contract.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::CloseFrame;

/// Longer than anything here takes; only a failing test waits for it.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// One connection, which follows one thread.
pub(super) struct Client {
    pub(super) socket: WebSocketStream<TcpStream>,
    thread: String,
}

impl Client {
    pub(super) fn new(socket: WebSocketStream<TcpStream>, thread: &str) -> Self {
        Self { socket, thread: thread.to_owned() }
    }

    pub(super) async fn say(&mut self, message: impl Into<Message>) {
        self.socket.send(message.into()).await.expect("sent");
    }

    pub(super) async fn ask(&mut self, agent: &str, payload: Value) {
        let request = json!({"type": "agent_request", "agent": agent, "thread_id": self.thread, "payload": payload});
        self.say(request.to_string()).await;
    }

    /// The next message that is text.
    pub(super) async fn hear(&mut self) -> Value {
        loop {
            match timeout(PATIENCE, self.socket.next()).await.expect("in time") {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).expect("JSON"),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("expected a text, got {other:?}"),
            }
        }
    }

    /// The next `count` messages' `field`.
    pub(super) async fn hear_all(&mut self, count: usize, field: &str) -> Vec<Value> {
        let mut heard = Vec::new();
        for _ in 0..count {
            heard.push(self.hear().await[field].clone());
        }
        heard
    }

    /// Reads until the service closes; texts on the way, and the close.
    pub(super) async fn hear_close(&mut self) -> (Vec<Value>, Option<CloseFrame>) {
        let mut texts = Vec::new();
        let mut close = None;
        let reading = async {
            while let Some(Ok(message)) = self.socket.next().await {
                match message {
                    Message::Text(text) => texts.push(serde_json::from_str(&text).expect("JSON")),
                    Message::Close(frame) => close = frame,
                    _ => {}
                }
            }
        };
        timeout(PATIENCE, reading).await.expect("closed in time");
        (texts, close)
    }

    /// Asks `echo` and expects exactly its five events.
    pub(super) async fn expect_echo(&mut self, text: &str) {
        self.ask("echo", json!({"text": text})).await;
        let mut events = Vec::new();
        for _ in 0..5 {
            events.push(self.hear().await);
        }
        let kinds: Vec<&Value> = events.iter().map(|event| &event["type"]).collect();
        assert_eq!(kinds, ["agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"]);
        assert_eq!(events[3]["payload"]["result"], text.to_uppercase());
        assert!(events.iter().all(|event| event["thread_id"] == self.thread.as_str()));
        assert!(events.iter().all(|event| event["run_id"] == events[0]["run_id"]));
    }
}
