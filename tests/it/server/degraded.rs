//! What clients of the real platform see when its manager stops delivering.

use super::client::{Client, PATIENCE};
use nevernone_reference::bridge::BridgeState;
use nevernone_reference::env::TokioEnv;
use nevernone_reference::server::{self, ServerOptions};
use nevernone_reference::startup::{Parts, Platform, Settings};
use serde_json::json;
use std::future::pending;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::Script;

async fn get(address: SocketAddr, path: &str) -> String {
    let upgrade = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                   sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==";
    let headers = if path.starts_with("/ws") { upgrade } else { "connection: close" };
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\n{headers}\r\n\r\n").as_bytes()).await.unwrap();
    // A refused handshake leaves the connection open for another request, so the body's end is where its brace is.
    let mut answer = Vec::new();
    while !answer.ends_with(b"}") {
        let read = timeout(PATIENCE, stream.read_buf(&mut answer)).await.expect("in time").unwrap();
        assert!(read > 0, "closed after {}", String::from_utf8_lossy(&answer));
    }
    String::from_utf8(answer).unwrap()
}

async fn connect(address: SocketAddr) -> Client {
    let stream = TcpStream::connect(address).await.unwrap();
    let (socket, _) =
        tokio_tungstenite::client_async(format!("ws://{address}/ws?user=u&thread=t"), stream).await.unwrap();
    Client::new(socket, "t")
}

#[tokio::test]
async fn a_client_of_a_degraded_platform_is_told_at_once() {
    let parts = Parts { settings: Settings::lean(), ..Parts::standard(Script::new([])) };
    let platform = Platform::new(TokioEnv::new(), parts).unwrap();
    platform.start().await.unwrap();
    let listener = server::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(server::serve(listener, platform.clone(), ServerOptions::default(), pending()));

    let mut client = connect(address).await;
    client.ask("triage", json!({"text": "hello"})).await;
    assert_eq!(client.hear().await["type"], "agent_started");
    platform.manager().unwrap().close_all(1011, "it broke");
    let (_, close) = client.hear_close().await;
    assert_eq!(close.map(|close| u16::from(close.code)), Some(1011), "the outage itself closes who is there");
    assert_eq!(platform.health_check(), BridgeState::Degraded);

    let readiness = get(address, "/readyz").await;
    let told = [r#""ready":false"#, r#""bridge":"degraded""#, r#""wired":8"#, r#""reason":""#, "HTTP/1.1 503"];
    assert!(told.iter().all(|part| readiness.contains(part)), "{readiness}");
    let refused = get(address, "/ws?user=u&thread=t").await;
    assert!(["HTTP/1.1 503", "not_ready", "/readyz"].iter().all(|part| refused.contains(part)), "{refused}");

    platform.stop().await;
    platform.start().await.unwrap();
    let mut client = connect(address).await;
    client.ask("triage", json!({"text": "hello"})).await;
    assert_eq!(client.hear().await["type"], "agent_started");
    serving.abort();
}
