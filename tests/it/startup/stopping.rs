//! What a stop leaves, and whom it waits for.

use super::*;

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
async fn a_run_that_outlives_the_drain_deadline_tells_its_end_before_its_client_is_closed() {
    let supervisor = Some(Supervisor { pace: Pace::Thinking(Duration::from_secs(3_600)) });
    let settings = Settings { drain_deadline: SHORT, ..Settings::lean() };
    let platform = platform(Parts { supervisor, settings, ..parts(Script::new([])) });
    platform.start().await.unwrap();
    let mut client = Client::attach(&platform.manager().unwrap(), "thread");
    platform.submit(request("hello")).unwrap();
    let start = Instant::now();
    platform.stop().await;
    assert_eq!(start.elapsed(), SHORT);
    assert_pristine(&platform);
    let last = client.events().pop().unwrap();
    assert_eq!((last.kind, last.payload["code"].as_str()), (EventKind::AgentError, Some("run_aborted")));
    assert_eq!(client.close_code(), Some(1001));
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
