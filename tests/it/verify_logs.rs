//! The checklist over logs: those that the platform writes, those of the incident, and those that were damaged.

mod forms;

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use nevernone_reference::{
    agents::AgentName,
    env::TokioEnv,
    manager::{BoxFuture, Candidate, CreateError, Limits, ManagerCell, ManagerFactory, obtain},
    startup::{Parts, Platform, Settings},
    supervisor::{Pace, Request, Supervisor},
    verify_logs::{Checklist, Verdict},
};

use crate::{
    logs,
    support::{Client, Outcome, Script, thread},
};

/// What is logged from INFO on, the program's own level, while `life` goes on.
fn log_of(life: impl Future<Output = ()>) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let log = logs::log_of(|| runtime.block_on(life));
    log.split_inclusive('\n').filter(|line| !line.contains(r#""level":"DEBUG""#)).collect()
}

type Tested = Platform<TokioEnv>;

fn platform(parts: Parts) -> Tested {
    Platform::new(TokioEnv::new(), parts).unwrap()
}

fn parts(outcomes: impl IntoIterator<Item = Outcome>) -> Parts {
    Parts::standard(Script::new(outcomes))
}

fn hello() -> Request {
    Request { agent: AgentName::Triage, thread: thread("thread"), text: "hello".to_owned() }
}

/// Starts, answers one request, stops.
async fn live(platform: Tested) {
    platform.start().await.unwrap();
    let mut client = Client::attach(&platform.manager().unwrap(), "thread");
    platform.submit(hello()).unwrap();
    client.until_ended(1).await;
    platform.stop().await;
}

/// The verdict and the checklist.
fn verified(log: impl AsRef<[u8]>) -> (Verdict, String) {
    let mut checklist = Checklist::default();
    checklist.read("app.log", log.as_ref()).unwrap();
    let report = checklist.finish();
    (report.verdict(), report.to_string())
}

/// The verdict and what is told of one item: its mark and what was found.
fn told(log: impl AsRef<[u8]>, title: &str) -> (Verdict, String) {
    let (verdict, text) = verified(log);
    let from = text.lines().skip_while(|line| !line.ends_with(title));
    let item: Vec<&str> =
        from.enumerate().take_while(|(n, line)| *n == 0 || line.starts_with("     ")).map(|(_, l)| l.trim()).collect();
    assert!(!item.is_empty(), "no item `{title}` in:\n{text}");
    (verdict, item.join("\n"))
}

const MADE_GOOD: &str = "whatever failed was made good";
const ACTIVE: &str = "the bridge is not degraded";
const IN_TIME: &str = "nothing timed out";
const ENDED: &str = "every accepted run told its end";
const REACHED: &str = "every event reached somebody";
const READABLE: &str = "every line can be read";

#[test]
fn the_log_of_a_good_life_passes() {
    let (verdict, text) = verified(log_of(live(platform(parts([])))));
    assert_eq!(verdict, Verdict::Passed, "{text}");
    insta::assert_snapshot!(text, @r"
    ok    the manager was created and validated
            app.log:1: WebSocketManager validated on attempt 1
    ok    it was wired to every agent
            app.log:3: WebSocketManager wired to 8/8 agents and the tool dispatcher
    ok    nobody was given None
    ok    whatever failed was made good
    ok    nothing timed out
    ok    every accepted run told its end
            1 accepted
    ok    every event reached somebody
    ok    the bridge is not degraded
    ok    every line can be read
    passed: 5 of 5 lines are the platform's
    ");
}

#[test]
fn a_retry_is_a_warning() {
    let log = log_of(live(platform(parts([Outcome::Nothing]))));
    let (verdict, item) = told(log, MADE_GOOD);
    assert_eq!(verdict, Verdict::Passed);
    insta::assert_snapshot!(item, @r"
    warn  whatever failed was made good
    app.log:2: startup: WebSocketManager is None on attempt 1 of 3, next in 100 ms; WebSocketManager validated on attempt 2 at app.log:3
    ");
}

#[test]
fn a_start_that_gave_up_fails_with_every_cause() {
    let log = log_of(async {
        platform(parts([Outcome::Nothing, Outcome::Error, Outcome::Panic])).start().await.unwrap_err();
    });
    let (verdict, item) = told(log, MADE_GOOD);
    assert_eq!(verdict, Verdict::Failed);
    insta::assert_snapshot!(item, @r"
    FAIL  whatever failed was made good
    app.log:7: startup failed: no WebSocketManager after 3 attempts (attempt 1: the factory returned None in place of a WebSocket manager; check that it is wired to real parts; attempt 2: the WebSocket manager could not be created: planned; attempt 3: the factory of the WebSocket manager panicked: planned; this is a bug in the factory): agent events and real-time chat would be lost; fix the last cause, then start again
    ");
}

#[test]
fn an_attempt_without_an_end_fails() {
    let log = log_of(live(platform(parts([Outcome::Error]))));
    let before_success = log.lines().take_while(|line| !line.contains("attempt.ok")).collect::<Vec<_>>().join("\n");
    let (verdict, item) = told(before_success, MADE_GOOD);
    assert_eq!(verdict, Verdict::Failed);
    assert!(item.contains("the startup has neither succeeded nor given up since"), "{item}");
    assert!(item.contains("creating the WebSocket manager failed"), "{item}");
}

#[test]
fn a_creation_that_failed_is_made_good_by_one_that_did_not_with_no_layer_around_it() {
    let script = Script::new([Outcome::Error]);
    let cell = ManagerCell::new();
    // The creation itself is told at DEBUG.
    let attempt = || logs::log_of(|| drop(obtain(&cell, &*script).now_or_never().unwrap()));
    let (failed, created) = (attempt(), attempt());
    let (verdict, item) = told(&failed, MADE_GOOD);
    assert_eq!(verdict, Verdict::Failed);
    assert!(item.starts_with("FAIL") && item.contains("creating the WebSocket manager failed"), "{item}");
    let (verdict, item) = told(failed + &created, MADE_GOOD);
    assert_eq!((verdict, item), (Verdict::Incomplete, format!("ok    {MADE_GOOD}")), "no start is in the log");
}

#[test]
fn a_degraded_bridge_fails_until_it_has_recovered() {
    let degraded = r#"{"event":"bridge.degraded","level":"WARN","message":"bridge degraded, requests are refused with realtime_unavailable: no answer"}"#;
    let recovered =
        r#"{"event":"bridge.recovered","level":"INFO","message":"bridge active again, requests are accepted"}"#;
    let (verdict, item) = told(degraded, ACTIVE);
    assert_eq!(verdict, Verdict::Failed);
    assert!(item.starts_with("FAIL") && item.contains("app.log:1: bridge degraded"), "{item}");
    let (verdict, item) = told(format!("{degraded}\n{recovered}"), ACTIVE);
    assert_eq!(verdict, Verdict::Incomplete);
    insta::assert_snapshot!(item, @r"
    warn  the bridge is not degraded
    app.log:1: bridge degraded, requests are refused with realtime_unavailable: no answer; recovered at app.log:2
    ");
}

/// Their names say nothing: what was read first happened first.
#[test]
fn runs_that_are_left_are_told_in_the_order_of_their_logs() {
    let log = log_of(live(platform(parts([]))));
    let accepted = log.lines().find(|line| line.contains("run.accepted")).unwrap();
    let mut checklist = Checklist::default();
    for (name, padding) in [("c.log", 2), ("a.log", 1), ("b.log", 0)] {
        checklist.read(name, format!("{}{accepted}\n", "INFO other\n".repeat(padding)).as_bytes()).unwrap();
    }
    let text = checklist.finish().to_string();
    let place = |name: &str| text.find(&format!("{name}: run run-1 was accepted")).unwrap();
    assert!(place("c.log:3") < place("a.log:2") && place("a.log:2") < place("b.log:1"), "{text}");
}

#[test]
fn a_time_out_fails_even_where_it_was_made_good() {
    let settings = Settings { attempt_deadline: Some(Duration::from_millis(20)), ..Settings::lean() };
    let slow = parts([Outcome::Hang, Outcome::Late(Duration::from_millis(5))]);
    let (verdict, item) = told(log_of(live(platform(Parts { settings, ..slow }))), IN_TIME);
    assert_eq!(verdict, Verdict::Failed);
    insta::assert_snapshot!(item, @r"
    FAIL  nothing timed out
    app.log:1: startup: the WebSocket manager could not be created: the attempt took longer than 20 ms, see what the factory waits for on attempt 1 of 3, next in 100 ms
    ");
}

#[test]
fn talk_of_timeouts_is_no_time_out() {
    let quiet = "INFO the request timeout is 30 s\nrequest timeout: 30 s\n";
    assert!(told(quiet, IN_TIME).1.starts_with("ok"));
    for line in ["WARNING the request timeout was reached", "asyncio.exceptions.TimeoutError", "read timed out"] {
        assert!(told(line, IN_TIME).1.starts_with("FAIL"), "{line}");
    }
}

#[test]
fn a_run_that_never_told_its_end_fails() {
    let log = log_of(live(platform(parts([]))));
    let without = log.lines().filter(|line| !line.contains("run.ended")).collect::<Vec<_>>().join("\n");
    let (verdict, item) = told(without, ENDED);
    assert_eq!(verdict, Verdict::Failed);
    insta::assert_snapshot!(item, @r"
    FAIL  every accepted run told its end
    app.log:4: run run-1 was accepted, and neither agent_completed nor agent_error is in the log
    ");
}

#[test]
fn a_run_that_is_told_by_its_drop_is_no_lost_one() {
    let log = log_of(async {
        let supervisor = Some(Supervisor { pace: Pace::Thinking(Duration::from_secs(3_600)) });
        let platform = platform(Parts { supervisor, ..parts([]) });
        platform.start().await.unwrap();
        platform.submit(hello()).unwrap();
        platform.stop().await;
    });
    assert!(log.contains("ended with agent_error"), "{log}");
    assert!(told(log, ENDED).1.starts_with("ok"));
}

/// A manager that keeps nothing for those who come later.
struct KeepsNothing;

impl ManagerFactory for KeepsNothing {
    fn create(&self) -> BoxFuture<'static, Result<Option<Candidate>, CreateError>> {
        let limits = Limits { backlog_events: 0, ..Limits::default() };
        Box::pin(async move { Ok(Some(Candidate::complete(limits))) })
    }
}

#[test]
fn an_event_that_reached_nobody_is_told_and_a_lost_end_fails() {
    let log = log_of(async {
        let platform = platform(Parts::standard(Arc::new(KeepsNothing)));
        platform.start().await.unwrap();
        platform.submit(hello()).unwrap();
        platform.stop().await;
    });
    let (verdict, item) = told(&log, REACHED);
    assert_eq!(verdict, Verdict::Failed);
    insta::assert_snapshot!(item, @r"
    FAIL  every event reached somebody
    app.log:9: event agent_completed of run run-1 reached nobody: nobody follows the thread, and nothing is kept
    ");
    let client_left_early =
        log.lines().filter(|line| !line.contains("agent_completed of run")).collect::<Vec<_>>().join("\n");
    let (verdict, item) = told(client_left_early, REACHED);
    assert_eq!(verdict, Verdict::Passed);
    assert!(item.starts_with("warn") && item.contains("event agent_started of run"), "{item}");
}

#[test]
fn a_run_that_tells_its_end_twice_is_a_warning() {
    let log = log_of(live(platform(parts([]))));
    let end = log.lines().find(|line| line.contains("run.ended")).unwrap();
    let (verdict, item) = told(format!("{log}{end}\n"), ENDED);
    assert_eq!(verdict, Verdict::Passed);
    insta::assert_snapshot!(item, @r"
    warn  every accepted run told its end
    app.log:6: run run-1 ended with agent_completed: 5 events told, 0 lost once more: it ended twice, or two processes that each have a run of that name share this log
    ");
    // The next process gives its runs the same names.
    let (verdict, item) = told(format!("{log}{log}"), ENDED);
    assert_eq!((verdict, item.lines().last()), (Verdict::Passed, Some("2 accepted")));
}

#[test]
fn a_log_that_was_cut_or_damaged_is_incomplete_and_says_where() {
    let log = log_of(live(platform(parts([]))));
    let (verdict, item) = told(&log[..log.len() - 20], READABLE);
    assert_eq!(verdict, Verdict::Failed, "the line that was cut is the end of the run");
    insta::assert_snapshot!(item, @r"
    ?     every line can be read
    app.log:5: the line ends in the middle of its JSON: the log was cut off there, get the rest of it
    ");
    let mut damaged = log.clone().into_bytes();
    damaged.extend(b"{\"level\":\"INFO\",\x00\"message\"}\n\xff\xfe\n");
    let (verdict, item) = told(damaged, READABLE);
    assert_eq!(verdict, Verdict::Incomplete);
    insta::assert_snapshot!(item, @r"
    ?     every line can be read
    app.log:6: the line is no JSON although it begins as such (key must be a string at line 1 column 17): it was damaged on its way
    app.log:7: the line is not UTF-8: it was damaged on its way
    ");
}

#[test]
fn the_incidents_own_lines_fail_by_name() {
    let incident = "\
        2025-09-05 10:12:01,101 - netra_backend.app.startup - INFO - Registered 8 agents\n\
        2025-09-05 10:12:01,102 - netra_backend.app.agents - INFO - WebSocket manager set to None for 8/8 agents\n\
        2025-09-05 10:12:01,103 - netra_backend.app.startup - INFO - Startup complete\n";
    let (verdict, item) = told(incident, "nobody was given None");
    assert_eq!(verdict, Verdict::Failed);
    insta::assert_snapshot!(item, @r"
    FAIL  nobody was given None
    app.log:2: 2025-09-05 10:12:01,102 - netra_backend.app.agents - INFO - WebSocket manager set to None for 8/8 agents (look for a second object graph that is built without a manager; no retry repairs it)
    ");
}
