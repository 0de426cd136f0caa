//! What one relies on when the platform starts and stops: ready means usable, before it nothing is accepted, and
//! whatever interrupts a start leaves nothing behind.

use std::{
    error::Error,
    future::Future,
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use nevernone_reference::{
    agents::{Agent, AgentName},
    backend::{AgentRequest, Backend, SubmitError},
    bridge::BridgeState,
    env::TokioEnv,
    event::{EventKind, UserId},
    manager::{BoxFuture, Candidate, CreateError, ManagerError, ManagerFactory},
    startup::{Parts, Platform, Settings, StartupError, Step},
    supervisor::{Pace, Request, Supervisor},
};
use serde_json::json;
use tokio::time::{Instant, timeout};
use tracing_test::traced_test;

use crate::support::{Client, Delayed, Outcome, Script, kinds, thread};

const SHORT: Duration = Duration::from_millis(10);

type Tested = Platform<TokioEnv>;

fn platform(parts: Parts) -> Tested {
    Platform::new(TokioEnv::new(), parts).unwrap()
}

fn parts(factory: Arc<dyn ManagerFactory>) -> Parts {
    Parts { settings: Settings::lean(), ..Parts::standard(factory) }
}

fn scripted(outcomes: impl IntoIterator<Item = Outcome>) -> (Tested, Arc<Script>) {
    let script = Script::new(outcomes);
    (platform(parts(script.clone())), script)
}

fn request(text: &str) -> Request {
    Request { agent: AgentName::Triage, thread: thread("thread"), text: text.to_owned() }
}

/// Starts beside the caller, and gives that start a chance to get as far as it can.
async fn begin(platform: &Tested) -> tokio::task::JoinHandle<Result<(), StartupError>> {
    let starting = platform.clone();
    let start = tokio::spawn(async move { starting.start().await });
    tokio::task::yield_now().await;
    start
}

/// Nothing of a start is left: not ready, not wired, bridge as new.
fn assert_pristine(platform: &Tested) {
    let readiness = platform.readiness();
    assert_eq!((platform.is_ready(), readiness.ready, readiness.agents.wired), (false, false, 0));
    assert_eq!(readiness.bridge, "uninitialized");
    assert!(platform.manager().is_none() && platform.cell().get().is_none());
}

/// Ready, and a request's events reach a client.
async fn assert_serves(platform: &Tested) {
    let readiness = platform.readiness();
    assert_eq!((platform.is_ready(), readiness.agents.wired, readiness.agents.total), (true, 8, 8), "{readiness:?}");
    let mut client = Client::attach(&platform.manager().unwrap(), "thread");
    platform.submit(request("hello invoice")).unwrap();
    let events = client.until_ended(1).await;
    assert_eq!(events.last().unwrap().kind, EventKind::AgentCompleted);
}

#[tokio::test(start_paused = true)]
#[traced_test]
async fn a_started_platform_is_wired_and_serves() {
    let (platform, script) = scripted([]);
    assert_pristine(&platform);
    platform.start().await.unwrap();
    assert_serves(&platform).await;
    platform.start().await.unwrap();
    assert_eq!(script.created(), 1, "a second start of a ready platform changes nothing");
    assert!(logs_contain("WebSocketManager validated on attempt 1"));
    assert!(logs_contain("bridge initialized on attempt 1"));
    assert!(logs_contain("wired to 8/8 agents"));
}

#[tokio::test(start_paused = true)]
#[traced_test]
async fn a_missing_supervisor_is_told_before_a_missing_manager() {
    let script = Script::new([Outcome::Nothing; 3]);
    let platform = platform(Parts { supervisor: None, ..parts(script.clone()) });
    let error = platform.start().await.unwrap_err();
    assert!(matches!(error, StartupError::SupervisorMissing), "{error}");
    assert_eq!(script.created(), 0, "the manager is not even looked at");
    assert!(logs_contain("startup.failed") && logs_contain("supervisor is missing"));
    assert_pristine(&platform);
}

#[tokio::test(start_paused = true)]
#[traced_test]
async fn a_missing_manager_is_told_with_every_cause() {
    let (platform, script) = scripted([Outcome::Nothing, Outcome::Panic, Outcome::Error]);
    let start = Instant::now();
    let error = platform.start().await.unwrap_err();
    assert_eq!((start.elapsed(), script.created()), (Duration::from_millis(300), 3));
    let last = error.source().and_then(|source| source.downcast_ref::<ManagerError>());
    assert!(matches!(last, Some(ManagerError::Failed(_))), "{error:?}");
    let StartupError::ManagerUnavailable { attempts, .. } = &error else { panic!("{error}") };
    assert_eq!(attempts.count(), 3);
    for part in ["attempt 1", "attempt 2", "attempt 3", "planned", "real-time chat"] {
        assert!(error.to_string().contains(part), "{part} is not in: {error}");
    }
    assert!(logs_contain("startup: WebSocketManager is None on attempt 1 of 3, next in 100 ms"));
    logs_assert(|lines| match lines.iter().filter(|line| line.contains("startup.failed")).count() {
        1 => Ok(()),
        count => Err(format!("startup.failed was logged {count} times")),
    });
    assert_pristine(&platform);
    assert_eq!(platform.readiness().reason, Some(error.to_string()), "the reason stays until the next start");
    platform.start().await.unwrap();
    assert_serves(&platform).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_accepted_before_ready() {
    let (platform, _) = scripted([Outcome::Late(SHORT)]);
    assert_eq!(platform.submit(request("early")), Err(SubmitError::NotReady));
    let start = begin(&platform).await;
    assert_eq!(platform.submit(request("early")), Err(SubmitError::NotReady));
    assert_eq!((platform.is_ready(), platform.manager().is_none()), (false, true));
    assert_eq!(platform.readiness().reason.as_deref(), Some("starting"));
    start.await.unwrap().unwrap();
    assert_serves(&platform).await;
}

#[tokio::test(start_paused = true)]
async fn a_second_start_beside_the_first_is_told_so() {
    let (platform, script) = scripted([Outcome::Late(SHORT)]);
    let start = begin(&platform).await;
    assert!(matches!(platform.start().await, Err(StartupError::AlreadyStarting)));
    start.await.unwrap().unwrap();
    assert_eq!(script.created(), 1);
}

#[tokio::test(start_paused = true)]
#[traced_test]
async fn a_stop_during_a_start_wins_wherever_the_start_is() {
    // Hanging in the factory, and waiting between attempts.
    for outcome in [Outcome::Hang, Outcome::Error] {
        let (platform, _) = scripted([outcome]);
        let start = begin(&platform).await;
        let stopped = Instant::now();
        platform.stop().await;
        assert_pristine(&platform);
        assert!(matches!(start.await.unwrap(), Err(StartupError::Stopped)), "{outcome:?}");
        assert_eq!(stopped.elapsed(), Duration::ZERO, "{outcome:?}: it is told at once");
        assert_pristine(&platform);
        platform.start().await.unwrap();
        assert_serves(&platform).await;
    }
    assert!(!logs_contain("startup.failed"), "a stop is no failure");
}

#[tokio::test(start_paused = true)]
async fn a_start_that_is_dropped_at_any_time_leaves_nothing_and_the_next_one_serves() {
    // An error at 0, nothing at 100, a manager at 310 ms: every millisecond of it.
    for after in 0..=320 {
        let (platform, _) = scripted([Outcome::Error, Outcome::Nothing, Outcome::Late(SHORT)]);
        let cut = timeout(Duration::from_millis(after), platform.start()).await;
        if cut.is_err() {
            assert_pristine(&platform);
        }
        platform.start().await.unwrap();
        assert_serves(&platform).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_that_is_dropped_at_any_poll_leaves_nothing_and_the_next_one_serves() {
    let mut polls = 0;
    loop {
        let platform = platform(parts(Arc::new(Yielding(4))));
        let finished = {
            let mut start = std::pin::pin!(platform.start());
            let mut left = polls;
            std::future::poll_fn(|context| {
                if left == 0 {
                    return std::task::Poll::Ready(false);
                }
                left -= 1;
                start.as_mut().poll(context).map(|started| started.is_ok())
            })
            .await
        };
        if finished {
            break;
        }
        assert_pristine(&platform);
        platform.start().await.unwrap();
        assert_serves(&platform).await;
        polls += 1;
    }
    assert_eq!(polls, 5, "four times pending, then ready: every one was cut");
}

/// A factory that gives way this often before it is done.
struct Yielding(usize);

impl ManagerFactory for Yielding {
    fn create(&self) -> BoxFuture<'static, Result<Option<Candidate>, CreateError>> {
        let mut left = self.0;
        Box::pin(async move {
            std::future::poll_fn(|context| {
                if left == 0 {
                    return std::task::Poll::Ready(());
                }
                left -= 1;
                context.waker().wake_by_ref();
                std::task::Poll::Pending
            })
            .await;
            Outcome::Fine.happen().await
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_closes_with_going_away_and_a_second_start_makes_a_new_manager() {
    let (platform, script) = scripted([]);
    platform.start().await.unwrap();
    let (cell, manager) = (platform.cell(), platform.manager().unwrap());
    let mut client = Client::attach(&manager, "thread");
    platform.stop().await;
    assert_pristine(&platform);
    assert_eq!(client.close_code(), Some(1001));
    assert!(cell.is_retired(), "who kept the old cell cannot revive it");
    platform.stop().await;
    platform.start().await.unwrap();
    assert_eq!(script.created(), 2);
    assert_serves(&platform).await;
}

#[tokio::test(start_paused = true)]
async fn a_stop_waits_for_the_runs_under_way() {
    let supervisor = Some(Supervisor { pace: Pace::Thinking(SHORT) });
    let platform = platform(Parts { supervisor, ..parts(Script::new([])) });
    platform.start().await.unwrap();
    let mut client = Client::attach(&platform.manager().unwrap(), "thread");
    platform.submit(request("hello")).unwrap();
    let start = Instant::now();
    platform.stop().await;
    assert_eq!(start.elapsed(), SHORT);
    assert_eq!(client.events().last().unwrap().kind, EventKind::AgentCompleted);
}

#[tokio::test(start_paused = true)]
async fn a_stop_does_not_wait_longer_than_the_drain_deadline() {
    let supervisor = Some(Supervisor { pace: Pace::Thinking(Duration::from_secs(3_600)) });
    let settings = Settings { drain_deadline: SHORT, ..Settings::lean() };
    let platform = platform(Parts { supervisor, settings, ..parts(Script::new([])) });
    platform.start().await.unwrap();
    platform.submit(request("hello")).unwrap();
    let start = Instant::now();
    platform.stop().await;
    assert_eq!(start.elapsed(), SHORT);
    assert_pristine(&platform);
}

#[tokio::test(start_paused = true)]
async fn a_drain_refuses_requests_and_keeps_the_wiring_until_the_stop() {
    let supervisor = Some(Supervisor { pace: Pace::Thinking(SHORT) });
    let platform = platform(Parts { supervisor, ..parts(Script::new([])) });
    platform.start().await.unwrap();
    let mut client = Client::attach(&platform.manager().unwrap(), "thread");
    platform.submit(request("hello")).unwrap();
    let draining = platform.clone();
    let drained = tokio::spawn(async move { Backend::drain(&draining).await });
    tokio::task::yield_now().await;
    assert_eq!(platform.submit(request("late")), Err(SubmitError::NotReady));
    assert_eq!((platform.is_ready(), platform.readiness().agents.wired), (false, 8));
    drained.await.unwrap();
    assert_eq!(client.until_ended(1).await.last().unwrap().kind, EventKind::AgentCompleted);
    assert!(matches!(platform.start().await, Err(StartupError::Stopping)));
    platform.stop().await;
    assert_pristine(&platform);
    platform.start().await.unwrap();
    assert_serves(&platform).await;
}

#[tokio::test(start_paused = true)]
async fn a_stop_that_is_dropped_while_it_waits_can_be_taken_up_again() {
    let supervisor = Some(Supervisor { pace: Pace::Thinking(SHORT * 2) });
    let platform = platform(Parts { supervisor, ..parts(Script::new([])) });
    platform.start().await.unwrap();
    platform.submit(request("hello")).unwrap();
    assert!(timeout(SHORT, platform.stop()).await.is_err());
    assert_eq!(
        platform.submit(request("late")),
        Err(SubmitError::NotReady),
        "it was told to stop, and does not go back"
    );
    platform.stop().await;
    assert_pristine(&platform);
}

#[tokio::test(start_paused = true)]
#[traced_test]
async fn a_degraded_platform_refuses_loudly_and_a_new_start_brings_it_back() {
    let (platform, _) = scripted([]);
    platform.start().await.unwrap();
    platform.manager().unwrap().close_all(1011, "broken");
    assert_eq!(platform.health_check(), BridgeState::Degraded);
    assert!(matches!(platform.submit(request("hello")), Err(SubmitError::RealtimeUnavailable { .. })));
    let readiness = platform.readiness();
    assert_eq!((readiness.ready, readiness.bridge.as_str()), (false, "degraded"));
    assert!(readiness.reason.is_some() && !platform.is_ready());
    assert!(logs_contain("bridge.degraded"));
    platform.stop().await;
    platform.start().await.unwrap();
    assert_serves(&platform).await;
}

#[tokio::test(start_paused = true)]
async fn the_health_loop_of_a_second_start_is_alive() {
    let settings = Settings { health_every: Some(SHORT), ..Settings::lean() };
    let platform = platform(Parts { settings, ..parts(Script::new([])) });
    for _ in 0..2 {
        platform.start().await.unwrap();
        assert!(platform.is_ready());
        platform.manager().unwrap().close_all(1011, "broken");
        tokio::time::sleep(SHORT * 2).await;
        assert_eq!(platform.bridge().state(), BridgeState::Degraded, "nobody asked for a check but the loop");
        platform.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_that_takes_too_long_says_where_it_was() {
    let settings = Settings { start_deadline: Some(SHORT), ..Settings::lean() };
    let platform = platform(Parts { settings, ..parts(Script::new([Outcome::Hang])) });
    let error = platform.start().await.unwrap_err();
    let StartupError::DeadlineExceeded { after, step } = error else { panic!("{error}") };
    assert_eq!((after, step), (SHORT, Step::Manager));
    assert_pristine(&platform);
    platform.start().await.unwrap();
    assert_serves(&platform).await;
}

#[tokio::test(start_paused = true)]
async fn a_factory_that_hangs_once_costs_one_attempt() {
    let settings = Settings { attempt_deadline: Some(SHORT), ..Settings::lean() };
    let script = Script::new([Outcome::Hang]);
    let platform = platform(Parts { settings, ..parts(script.clone()) });
    platform.start().await.unwrap();
    assert_eq!(script.created(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_startup_and_a_bridge_share_one_creation() {
    let factory = Arc::new(Delayed::new(SHORT, Outcome::Fine));
    let platform = platform(parts(factory.clone()));
    let bridge = platform.bridge();
    let (started, initialized) = tokio::join!(platform.start(), bridge.initialize());
    started.unwrap();
    initialized.unwrap();
    assert_eq!(factory.created(), 1);
    assert_serves(&platform).await;
}

#[tokio::test(start_paused = true)]
async fn as_many_runs_as_the_settings_say() {
    let supervisor = Some(Supervisor { pace: Pace::Thinking(SHORT) });
    let settings = Settings { runs: NonZeroUsize::new(2).unwrap(), ..Settings::lean() };
    let platform = platform(Parts { supervisor, settings, ..parts(Script::new([])) });
    platform.start().await.unwrap();
    let mut client = Client::attach(&platform.manager().unwrap(), "thread");
    let ids = [platform.submit(request("one")).unwrap(), platform.submit(request("two")).unwrap()];
    assert_ne!(ids[0], ids[1]);
    assert_eq!(platform.submit(request("three")), Err(SubmitError::TooManyRuns { limit: 2 }));
    client.until_ended(2).await;
    tokio::task::yield_now().await;
    platform.submit(request("three")).unwrap();
    assert_eq!(kinds(&client.until_ended(1).await).last(), Some(&EventKind::AgentCompleted));
}

#[tokio::test(start_paused = true)]
async fn the_socket_shell_is_told_what_it_did_wrong() {
    let (platform, _) = scripted([]);
    platform.start().await.unwrap();
    let ask = |agent: &str, payload| {
        let (user, thread) = (UserId::new("user").unwrap(), thread("thread"));
        Backend::submit(&platform, AgentRequest { user, thread, agent: agent.to_owned(), payload })
    };
    assert!(ask("triage", json!({"text": "hello"})).is_ok());
    assert!(
        matches!(ask("oracle", json!({"text": "hello"})), Err(SubmitError::UnknownAgent { known, .. }) if known.len() == 8)
    );
    assert!(matches!(ask("triage", json!({"txt": "hello"})), Err(SubmitError::BadPayload { .. })));
    assert!(matches!(ask("triage", json!(null)), Err(SubmitError::BadPayload { .. })));
}

#[test]
fn parts_and_settings_that_make_no_sense_are_refused_before_anything_runs() {
    let refused = |parts| Platform::new(TokioEnv::new(), parts).map(drop).unwrap_err();
    let zero = Settings { start_deadline: Some(Duration::ZERO), ..Settings::lean() };
    let error = refused(Parts { settings: zero, ..parts(Script::new([])) });
    assert!(matches!(error, StartupError::Settings { setting: "start_deadline", .. }), "{error}");
    let twice = [Agent::standard(), Agent::standard()].concat();
    let error = refused(Parts { agents: twice, ..parts(Script::new([])) });
    assert!(matches!(error, StartupError::Parts(_)) && error.to_string().contains("triage"), "{error}");
}

#[test]
fn no_reader_on_any_thread_sees_ready_without_all_wired() {
    let (platform, _) = scripted([]);
    let done = AtomicBool::new(false);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !done.load(Ordering::Acquire) {
                    let readiness = platform.readiness();
                    assert!(matches!(readiness.agents.wired, 0 | 8), "{readiness:?}");
                    assert!(
                        !readiness.ready || (readiness.agents.wired, readiness.bridge.as_str()) == (8, "active"),
                        "{readiness:?}"
                    );
                    if let Some(manager) = platform.manager() {
                        // Whatever happens to it later, it was complete when it was handed out.
                        let _ = manager.probe();
                    }
                }
            });
        }
        runtime.block_on(async {
            for _ in 0..300 {
                platform.start().await.unwrap();
                platform.stop().await;
            }
        });
        done.store(true, Ordering::Release);
    });
    assert_pristine(&platform);
}

#[tokio::test(start_paused = true)]
async fn of_two_stops_both_end_when_everything_is_undone() {
    let supervisor = Some(Supervisor { pace: Pace::Thinking(SHORT) });
    let platform = platform(Parts { supervisor, ..parts(Script::new([])) });
    platform.start().await.unwrap();
    platform.submit(request("hello")).unwrap();
    let stop = || async {
        platform.stop().await;
        assert_pristine(&platform);
    };
    tokio::join!(stop(), stop());
}
