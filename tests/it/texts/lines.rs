//! Every log line as operators have it: each row of the table once, with values.

use nevernone_reference::log::{self, TABLE};

use crate::logs::log_of;

/// As `nevernone serve` writes them, without the time and the module.
fn written(lines: impl FnOnce()) -> Vec<String> {
    let log = log_of(lines);
    let fields = |line: &str| {
        let mut fields: serde_json::Map<_, _> = serde_json::from_str(line).unwrap();
        fields.remove("timestamp");
        fields.remove("target");
        serde_json::to_string(&fields).unwrap()
    };
    log.lines().map(fields).collect()
}

#[test]
fn of_every_row() {
    let lines = written(|| {
        log::manager_created();
        log::manager_create_failed("no socket could be opened");
        log::attempt_ok_startup(2);
        log::attempt_ok_bridge(1);
        log::attempt_nothing("bridge", 1, 3, "next in 50 ms");
        log::attempt_incomplete("startup", "connections, send_to_thread", 2, 3, "next in 200 ms");
        log::attempt_failed("bridge", "no socket could be opened", 3, 3, "none follows");
        log::bridge_failed("no WebSocketManager after 3 attempts");
        log::bridge_degraded("the self-test's receiver did not get the event");
        log::bridge_recovered();
        log::startup_failed("no WebSocketManager after 3 attempts");
        log::registry_refused("the WebSocketManager is None");
        log::registry_wired(8, 8);
        log::run_accepted("run-1", "triage", "t1");
        log::run_ended("run-1", "agent_completed", 5, 0);
        log::event_lost("agent_thinking", "run-1", "the manager is closed");
        log::server_listening("127.0.0.1:8080");
        log::server_stopping("SIGTERM");
        log::server_failed("no WebSocketManager after 3 attempts");
        log::server_full("192.0.2.1:50000", 12_000);
        log::server_accept_failed("Too many open files (os error 24)");
        log::server_socket_failed("task 7 panicked");
    });
    insta::assert_snapshot!(lines.join("\n"), @r"
    ");
    for (line, row) in lines.iter().zip(TABLE) {
        assert!(line.contains(&format!(r#""event":"{}""#, row.event)), "`{}` is missing before {line}", row.event);
    }
    assert_eq!(lines.len(), TABLE.len(), "a row without a line here");
}

/// Whoever logs past the table writes what no checklist and no alert knows.
#[test]
fn of_nothing_but_the_table() {
    // The legacy platform logs as it did.
    let own = ["tracing::event!(Level::$level", "tracing::info!(\"WebSocket manager {what} for"];
    let macros = ["event!(", "trace!(", "debug!(", "info!(", "warn!(", "error!("];
    let sources = super::sources("src");
    let past: Vec<&str> = sources
        .iter()
        .flat_map(|source| source.lines().map(str::trim))
        .filter(|line| !line.starts_with("//") && macros.iter().any(|name| line.contains(&format!("tracing::{name}"))))
        .filter(|line| !own.iter().any(|known| line.starts_with(known)))
        .collect();
    assert_eq!(past, [""; 0]);
    assert!(sources.iter().all(|source| !source.contains("use tracing::{") && !source.contains("use tracing::info")));
}
