//! What the service says of its sockets to operators, and of its refusals to clients.

use super::client::Client;
use super::fake::Served;
use crate::logs::log_of;
use nevernone_reference::manager::Limits;
use nevernone_reference::server::{self, ServerOptions};
use serde_json::json;
use tokio::io::AsyncWriteExt;

/// The lines of the log about this event: level and message.
fn lines(log: &str, event: &str) -> Vec<(String, String)> {
    let lines = log.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("a line of JSON"));
    let text = |line: &serde_json::Value, name: &str| line[name].as_str().expect("a text").to_owned();
    lines.filter(|line| line["event"] == event).map(|line| (text(&line, "level"), text(&line, "message"))).collect()
}

fn logged(life: impl Future<Output = ()>) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    log_of(|| runtime.block_on(life))
}

#[test]
fn a_socket_whose_task_panics_is_told_once() {
    let log = logged(async {
        let mut served = Served::new().await;
        let mut client = served.client("u", "t").await;
        client.ask("boom", json!({})).await;
        client.hear_close().await;
        served.stop();
        served.ended().await.expect("a clean end");
    });
    let told = lines(&log, "server.socket_failed");
    let [(level, message)] = told.as_slice() else { panic!("told once: {log}") };
    assert_eq!(level, "ERROR");
    assert!(message.contains("planned: the platform panics under a request"), "{message}");
}

#[test]
fn whoever_is_closed_unanswered_is_told_with_the_limit() {
    let log = logged(async {
        let options = ServerOptions { sockets: 1, ..ServerOptions::default() };
        let served = Served::with(Limits::default(), options).await;
        let _only = served.client("u", "t").await;
        assert_eq!(served.exchange(b"").await, b"");
    });
    let told = lines(&log, "server.full");
    let [(level, message)] = told.as_slice() else { panic!("told once: {log}") };
    assert_eq!(level, "WARN");
    assert!(message.ends_with("was closed unanswered: all 1 that may be open are"), "{message}");
}

#[cfg(unix)]
#[test]
fn the_signal_that_stops_it_is_named() {
    let log = logged(async {
        let signal = server::shutdown_signal().expect("handlers");
        let own = std::process::id().to_string();
        assert!(std::process::Command::new("kill").args(["-TERM", &own]).status().expect("there is kill").success());
        signal.await;
    });
    assert_eq!(lines(&log, "server.stopping"), [("INFO".into(), "the service drains and stops: SIGTERM".into())]);
}

/// The close that answers these bytes.
async fn close_of(served: &Served, bytes: &[u8]) -> String {
    let mut culprit: Client = served.client("u", "t").await;
    culprit.socket.get_mut().write_all(bytes).await.expect("written");
    let close = culprit.hear_close().await.1.expect("a close");
    format!("{}: {}", u16::from(close.code), close.reason)
}

#[tokio::test]
async fn every_close_says_why() {
    let options = ServerOptions { message_bytes: 1_000, pings: 1, ..ServerOptions::default() };
    let mut served = Served::with(Limits::default(), options).await;
    let mut told = Vec::new();
    for bytes in [&[0x81, 1, b'a'][..], &[0x81, 0x81, 0, 0, 0, 0, 0xff], &[0x81, 0xfe, 4, 0, 0, 0, 0, 0]] {
        told.push(close_of(&served, bytes).await);
    }
    told.push(close_of(&served, &[0x89, 0x80, 0, 0, 0, 0].repeat(2)).await);
    let mut last = served.client("u", "t").await;
    served.stop();
    let close = last.hear_close().await.1.expect("a close");
    told.push(format!("{}: {}", u16::from(close.code), close.reason));
    insta::assert_snapshot!(told.join("\n"), @r"
    1002: Received an unmasked frame from client
    1007: a text message is not UTF-8
    1009: a message is over the limit of 1000 bytes
    1008: more than 1 pings within 20s
    1001: the service is shutting down
    ");
}

#[tokio::test]
async fn every_refusal_of_a_message_says_what_to_send() {
    let served = Served::new().await;
    let mut client = served.client("u", "t").await;
    let request = |agent: &str, payload: &str| {
        format!(r#"{{"type":"agent_request","agent":{agent},"thread_id":"t","payload":{payload}}}"#)
    };
    let mistakes = [
        "{".to_owned(),
        "[1]".to_owned(),
        "{}".to_owned(),
        r#"{"type":"nonsense"}"#.to_owned(),
        r#"{"type":"agent_request","agent":"echo"}"#.to_owned(),
        r#"{"type":"agent_request","agent":"echo","thread_id":"t2"}"#.to_owned(),
        request("1", "{}"),
        request(r#""echo","agent":"slow""#, "{}"),
        request(r#""oracle""#, "{}"),
        request(r#""echo""#, r#"{"tool":"hammer"}"#),
        request(r#""echo""#, &format!("{}{}", "[".repeat(200), "]".repeat(200))),
    ];
    let mut told = Vec::new();
    for mistake in mistakes {
        client.say(mistake).await;
        let refusal = client.hear().await;
        told.push(format!("{}: {}", refusal["code"].as_str().unwrap(), refusal["message"].as_str().unwrap()));
    }
    client.say(vec![1_u8]).await;
    told.push(client.hear().await["message"].as_str().unwrap().to_owned());
    insta::assert_snapshot!(told.join("\n"), @r#"
    invalid_json: the message cannot be read as JSON: EOF while parsing an object at line 1 column 1; send one object of few levels
    invalid_message: the message is JSON but not an object; send one object
    missing_field: the message lacks a `type`; send `agent_request`
    unknown_type: the message's `type` is unknown; send `agent_request`
    missing_field: the request lacks `thread_id`; send a string
    wrong_thread: this connection follows thread `t`; connect to the other one to use it
    invalid_message: the request's `agent` is not a text; send a string
    invalid_message: the message is ambiguous, duplicate field `agent` at line 1 column 46; give each field once
    unknown_agent: there is no agent "oracle"; the agents are echo, slow
    unknown_tool: there is no tool "hammer"; the tools are upper
    invalid_json: the message cannot be read as JSON: recursion limit exceeded at line 1 column 192; send one object of few levels
    send text messages that hold JSON
    "#);
}
