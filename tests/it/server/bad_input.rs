//! Whatever a client does wrong is told to it by name, and to nobody else.

use super::client::{Client, PATIENCE};
use super::fake::Served;
use nevernone_reference::manager::Limits;
use nevernone_reference::server::ServerOptions;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

/// Sends a frame byte by byte as it is, past the client library's care.
async fn raw(client: &mut Client, bytes: &[u8]) {
    client.socket.get_mut().write_all(bytes).await.expect("written");
}

/// Everybody but the culprit gets exactly what is theirs.
async fn expect_unaffected(bystander: &mut Client) {
    bystander.expect_echo("still here").await;
}

#[tokio::test]
async fn each_bad_message_has_its_error_and_the_connection_goes_on() {
    let served = Served::new().await;
    let (mut culprit, mut bystander) = (served.client("u", "t").await, served.client("v", "other").await);
    let request = |agent: &str, thread: &str, payload: Value| {
        json!({"type": "agent_request", "agent": agent, "thread_id": thread, "payload": payload}).to_string()
    };
    let bad = [
        ("{".to_owned(), "invalid_json"),
        ("[1]".to_owned(), "invalid_message"),
        ("{}".to_owned(), "missing_field"),
        (r#"{"type":"nonsense"}"#.to_owned(), "unknown_type"),
        (json!({"type": "agent_request", "agent": "echo", "payload": {}}).to_string(), "missing_field"),
        (request("nobody", "t", json!({})), "unknown_agent"),
        (request("echo", "t", json!({"tool": "hammer"})), "unknown_tool"),
        (request("echo", "other", json!({})), "wrong_thread"),
    ];
    for (message, code) in bad {
        culprit.say(message.clone()).await;
        let told = culprit.hear().await;
        assert_eq!((&told["type"], &told["code"]), (&json!("error"), &json!(code)), "for {message}");
        assert!(told["message"].as_str().is_some_and(|text| !text.is_empty()));
    }
    culprit.say(vec![1_u8, 2]).await;
    assert_eq!(culprit.hear().await["code"], "binary");
    culprit.expect_echo("and on it goes").await;
    expect_unaffected(&mut bystander).await;
}

#[tokio::test]
async fn a_message_over_the_limit_closes_with_1009() {
    let options = ServerOptions { message_bytes: 1_000, ..ServerOptions::default() };
    let served = Served::with(Limits::default(), options).await;
    let (mut culprit, mut bystander) = (served.client("u", "t").await, served.client("v", "t").await);
    // More than the system's buffers hold: the client is still writing when the service has seen enough.
    culprit.say("x".repeat(16 << 20)).await;
    let (_, close) = culprit.hear_close().await;
    assert_eq!(close.map(|close| u16::from(close.code)), Some(1009));
    expect_unaffected(&mut bystander).await;
    assert_eq!(served.fake.connections(), 1);
}

#[tokio::test]
async fn a_broken_frame_closes_with_the_code_that_says_why() {
    let served = Served::new().await;
    let mut bystander = served.client("v", "t").await;
    let cases: [(&[u8], u16); 4] = [
        // Text "a", not masked.
        (&[0x81, 0x01, b'a'], 1002),
        // A reserved opcode.
        (&[0x83, 0x80, 0, 0, 0, 0], 1002),
        // A text that is not UTF-8, masked with zeros.
        (&[0x81, 0x81, 0, 0, 0, 0, 0xff], 1007),
        // A frame that declares 2^62 bytes.
        (&[0x82, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 1009),
    ];
    for (bytes, code) in cases {
        let mut culprit = served.client("u", "t").await;
        raw(&mut culprit, bytes).await;
        let (_, close) = culprit.hear_close().await;
        assert_eq!(close.map(|close| u16::from(close.code)), Some(code), "for {bytes:?}");
    }
    expect_unaffected(&mut bystander).await;
}

#[tokio::test]
async fn http_mistakes_are_answered_before_any_upgrade() {
    let served = Served::new().await;
    let mut bystander = served.client("v", "t").await;
    let plain = served.get("/ws?user=u&thread=t").await;
    assert!(plain.starts_with("HTTP/1.1 426") && plain.contains("upgrade_required"), "{plain}");
    assert!(plain.to_lowercase().contains("upgrade: websocket"), "{plain}");
    assert!(served.get("/nothing").await.starts_with("HTTP/1.1 404"));
    let posted = served.http("POST /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(posted.starts_with("HTTP/1.1 405"), "{posted}");
    assert!(served.http("nonsense\r\n\r\n").await.starts_with("HTTP/1.1 400"));
    expect_unaffected(&mut bystander).await;
    assert_eq!(served.fake.connections(), 1);
}

fn upgrade(query: &str, version: &str, key: &str) -> String {
    format!(
        "GET /ws{query} HTTP/1.1\r\nhost: x\r\nconnection: keep-alive, Upgrade\r\nupgrade: WebSocket\r\n\
         sec-websocket-version: {version}\r\nsec-websocket-key: {key}\r\nconnection: close\r\n\r\n"
    )
}

#[tokio::test]
async fn a_handshake_must_be_complete_and_meet_a_ready_service() {
    let served = Served::new().await;
    let key = "dGhlIHNhbXBsZSBub25jZQ==";
    let cases = [
        (upgrade("?thread=t", "13", key), "400", "lacks `user`"),
        (upgrade("?user=u", "13", key), "400", "lacks `thread`"),
        (upgrade("?user=u&thread=", "13", key), "400", "empty"),
        (upgrade("?user=u&thread=%ff", "13", key), "400", "UTF-8"),
        (upgrade("?user=u&thread=t", "8", key), "426", "must be 13"),
        (upgrade("?user=u&thread=t", "13", "short"), "400", "Sec-WebSocket-Key"),
    ];
    for (request, status, message) in cases {
        let answer = served.http(&request).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")) && answer.contains(message), "{answer}");
    }
    served.fake.set_ready(false);
    let answer = served.http(&upgrade("?user=u&thread=t", "13", key)).await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("not_ready"), "{answer}");
    assert_eq!(served.fake.connections(), 0);
}

#[tokio::test]
async fn a_frame_that_comes_with_the_handshake_is_not_lost() {
    let served = Served::new().await;
    let request = upgrade("?user=u&thread=t", "13", "dGhlIHNhbXBsZSBub25jZQ==");
    let mut bytes = request.replace("connection: close\r\n", "").into_bytes();
    // An empty text, masked with zeros: no JSON.
    bytes.extend([0x81, 0x80, 0, 0, 0, 0]);
    let mut stream = TcpStream::connect(served.address).await.expect("connected");
    stream.write_all(&bytes).await.expect("written");
    let mut answer = Vec::new();
    while !String::from_utf8_lossy(&answer).contains("invalid_json") {
        let read = timeout(PATIENCE, stream.read_buf(&mut answer)).await.expect("in time");
        assert!(read.expect("read") > 0, "closed after {}", String::from_utf8_lossy(&answer));
    }
    assert!(answer.starts_with(b"HTTP/1.1 101"));
}

#[tokio::test]
async fn a_platform_that_panics_costs_one_connection() {
    let served = Served::new().await;
    let (mut culprit, mut bystander) = (served.client("u", "t").await, served.client("v", "t").await);
    culprit.ask("boom", json!({})).await;
    assert_eq!(culprit.hear_close().await, (vec![], None));
    expect_unaffected(&mut bystander).await;
    assert_eq!(served.fake.connections(), 1);
}

#[tokio::test]
async fn one_user_cannot_take_every_connection() {
    let limits = Limits { connections_per_user: 1, ..Limits::default() };
    let served = Served::with(limits, ServerOptions::default()).await;
    let mut first = served.client("u", "t").await;
    let answer = served.http(&upgrade("?user=u&thread=t", "13", "dGhlIHNhbXBsZSBub25jZQ==")).await;
    assert!(answer.starts_with("HTTP/1.1 429") && answer.contains("too_many_connections_of_user"), "{answer}");
    let mut other = served.client("v", "elsewhere").await;
    expect_unaffected(&mut first).await;
    expect_unaffected(&mut other).await;
}

#[tokio::test]
async fn a_request_head_that_never_ends_is_given_up() {
    let options = ServerOptions { header_deadline: Duration::from_millis(50), ..ServerOptions::default() };
    let served = Served::with(Limits::default(), options).await;
    for head in ["", "GET /healthz HTTP/1.1\r\nhost:"] {
        let answer = served.http(head).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
}

#[tokio::test]
async fn a_client_that_answers_no_ping_is_closed_and_one_that_does_stays() {
    let options = ServerOptions {
        ping_interval: Duration::from_millis(40),
        pong_deadline: Duration::from_millis(160),
        ..ServerOptions::default()
    };
    let served = Served::with(Limits::default(), options).await;
    let mut silent = served.client("u", "t").await;
    let mut alive = served.client("v", "other").await;
    // The client library answers a ping when it is read from; the silent client is read raw.
    let mut bytes = Vec::new();
    let silence = timeout(PATIENCE, silent.socket.get_mut().read_to_end(&mut bytes));
    tokio::select! {
        read = silence => assert!(read.expect("closed in time").is_ok()),
        () = answer_pings(&mut alive) => panic!("the client that answers was closed"),
    }
    let close = bytes.windows(4).any(|window| window[0] == 0x88 && window[2..] == 1011_u16.to_be_bytes());
    assert!(close, "closed with 1011: {bytes:?}");
    expect_unaffected(&mut alive).await;
}

/// Reads pings, which answers them, until the service closes.
async fn answer_pings(client: &mut Client) {
    while let Some(Ok(message)) = futures_util::StreamExt::next(&mut client.socket).await {
        assert!(matches!(message, Message::Ping(_)), "{message:?}");
    }
}
