//! Clients that send more than they should, or more than they read: a bound stops them, and nobody else notices.

use super::client::{Client, PATIENCE};
use super::fake::Served;
use nevernone_reference::manager::Limits;
use nevernone_reference::server::{self, ServeError, ServerOptions};
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Writes until the service has closed, and reads nothing: the outbox is bounded, and the write deadline ends it.
async fn pour(client: &mut Client, bytes: &[u8]) {
    let stream = client.socket.get_mut();
    let pouring = async { while stream.write_all(bytes).await.is_ok() {} };
    timeout(PATIENCE, pouring).await.expect("stopped in time");
}

/// Whether these bytes end in a close with this code.
fn ends_with_close(bytes: &[u8], code: u16) -> bool {
    bytes.windows(4).any(|window| window[0] == 0x88 && window[2..] == code.to_be_bytes())
}

#[tokio::test]
async fn a_flood_of_pings_is_stopped_by_its_number() {
    let options = ServerOptions { pings: 100, ..ServerOptions::default() };
    let served = Served::with(Limits::default(), options).await;
    let (mut culprit, mut bystander) = (served.client("u", "t").await, served.client("v", "other").await);
    // 100 pings are no flood, and each is answered; one more is.
    let ping = [0x89, 0x81, 0, 0, 0, 0, b'?'];
    let stream = culprit.socket.get_mut();
    stream.write_all(&ping.repeat(100)).await.expect("written");
    let mut answers = vec![0; 300];
    timeout(PATIENCE, stream.read_exact(&mut answers)).await.expect("in time").expect("answered");
    assert_eq!(answers, [0x8a, 1, b'?'].repeat(100));
    stream.write_all(&ping).await.expect("written");
    let mut rest = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut rest)).await.expect("closed in time").expect("read");
    assert!(ends_with_close(&rest, 1008), "{rest:?}");
    bystander.expect_echo("unaffected").await;
}

#[tokio::test]
async fn a_flood_of_pings_from_one_who_reads_nothing_is_stopped_too() {
    let served = Served::new().await;
    let (mut culprit, mut bystander) = (served.client("u", "t").await, served.client("v", "other").await);
    let ping = [&[0x89, 0xfd, 0, 0, 0, 0][..], &[b'x'; 125]].concat();
    // Without the bound all of them would be kept for as long as a write may take, which is longer than this waits.
    pour(&mut culprit, &ping.repeat(100)).await;
    bystander.expect_echo("unaffected").await;
    assert_eq!(served.fake.connections(), 1);
}

#[tokio::test]
async fn a_flood_of_requests_from_one_who_reads_nothing_is_stopped() {
    let served = Served::new().await;
    let (mut culprit, mut bystander) = (served.client("u", "t").await, served.client("v", "other").await);
    let request =
        json!({"type": "agent_request", "agent": "echo", "thread_id": "t", "payload": {"text": "x"}}).to_string();
    let length = u8::try_from(request.len()).expect("under 126");
    let frame = [&[0x81, 0x80 | length, 0, 0, 0, 0][..], request.as_bytes()].concat();
    pour(&mut culprit, &frame.repeat(100)).await;
    bystander.expect_echo("unaffected").await;
    assert_eq!(served.fake.connections(), 1);
}

#[tokio::test]
async fn a_flood_of_nonsense_from_one_who_reads_nothing_is_stopped() {
    let served = Served::new().await;
    let (mut culprit, mut bystander) = (served.client("u", "t").await, served.client("v", "other").await);
    // An empty text, which is no JSON.
    pour(&mut culprit, &[0x81, 0x80, 0, 0, 0, 0].repeat(1_000)).await;
    bystander.expect_echo("unaffected").await;
    assert_eq!(served.fake.connections(), 1);
}

fn upgrade(user: &str, thread: &str) -> String {
    format!(
        "GET /ws?user={user}&thread={thread} HTTP/1.1\r\nhost: x\r\nconnection: Upgrade, close\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
}

#[tokio::test]
async fn whoever_is_one_too_many_is_told_which_limit_it_was() {
    let limits = Limits { connections: 2, threads: 1, ..Limits::default() };
    let served = Served::with(limits, ServerOptions::default()).await;
    let mut first = served.client("u", "t").await;
    let answer = served.http(&upgrade("v", "other")).await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("too_many_threads"), "{answer}");
    let second = served.client("v", "t").await;
    let answer = served.http(&upgrade("w", "t")).await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains(r#""too_many_connections""#), "{answer}");
    first.ask("echo", json!({"text": "x"})).await;
    assert_eq!(first.hear_all(5, "seq").await, [1, 2, 3, 4, 5], "who is in stays in");
    drop(second);
}

#[tokio::test]
async fn one_socket_too_many_is_closed_unanswered_and_a_free_place_is_used_again() {
    let options = ServerOptions { sockets: 1, ..ServerOptions::default() };
    let served = Served::with(Limits::default(), options).await;
    let mut only = served.client("u", "t").await;
    assert_eq!(served.exchange(b"").await, b"", "closed without a word");
    only.expect_echo("unaffected").await;
    only.socket.close(None).await.expect("sent");
    only.hear_close().await;
    let free = async { while !served.get("/healthz").await.starts_with("HTTP/1.1 200") {} };
    timeout(PATIENCE, free).await.expect("the place is free again");
}

#[tokio::test]
async fn half_open_sockets_are_given_up_however_they_are_half_open() {
    let options = ServerOptions { header_deadline: Duration::from_millis(50), ..ServerOptions::default() };
    let served = Served::with(Limits::default(), options).await;
    let heads = [
        "",
        "G",
        "GET /ws?user=u&thread=t HTTP/1.1\r\n",
        // One whole request, and then nothing on a connection that is kept alive.
        "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n",
        // A body that never comes, in both ways of announcing one.
        "POST /healthz HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n",
        "POST /healthz HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nff\r\nx",
        // HTTP/2, spoken without asking.
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ];
    for head in heads {
        let answer = String::from_utf8_lossy(&served.exchange(head.as_bytes()).await).into_owned();
        let known = ["HTTP/1.1 200", "HTTP/1.1 400", "HTTP/1.1 405", "HTTP/1.1 408", "HTTP/1.1 505"];
        assert!(answer.is_empty() || known.iter().any(|status| answer.starts_with(status)), "{head:?}: {answer}");
    }
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused_before_it_is_read() {
    let served = Served::new().await;
    let padding = "x".repeat(64 * 1024);
    let heads = [
        format!("GET /healthz?{padding} HTTP/1.1\r\nhost: x\r\n\r\n"),
        format!("GET /healthz HTTP/1.1\r\nhost: x\r\npadding: {padding}\r\n\r\n"),
        format!("GET /healthz HTTP/1.1\r\nhost: x\r\n{}\r\n", "a: b\r\n".repeat(200)),
    ];
    for head in heads {
        let mut stream = TcpStream::connect(served.address).await.expect("connected");
        // The service may answer and close before it has read all of it.
        let _ = stream.write_all(head.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("in time");
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with("HTTP/1.1 431") || answer.starts_with("HTTP/1.1 414"), "{answer}");
    }
    assert!(served.get("/healthz").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn options_that_make_no_sense_are_refused_before_anybody_is_accepted() {
    let default = ServerOptions::default;
    let zero = Duration::ZERO;
    let nonsense = [
        ServerOptions { message_bytes: 0, ..default() },
        ServerOptions { sockets: 0, ..default() },
        ServerOptions { batch: 0, ..default() },
        ServerOptions { ping_interval: zero, ..default() },
        ServerOptions { ping_interval: Duration::MAX, ..default() },
        ServerOptions { pong_deadline: Duration::MAX, ..default() },
        ServerOptions { write_deadline: zero, ..default() },
        ServerOptions { close_deadline: Duration::MAX, ..default() },
        ServerOptions { header_deadline: zero, ..default() },
    ];
    for options in nonsense {
        let listener = server::bind("127.0.0.1:0").await.expect("a free port");
        let fake = super::fake::Fake::new(Limits::default());
        let served = server::serve(listener, fake, options.clone(), std::future::pending());
        let refused = timeout(PATIENCE, served).await.expect("at once").expect_err("nonsense");
        assert!(matches!(refused, ServeError::Option { .. }), "{options:?}: {refused}");
    }
}
