//! Outside a run everything is plain tokio, on every runtime.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use nevernone::tokio;
use tokio::sync::oneshot;
use tokio::task::{JoinSet, yield_now};
use tokio::time::sleep;

/// What a service does with its tasks.
async fn tasks() {
    let task = tokio::spawn(async {
        yield_now().await;
        (tokio::task::id(), 7)
    });
    let (id, handle) = (task.id(), task.abort_handle());
    assert_eq!(task.await.unwrap(), (id, 7));
    assert!(handle.is_finished() && handle.id() == id);

    let error = tokio::spawn(async { panic!("as it should") }).await.unwrap_err();
    assert_eq!(error.into_panic().downcast_ref(), Some(&"as it should"));

    let task = tokio::spawn(std::future::pending::<()>());
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());

    let plain: ::tokio::task::JoinHandle<u32> = tokio::spawn(async { 3 }).into();
    assert_eq!(plain.await.unwrap(), 3);
}

async fn sets() {
    let mut set: JoinSet<u32> = (0..3).map(|number| async move { number }).collect();
    set.spawn_blocking(|| 3);
    set.spawn_on(async { 4 }, &tokio::runtime::Handle::current());
    let (_, first) = set.join_next_with_id().await.unwrap().unwrap();
    let rest: u32 = set.join_all().await.into_iter().sum();
    assert_eq!(first + rest, 10);

    let mut set = JoinSet::new();
    set.spawn(std::future::pending());
    set.spawn(async { panic!("as it should") });
    assert!(set.join_next().await.unwrap().unwrap_err().is_panic());
    assert!(set.try_join_next().is_none());
    set.shutdown().await;
    assert!(set.is_empty());

    let (alive, dropped) = oneshot::channel::<()>();
    set.spawn(async move {
        let _alive = alive;
        std::future::pending().await
    });
    drop(set);
    assert!(dropped.await.is_err(), "a set that is dropped aborts its tasks");

    let mut set = JoinSet::new();
    let (tell, told) = oneshot::channel();
    set.spawn(async move { tell.send(()).unwrap() });
    set.detach_all();
    told.await.unwrap();
}

async fn selects() {
    let firsts = Arc::new([0; 3].map(AtomicU32::new));
    for _ in 0..300 {
        let first = tokio::select! {
            n = async { 0 } => n,
            n = async { 1 } => n,
            n = async { 2 } => n,
        };
        firsts[first].fetch_add(1, Ordering::Relaxed);
    }
    assert!(firsts.iter().all(|count| count.load(Ordering::Relaxed) > 50), "{firsts:?}");
    tokio::select! {
        () = sleep(Duration::from_millis(1)) => {}
        () = std::future::pending() => unreachable!(),
    }
}

#[tokio::test]
async fn on_a_current_thread_runtime() {
    tasks().await;
    sets().await;
    selects().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_multi_thread_runtime() {
    tasks().await;
    sets().await;
    tokio::spawn(selects()).await.unwrap();
}

#[test]
fn without_a_runtime_tokio_says_so() {
    let panic = std::panic::catch_unwind(|| drop(tokio::spawn(async {}))).unwrap_err();
    let message = panic.downcast_ref::<&str>().map(ToString::to_string);
    let message = message.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap();
    assert!(message.contains("there is no reactor running"), "{message}");
}
