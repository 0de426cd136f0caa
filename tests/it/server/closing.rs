//! How connections and the service end.

use super::client::Client;
use super::fake::Served;
use nevernone_reference::event::{EventKind, RunId, ThreadId};
use nevernone_reference::manager::{DropReason, Limits, Outcome, SlowClient};
use nevernone_reference::server::{self, ServeError, ServerOptions};
use serde_json::json;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::protocol::frame::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

fn ids() -> (ThreadId, RunId) {
    (ThreadId::new("t").expect("an id"), RunId::new("r").expect("an id"))
}

async fn closed_with(client: &mut Client) -> Option<u16> {
    client.hear_close().await.1.map(|close| close.code.into())
}

#[tokio::test]
async fn a_stop_closes_everybody_with_1001_and_frees_the_port() {
    let mut served = Served::new().await;
    let (mut one, mut two) = (served.client("u", "t").await, served.client("v", "other").await);
    one.expect_echo("x").await;
    served.stop();
    assert_eq!(closed_with(&mut one).await, Some(1001));
    assert_eq!(closed_with(&mut two).await, Some(1001));
    served.ended().await.expect("a clean end");
    assert!(TcpStream::connect(served.address).await.is_err(), "nothing listens any more");
    assert_eq!(served.fake.connections(), 0);
}

#[tokio::test]
async fn a_run_under_way_sends_its_last_event_before_the_1001() {
    let mut served = Served::new().await;
    let mut client = served.client("u", "t").await;
    client.ask("slow", json!({})).await;
    assert_eq!(client.hear().await["type"], "agent_started");
    served.stop();
    served.fake.is_draining().await;
    assert!(TcpStream::connect(served.address).await.is_err(), "new clients are refused while runs end");
    served.fake.release();
    assert_eq!(client.hear().await["type"], "agent_completed");
    assert_eq!(closed_with(&mut client).await, Some(1001));
    served.ended().await.expect("a clean end");
}

#[tokio::test]
async fn a_stop_closes_with_1001_also_when_the_platform_has_no_manager_any_more() {
    let mut served = Served::new().await;
    let mut client = served.client("u", "t").await;
    client.expect_echo("x").await;
    served.fake.set_ready(false);
    served.stop();
    assert_eq!(closed_with(&mut client).await, Some(1001));
    served.ended().await.expect("a clean end");
}

#[tokio::test]
async fn runs_that_do_not_end_are_given_up_by_name() {
    let options = ServerOptions { drain_deadline: Duration::from_millis(50), ..ServerOptions::default() };
    let mut served = Served::with(Limits::default(), options).await;
    let mut client = served.client("u", "t").await;
    client.ask("slow", json!({})).await;
    assert_eq!(client.hear().await["type"], "agent_started");
    served.stop();
    assert_eq!(closed_with(&mut client).await, Some(1001));
    let error = served.ended().await.expect_err("the run did not end");
    assert!(matches!(error, ServeError::Undrained { .. }), "{error}");
}

#[tokio::test]
async fn a_client_that_never_answers_the_close_does_not_hold_the_stop_up() {
    let options = ServerOptions { close_deadline: Duration::from_millis(50), ..ServerOptions::default() };
    let mut served = Served::with(Limits::default(), options).await;
    let _silent = served.client("u", "t").await;
    served.stop();
    served.ended().await.expect("dropped within the deadline");
}

#[tokio::test]
async fn a_closing_client_gets_its_close_back_and_makes_room() {
    let limits = Limits { connections_per_user: 1, ..Limits::default() };
    let served = Served::with(limits, ServerOptions::default()).await;
    for _ in 0..3 {
        let mut client = served.client("u", "t").await;
        client.expect_echo("x").await;
        let bye = CloseFrame { code: CloseCode::Normal, reason: "bye".into() };
        client.socket.close(Some(bye)).await.expect("sent");
        assert_eq!(closed_with(&mut client).await, Some(1000));
    }
}

#[tokio::test]
async fn a_client_that_does_not_keep_up_gets_a_prefix_and_1013() {
    let served = Served::new().await;
    let mut slow = served.client("u", "t").await;
    let mut bystander = served.client("v", "other").await;
    let (thread, run) = ids();
    let mut sent = 0;
    // Enough that the system's buffers fill, the writer stalls and the outbox overflows.
    while served.fake.send(&thread, EventKind::ProgressUpdate, &run, json!("x".repeat(20_000))) == Outcome::Delivered(1)
    {
        sent += 1;
        assert!(sent < 100_000, "nothing bounds what waits for a client");
        tokio::task::yield_now().await;
    }
    bystander.expect_echo("unaffected").await;
    let (events, close) = slow.hear_close().await;
    assert_eq!(close.map(|close| u16::from(close.code)), Some(1013));
    assert!(events.len() < sent, "some were given up");
    for (event, number) in events.iter().zip(1_u64..) {
        assert_eq!(event["seq"], number, "what came is a prefix, in order and without a gap");
    }
}

#[tokio::test]
async fn a_write_past_its_deadline_ends_the_connection_and_is_never_resent() {
    let limits = Limits { slow_client: SlowClient::DropNewest, ..Limits::default() };
    let options = ServerOptions { write_deadline: Duration::from_millis(100), ..ServerOptions::default() };
    let served = Served::with(limits, options).await;
    let mut stalled = served.client("u", "t").await;
    let (thread, run) = ids();
    // The policy keeps the connection, so only the deadline can end it; then events are kept for the next one.
    let ended = async {
        while !matches!(
            served.fake.send(&thread, EventKind::ProgressUpdate, &run, json!("x".repeat(20_000))),
            Outcome::Buffered | Outcome::Dropped(DropReason::BacklogFull)
        ) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), ended).await.expect("the deadline ended it");
    let (events, close) = stalled.hear_close().await;
    assert_eq!(close, None, "nothing follows a write that was given up");
    let mut last = 0;
    for event in &events {
        let seq = event["seq"].as_u64().expect("a number");
        assert!(seq > last, "no event twice");
        last = seq;
    }
    let mut next = served.client("u", "t").await;
    let first = next.hear().await["seq"].as_u64().expect("a number");
    assert!(first > last, "what was written is not sent again");
}

#[tokio::test]
async fn a_client_that_reads_again_after_the_write_deadline_gets_nothing_twice() {
    let limits = Limits { slow_client: SlowClient::DropNewest, ..Limits::default() };
    let options = ServerOptions { write_deadline: Duration::from_millis(100), ..ServerOptions::default() };
    let mut served = Served::with(limits, options).await;
    let mut stalled = served.client("u", "t").await;
    let (thread, run) = ids();
    // Far more than the system's buffers hold, so that the deadline cuts a write in the middle of a frame.
    while served.fake.send(&thread, EventKind::ProgressUpdate, &run, json!("x".repeat(20_000))) == Outcome::Delivered(1)
    {
        tokio::task::yield_now().await;
    }
    // The fault itself, a pause of the client: whoever would begin a write again has done so by now.
    tokio::time::sleep(Duration::from_millis(150)).await;
    // Ends a connection that should have ended, so that a failure is seen at once.
    served.stop();
    let (events, close) = stalled.hear_close().await;
    let numbers: Vec<u64> = events.iter().map(|event| event["seq"].as_u64().expect("a number")).collect();
    assert!(!numbers.is_empty() && numbers.is_sorted_by(|one, next| one < next), "an event came twice: {numbers:?}");
    assert_eq!(close, None, "nothing follows a write that was given up");
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let served = Served::new().await;
    let address = served.address.to_string();
    let error = server::bind(&address).await.expect_err("in use");
    assert!(error.to_string().contains(&address), "{error}");
}
