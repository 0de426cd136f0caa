//! Whatever interrupts a start leaves nothing behind.

use super::*;

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

/// Stops the platform from within the poll that asks for a manager, as another thread may.
#[derive(Default)]
struct Stops(OnceLock<Tested>);

impl ManagerFactory for Stops {
    fn create(&self) -> BoxFuture<'static, Result<Option<Candidate>, CreateError>> {
        let platform = self.0.get().unwrap().clone();
        Box::pin(async move {
            platform.stop().await;
            Outcome::Fine.happen().await
        })
    }
}

#[tokio::test(start_paused = true)]
#[traced_test]
async fn a_start_that_is_stopped_in_the_middle_of_a_poll_says_so_and_tells_no_failure() {
    let factory = Arc::new(Stops::default());
    let platform = platform(parts(factory.clone()));
    assert!(factory.0.set(platform.clone()).is_ok());
    let error = platform.start().await.unwrap_err();
    assert!(matches!(error, StartupError::Stopped), "{error}");
    assert!(!logs_contain("startup.failed"));
    assert_pristine(&platform);
}
