//! What a start gives, or says.

use super::*;

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

/// The cell may be filled before the start, by somebody who asks for the manager early.
#[tokio::test(start_paused = true)]
#[traced_test]
async fn a_manager_that_was_closed_before_the_start_is_refused_by_every_attempt() {
    let (platform, script) = scripted([]);
    obtain(&platform.cell(), &*script).await.unwrap().close_all(1001, "gone");
    let error = platform.start().await.unwrap_err();
    let StartupError::ManagerUnavailable { attempts, .. } = &error else { panic!("{error}") };
    let last = error.source().and_then(|source| source.downcast_ref::<ManagerError>());
    assert!(matches!((attempts.count(), last), (3, Some(ManagerError::Incomplete(_)))), "{error}");
    assert_eq!(script.created(), 1, "the cell is full, although with a manager that is of no use");
    assert!(logs_contain("on attempt 1 of 3, next in 100 ms") && !logs_contain("validated on attempt"));
    assert_pristine(&platform);
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

/// The platform may be built anywhere, as a static is; what it makes belongs to the runtime that starts it.
#[test]
fn a_platform_that_is_built_outside_a_runtime_makes_nothing_until_it_starts() {
    // This factory needs a runtime with a clock.
    let (platform, script) = scripted([Outcome::Late(SHORT)]);
    assert_eq!(script.created(), 0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        platform.start().await.unwrap();
        assert_serves(&platform).await;
    });
    assert_eq!(script.created(), 1);
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

/// tokio's clock panics where no runtime is: the start ends with an error that says where, and is undone.
#[test]
fn a_start_in_which_something_panics_is_an_error_that_names_the_step() {
    let (platform, script) = scripted([Outcome::Nothing]);
    let ended = {
        let mut start = std::pin::pin!(platform.start());
        start.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop()))
    };
    let std::task::Poll::Ready(Err(StartupError::Panicked { step, message })) = ended else { panic!("{ended:?}") };
    assert!(step == Step::Manager && message.contains("no reactor running"), "{step}: {message}");
    assert_eq!(script.created(), 1);
    assert_pristine(&platform);
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
