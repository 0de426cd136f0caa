//! What a client gets for a good request.

use super::fake::Served;
use nevernone_reference::event::{EventKind, RunId, ThreadId};
use nevernone_reference::manager::Outcome;
use serde_json::json;

#[tokio::test]
async fn a_request_is_answered_by_its_five_events_in_order() {
    let served = Served::new().await;
    let mut client = served.client("u", "t").await;
    client.expect_echo("one").await;
    client.expect_echo("two").await;
    client.ask("echo", json!({"text": "x"})).await;
    assert_eq!(client.hear_all(5, "seq").await, [11, 12, 13, 14, 15]);
}

#[tokio::test]
async fn everybody_on_the_thread_sees_the_run_and_nobody_else() {
    let served = Served::new().await;
    let mut asking = served.client("u", "t").await;
    let mut watching = served.client("v", "t").await;
    let mut elsewhere = served.client("u", "other").await;
    asking.expect_echo("x").await;
    assert_eq!(watching.hear_all(5, "seq").await, [1, 2, 3, 4, 5]);
    elsewhere.expect_echo("y").await;
}

#[tokio::test]
async fn events_of_a_thread_nobody_follows_wait_for_the_first_to_connect() {
    let served = Served::new().await;
    let (thread, run) = (ThreadId::new("t").expect("an id"), RunId::new("r").expect("an id"));
    assert_eq!(served.fake.send(&thread, EventKind::AgentStarted, &run, json!(1)), Outcome::Buffered);
    let mut client = served.client("u", "t").await;
    assert_eq!(served.fake.send(&thread, EventKind::AgentCompleted, &run, json!(2)), Outcome::Delivered(1));
    assert_eq!(client.hear_all(2, "payload").await, [1, 2]);
}

#[tokio::test]
async fn many_at_once_never_see_one_another() {
    let served = Served::new().await;
    let mut clients = Vec::new();
    for number in 0..50 {
        clients.push((number, served.client("u", &format!("t{number}")).await));
    }
    let running = clients.into_iter().map(|(number, mut client)| async move {
        client.expect_echo(&format!("text of {number}")).await;
    });
    futures_util::future::join_all(running).await;
}

#[tokio::test]
async fn health_readiness_and_metrics_tell_the_truth() {
    let served = Served::new().await;
    assert!(served.get("/healthz").await.starts_with("HTTP/1.1 200"));
    let ready = served.get("/readyz").await;
    assert!(ready.starts_with("HTTP/1.1 200") && ready.contains(r#""agents":{"total":8,"wired":8}"#), "{ready}");
    let mut client = served.client("u", "t").await;
    client.expect_echo("x").await;
    client.say("nonsense").await;
    assert_eq!(client.hear().await["code"], "invalid_json");
    let metrics = served.get("/metrics").await;
    assert!(metrics.to_lowercase().contains("content-type: application/openmetrics-text; version=1.0.0"), "{metrics}");
    // The order of labels is nobody's promise.
    let mut values: Vec<&str> = metrics.lines().filter(|line| line.starts_with("nevernone_")).collect();
    values.sort_unstable();
    insta::assert_snapshot!(values.join("\n"), @r#"
    nevernone_agents_total 8
    nevernone_agents_wired 8
    nevernone_connections 1
    nevernone_ready 1
    nevernone_requests_total{answer="accepted"} 1
    nevernone_requests_total{answer="invalid_json"} 1
    nevernone_sockets_turned_away_total 0
    "#);
    served.fake.set_ready(false);
    let unready = served.get("/readyz").await;
    assert!(unready.starts_with("HTTP/1.1 503") && unready.contains(r#""ready":false"#), "{unready}");
    assert!(served.get("/healthz").await.starts_with("HTTP/1.1 200"), "alive is not ready");
}
