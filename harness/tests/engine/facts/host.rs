//! `Handle::block_on` as the place of a step, `Runtime::block_on` as the spawn lane.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::sync::watch;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};

use super::{Wakes, in_step, pass, paused, poll};

#[test]
fn sub_tasks_with_wakers_of_their_own_can_be_polled_in_any_order() {
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let (runtime, lock) = (paused(), Rc::new(tokio::sync::Mutex::new(Vec::new())));
        let mut tasks = [0, 1, 2].map(|id| {
            let lock = Rc::clone(&lock);
            Box::pin(async move {
                yield_now().await;
                lock.lock().await.push(id);
                sleep(Duration::from_millis(1)).await;
            })
        });
        let wakes = [0, 1, 2].map(|_| Arc::<Wakes>::default());
        for _ in 0..2 {
            for id in order {
                assert!(in_step(&runtime, || poll(tasks[id].as_mut(), &wakes[id])).is_pending());
            }
        }
        pass(&runtime, Duration::from_millis(2));
        for id in order {
            // Once by its yield, once by its timer, whoever was polled in between.
            assert_eq!(wakes[id].seen(), 2);
            assert!(in_step(&runtime, || poll(tasks[id].as_mut(), &wakes[id])).is_ready());
        }
        assert_eq!(*in_step(&runtime, || lock.try_lock().unwrap()), order);
    }
}

#[test]
fn yield_now_wakes_at_once_in_handle_block_on_and_is_deferred_in_runtime_block_on() {
    let (runtime, wakes) = (paused(), Arc::<Wakes>::default());
    let mut yields = pin!(yield_now());
    assert!(in_step(&runtime, || poll(yields.as_mut(), &wakes)).is_pending());
    assert_eq!(wakes.seen(), 1);
    let (deferred, mut again) = (Arc::<Wakes>::default(), pin!(yield_now()));
    let mut polls = 0;
    runtime.block_on(poll_fn(|cx| {
        polls += 1;
        if polls > 1 {
            return Poll::Ready(());
        }
        assert!(poll(again.as_mut(), &deferred).is_pending());
        assert_eq!(deferred.seen(), 0, "the scheduler keeps it until this poll has ended");
        cx.waker().wake_by_ref();
        Poll::Pending
    }));
    assert_eq!(deferred.seen(), 1);
}

#[test]
fn what_would_block_or_escape_panics_by_name() {
    let runtime = paused();
    let lock = tokio::sync::Mutex::new(());
    let calls: [(&str, &dyn Fn()); 3] = [
        ("Cannot block the current thread", &|| drop(lock.blocking_lock())),
        ("spawn_local", &|| drop(tokio::task::spawn_local(async {}))),
        ("Cannot start a runtime from within a runtime", &|| tokio::runtime::Handle::current().block_on(async {})),
    ];
    for (name, call) in calls {
        let payload = in_step(&runtime, || catch_unwind(AssertUnwindSafe(call))).unwrap_err();
        let text = payload.downcast_ref::<String>().cloned();
        let text = text.or_else(|| payload.downcast_ref::<&str>().map(ToString::to_string)).expect("a text");
        assert!(text.contains(name), "{text}");
    }
}

#[test]
fn a_runtime_block_on_that_is_pending_once_polls_one_spawned_task_once_in_its_turn() {
    let (runtime, polled) = (paused(), Arc::new(Mutex::new(Vec::new())));
    let start = in_step(&runtime, Instant::now);
    for task in ["first", "second"] {
        let polled = Arc::clone(&polled);
        drop(runtime.spawn(async move {
            for _ in 0..3 {
                polled.lock().unwrap().push(task);
                yield_now().await;
            }
        }));
    }
    // A timer that could be moved to, if the clock were ever idle.
    let mut timer = pin!(in_step(&runtime, || sleep(Duration::from_millis(1))));
    assert!(in_step(&runtime, || poll(timer.as_mut(), &Arc::default())).is_pending());
    for polls in 1..=6 {
        let mut pending = true;
        runtime.block_on(poll_fn(|cx| {
            if std::mem::take(&mut pending) {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(())
        }));
        assert_eq!(polled.lock().unwrap().len(), polls);
    }
    assert_eq!(*polled.lock().unwrap(), ["first", "second"].repeat(3));
    assert_eq!(in_step(&runtime, Instant::now), start);
}

#[test]
fn the_number_of_alive_tasks_tells_who_spawned_before_the_task_runs() {
    let runtime = paused();
    assert_eq!(runtime.metrics().num_alive_tasks(), 0);
    in_step(&runtime, || drop(tokio::spawn(std::future::pending::<()>())));
    assert_eq!(runtime.metrics().num_alive_tasks(), 1);
}

#[test]
fn the_function_that_names_threads_is_called_by_spawn_blocking_itself() {
    let named = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&named);
    let mut builder = Builder::new_current_thread();
    builder.thread_name_fn(move || {
        seen.lock().unwrap().push(std::thread::current().id());
        "escaped".to_owned()
    });
    let runtime = builder.build().unwrap();
    assert!(named.lock().unwrap().is_empty());
    in_step(&runtime, || drop(tokio::task::spawn_blocking(|| ())));
    assert_eq!(*named.lock().unwrap(), [std::thread::current().id()]);
}

#[test]
fn a_watch_wakes_its_receivers_in_a_random_order() {
    let orders = (0..64).map(|_| {
        let (order, (send, _keep)) = (Arc::new(Mutex::new(Vec::new())), watch::channel(0));
        let mut receivers: Vec<_> = (0..8).map(|_| send.subscribe()).collect();
        let mut waiting: Vec<_> = receivers.iter_mut().map(|receive| Box::pin(receive.changed())).collect();
        for (id, receive) in waiting.iter_mut().enumerate() {
            let wakes = Arc::new(Wakes { count: AtomicUsize::new(0), order: Arc::clone(&order), id });
            assert!(poll(receive.as_mut(), &wakes).is_pending());
        }
        send.send(1).unwrap();
        let order = order.lock().unwrap().clone();
        assert_eq!(order.len(), 8);
        order
    });
    let orders: std::collections::BTreeSet<_> = orders.collect();
    assert!(orders.len() > 1, "always {orders:?}: the engine need not sort its ready list any more");
}

#[test]
fn an_order_by_task_hides_the_order_of_wake_ups() {
    let report = crate::search(
        &nevernone::Scenario::new("watch", || async {
            let (send, _keep) = watch::channel(0);
            for client in 0..4 {
                let mut receive = send.subscribe();
                drop(nevernone::spawn(format!("client {client}"), async move { receive.changed().await.unwrap() }));
            }
            yield_now().await;
            send.send(1).unwrap();
        })
        .preemptions(0),
    );
    assert_eq!((report.verdict, report.uncontrolled), (nevernone::Verdict::Verified, Vec::<String>::new()));
}
