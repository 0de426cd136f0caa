//! Panics of spawned tasks: seen by somebody, or by nobody.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use nevernone::tokio;
use nevernone::{Scenario, Verdict, may_panic, millis, sometimes};
use tokio::task::{JoinHandle, JoinSet, yield_now};
use tokio::time::{sleep, timeout};

use crate::{fails_by_panic, search, verified};

fn boom() -> JoinHandle<()> {
    tokio::spawn(async { panic!("boom") })
}

#[test]
fn a_panic_that_the_handle_tells_fails_no_run() {
    verified(|| async {
        let error: ::tokio::task::JoinError = boom().await.unwrap_err();
        assert!(error.is_panic());
        assert_eq!(error.into_panic().downcast_ref(), Some(&"boom"));
        let mut set: JoinSet<()> = std::iter::repeat_with(|| async { panic!("boom") }).take(3).collect();
        assert!(set.join_next().await.unwrap().unwrap_err().is_panic());
        assert!(set.join_next_with_id().await.unwrap().unwrap_err().is_panic());
        sleep(millis(1)).await;
        assert!(set.try_join_next().unwrap().unwrap_err().is_panic());
    });
}

#[test]
fn a_panic_of_a_detached_task_fails_the_run_at_its_line() {
    let (message, file) = fails_by_panic(|| async {
        drop(boom());
        yield_now().await;
    });
    assert!(message.contains("boom") && message.contains("spawned at "), "{message}");
    assert!(file.is_some_and(|file| file.ends_with("panics.rs")));
}

#[test]
fn a_panic_is_unseen_when_its_handle_goes_and_when_the_run_ends() {
    fails_by_panic(|| async {
        let handle = boom();
        sleep(millis(1)).await;
        drop(handle);
        sleep(millis(1)).await;
    });
    fails_by_panic(|| async {
        let _handle = boom();
        sleep(millis(1)).await;
    });
    fails_by_panic(|| async {
        std::mem::forget(boom());
        sleep(millis(1)).await;
    });
}

#[test]
fn a_panic_is_unseen_when_its_set_is_dropped_detached_or_shut_down() {
    let with = |end: fn(&mut JoinSet<()>)| {
        move || async move {
            let mut set = JoinSet::new();
            set.spawn(async { panic!("boom") });
            sleep(millis(1)).await;
            end(&mut set);
            sleep(millis(1)).await;
        }
    };
    fails_by_panic(with(|set| drop(std::mem::take(set))));
    fails_by_panic(with(JoinSet::detach_all));
    fails_by_panic(|| async {
        let mut set = JoinSet::new();
        set.spawn(async { panic!("boom") });
        sleep(millis(1)).await;
        set.shutdown().await;
    });
}

#[test]
fn a_panic_goes_on_in_whoever_joins_all() {
    let (message, _) = fails_by_panic(|| async {
        let set: JoinSet<()> = [async { panic!("boom") }].into_iter().collect();
        set.join_all().await;
    });
    assert_eq!(message, "`scenario` panicked: boom");
}

#[test]
fn whoever_awaits_a_task_that_panics_is_forgiven_if_the_run_ends_first() {
    // The supervisor is spawned too, so a run may end between the panic and its turn.
    verified(|| async {
        let seen = Arc::new(AtomicBool::new(false));
        let supervisor = Arc::clone(&seen);
        drop(tokio::spawn(async move {
            assert!(boom().await.is_err());
            supervisor.store(true, Ordering::Relaxed);
        }));
        yield_now().await;
        yield_now().await;
        yield_now().await;
        sometimes("it saw it", seen.load(Ordering::Relaxed));
        sometimes("it did not", !seen.load(Ordering::Relaxed));
    });
}

#[test]
fn whoever_awaits_a_set_is_forgiven_likewise() {
    verified(|| async {
        let seen = Arc::new(AtomicBool::new(false));
        let supervisor = Arc::clone(&seen);
        drop(tokio::spawn(async move {
            let mut set: JoinSet<()> = [async { panic!("boom") }].into_iter().collect();
            assert!(set.join_next().await.unwrap().is_err());
            supervisor.store(true, Ordering::Relaxed);
        }));
        yield_now().await;
        yield_now().await;
        yield_now().await;
        sometimes("it saw it", seen.load(Ordering::Relaxed));
        sometimes("it did not", !seen.load(Ordering::Relaxed));
    });
}

type SetEnds = fn(&mut JoinSet<()>);

async fn panics_at(time: u64) {
    sleep(millis(time)).await;
    panic!("boom");
}

#[test]
fn whoever_awaited_a_task_and_gave_up_sees_nothing() {
    // It panics before the handle goes, and after.
    for time in [2, 4] {
        fails_by_panic(move || async move {
            let mut handle = tokio::spawn(panics_at(time));
            timeout(millis(1), &mut handle).await.unwrap_err();
            sleep(millis(2)).await;
            drop(handle);
            sleep(millis(9)).await;
        });
    }
    // A set that is dropped aborts those that have not panicked yet.
    let drops: SetEnds = |set| drop(std::mem::take(set));
    for (time, end) in [(2, drops), (2, JoinSet::detach_all), (4, JoinSet::detach_all)] {
        fails_by_panic(move || async move {
            let mut set = JoinSet::new();
            set.spawn(panics_at(time));
            timeout(millis(1), set.join_next()).await.unwrap_err();
            sleep(millis(2)).await;
            end(&mut set);
            sleep(millis(9)).await;
        });
    }
}

#[test]
fn a_run_that_is_stuck_after_an_unseen_panic_failed_by_the_panic() {
    let (message, _) = fails_by_panic(|| async {
        let (tell, told) = tokio::sync::mpsc::channel::<()>(1);
        let mut told = told;
        let _worker = tokio::spawn(async move { panic!("boom") });
        told.recv().await;
        drop(tell);
    });
    assert!(message.contains("boom"), "{message}");
}

#[test]
fn tokios_own_handle_sees_for_nobody() {
    fails_by_panic(|| async {
        let handle: ::tokio::task::JoinHandle<()> = boom().into();
        assert!(handle.await.unwrap_err().is_panic());
    });
}

#[test]
fn an_injected_panic_fails_no_run_and_is_told() {
    let scenario = Scenario::new("injected", || async {
        let told = tokio::spawn(may_panic("worker", async { yield_now().await })).await;
        sometimes("it panicked", told.is_err_and(|error| error.is_panic()));
        drop(tokio::spawn(may_panic("detached", async { yield_now().await })));
        sleep(millis(1)).await;
    });
    let report = search(&scenario);
    assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
}

struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

#[test]
fn a_destructor_that_panics_is_told_as_tokio_tells_it() {
    // When its future ends, and when it is aborted.
    verified(|| async {
        let ended = tokio::spawn(async {
            let _panics = PanicsWhenDropped;
            yield_now().await;
        });
        assert!(ended.await.unwrap_err().is_panic());
        let aborted = tokio::spawn(async {
            let _panics = PanicsWhenDropped;
            std::future::pending::<()>().await;
        });
        sleep(millis(1)).await;
        aborted.abort();
        assert!(aborted.await.unwrap_err().is_panic());
    });
}

/// A future of one's own, whose end drops nothing yet.
struct Kept<T>(fn() -> T, PanicsWhenDropped);

impl<T> Future for Kept<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<T> {
        Poll::Ready((self.0)())
    }
}

#[test]
fn a_future_that_has_ended_is_dropped_before_its_end_is_told() {
    async fn joined() {
        let ended = ::tokio::spawn(Kept(|| 7, PanicsWhenDropped)).await;
        assert!(ended.unwrap_err().is_panic(), "as tokio tells it");
    }
    ::tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(joined());
    verified(|| async {
        let ended = tokio::spawn(Kept(|| 7, PanicsWhenDropped)).await;
        assert!(ended.unwrap_err().is_panic());
    });
}

#[test]
fn a_second_panic_while_the_first_unwinds_aborts_the_process_whoever_joins() {
    let (message, _) = fails_by_panic(|| async {
        let _ = tokio::spawn(Kept(|| -> u32 { panic!("boom") }, PanicsWhenDropped)).await;
    });
    assert!(message.contains("which aborts the process: dropped"), "{message}");
}

#[test]
fn an_aborted_task_without_a_handle_whose_destructor_panics_fails_the_run() {
    let (message, _) = fails_by_panic(|| async {
        let handle = tokio::spawn(async {
            let _panics = PanicsWhenDropped;
            std::future::pending::<()>().await;
        });
        let abort = handle.abort_handle();
        drop(handle);
        sleep(millis(1)).await;
        abort.abort();
        sleep(millis(1)).await;
    });
    assert!(message.contains("dropped"), "{message}");
}

#[test]
fn an_output_that_nobody_takes_and_whose_destructor_panics_fails_the_run() {
    let (message, _) = fails_by_panic(|| async {
        drop(tokio::spawn(async { PanicsWhenDropped }));
        sleep(millis(1)).await;
    });
    assert!(message.contains("dropped"), "{message}");
}
