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

/// Each row once, in the order of the table.
fn every_row() {
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
    log::phase_retried("database", 1, 3, 100, "no route to it");
    log::undo_failed("database", "no route to it");
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
}

#[test]
fn of_every_row() {
    let lines = written(every_row);
    insta::assert_snapshot!(lines.join("\n"), @r#"
    {"event":"manager.created","level":"DEBUG","message":"WebSocket manager singleton created"}
    {"cause":"no socket could be opened","event":"manager.create_failed","level":"ERROR","message":"creating the WebSocket manager failed: no socket could be opened"}
    {"attempt":"2","event":"attempt.ok","level":"INFO","message":"WebSocketManager validated on attempt 2"}
    {"attempt":"1","event":"attempt.ok","level":"INFO","message":"bridge initialized on attempt 1"}
    {"attempt":"1","event":"attempt.nothing","layer":"bridge","level":"WARN","message":"bridge: WebSocketManager is None on attempt 1 of 3, next in 50 ms","next":"next in 50 ms","of":"3"}
    {"attempt":"2","event":"attempt.incomplete","layer":"startup","level":"WARN","message":"startup: WebSocketManager lacks connections, send_to_thread on attempt 2 of 3, next in 200 ms","missing":"connections, send_to_thread","next":"next in 200 ms","of":"3"}
    {"attempt":"3","cause":"no socket could be opened","event":"attempt.failed","layer":"bridge","level":"ERROR","message":"bridge: no socket could be opened on attempt 3 of 3, none follows","next":"none follows","of":"3"}
    {"error":"no WebSocketManager after 3 attempts","event":"bridge.failed","level":"ERROR","message":"bridge initialization failed: no WebSocketManager after 3 attempts"}
    {"event":"bridge.degraded","level":"WARN","message":"bridge degraded, requests are refused with realtime_unavailable: the self-test's receiver did not get the event","reason":"the self-test's receiver did not get the event"}
    {"event":"bridge.recovered","level":"INFO","message":"bridge active again, requests are accepted"}
    {"error":"no WebSocketManager after 3 attempts","event":"startup.failed","level":"ERROR","message":"startup failed: no WebSocketManager after 3 attempts"}
    {"attempt":"1","cause":"no route to it","event":"phase.retried","level":"WARN","message":"phase database failed on attempt 1 of 3, next in 100 ms: no route to it","next":"100","of":"3","phase":"database"}
    {"cause":"no route to it","event":"undo.failed","level":"ERROR","message":"undoing phase database failed: no route to it","phase":"database"}
    {"error":"the WebSocketManager is None","event":"registry.refused","level":"ERROR","message":"agent wiring refused: the WebSocketManager is None"}
    {"event":"registry.wired","level":"INFO","message":"WebSocketManager wired to 8/8 agents and the tool dispatcher","total":"8","wired":"8"}
    {"agent":"triage","event":"run.accepted","level":"INFO","message":"run run-1 of agent triage accepted for thread t1","run":"run-1","thread":"t1"}
    {"event":"run.ended","level":"INFO","lost":"0","message":"run run-1 ended with agent_completed: 5 events told, 0 lost","run":"run-1","terminal":"agent_completed","told":"5"}
    {"event":"event.lost","kind":"agent_thinking","level":"WARN","message":"event agent_thinking of run run-1 reached nobody: the manager is closed","run":"run-1","why":"the manager is closed"}
    {"address":"127.0.0.1:8080","event":"server.listening","level":"INFO","message":"the service listens on 127.0.0.1:8080"}
    {"event":"server.stopping","level":"INFO","message":"the service drains and stops: SIGTERM","signal":"SIGTERM"}
    {"error":"no WebSocketManager after 3 attempts","event":"server.failed","level":"ERROR","message":"the service stopped because it could not start: no WebSocketManager after 3 attempts"}
    {"address":"192.0.2.1:50000","event":"server.full","level":"WARN","limit":"12000","message":"the socket of 192.0.2.1:50000 was closed unanswered: all 12000 that may be open are"}
    {"error":"Too many open files (os error 24)","event":"server.accept_failed","level":"WARN","message":"no socket could be accepted, probably for want of file descriptors; trying again: Too many open files (os error 24)"}
    {"error":"task 7 panicked","event":"server.socket_failed","level":"ERROR","message":"the task of a socket failed, a defect of the service: task 7 panicked"}
    "#);
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
