//! What a ready platform accepts, refuses and tells.

use super::*;

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
    assert!(platform.manager().is_none(), "nobody is let in to a platform that cannot answer");
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
            for _ in 0..2_000 {
                platform.start().await.unwrap();
                platform.manager().unwrap().close_all(1011, "broken");
                assert_eq!(platform.health_check(), BridgeState::Degraded);
                platform.stop().await;
            }
        });
        done.store(true, Ordering::Release);
    });
    assert_pristine(&platform);
}
