//! The cooperative budget: who has one, who asks for it, and when.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::sync::{Mutex, Notify, RwLock, Semaphore, mpsc, oneshot, watch};
use tokio::task::coop::poll_proceed;
use tokio::time::{sleep, timeout};

use super::{WHOLE, Wakes, count_budget, in_step, leave, pass, paused, poll, take_unit};

#[test]
fn a_poll_inside_handle_block_on_has_the_budget_of_a_spawned_task_and_128_is_the_number() {
    let runtime = paused();
    let spawned = runtime.block_on(async { tokio::spawn(async { count_budget() }).await.unwrap() });
    assert_eq!(spawned, Some(WHOLE));
    assert_eq!(in_step(&runtime, count_budget), spawned);
    assert_eq!(count_budget(), None, "outside of a runtime there is no end to it");
}

#[test]
fn each_poll_of_the_hosted_future_begins_with_the_whole_budget() {
    let (runtime, mut counted) = (paused(), Vec::new());
    runtime.handle().block_on(std::future::poll_fn(|cx| {
        counted.push(count_budget());
        if counted.len() == 3 {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }));
    assert_eq!(counted, [Some(WHOLE); 3]);
}

#[test]
fn a_guard_that_is_dropped_without_progress_restores_what_there_was_when_it_was_asked_for() {
    in_step(&paused(), || {
        leave(5);
        let Poll::Ready(guard) = poll_proceed(&mut Context::from_waker(Waker::noop())) else { panic!("a unit") };
        assert!(take_unit() && take_unit());
        drop(guard);
        assert_eq!(count_budget(), Some(5));
    });
}

#[test]
fn whoever_is_denied_is_woken_at_once() {
    in_step(&paused(), || {
        leave(0);
        let (wakes, semaphore) = (Arc::<Wakes>::default(), Semaphore::new(1));
        assert!(poll(pin!(semaphore.acquire()), &wakes).is_pending());
        assert_eq!(wakes.seen(), 1);
    });
}

#[test]
fn a_free_permit_or_lock_is_taken_before_the_budget_is_asked() {
    in_step(&paused(), || {
        leave(0);
        let wakes = Arc::<Wakes>::default();
        let (semaphore, mutex, lock) = (Semaphore::new(1), Mutex::new(()), RwLock::new(()));
        let (mut permit, mut guard, mut write) = (pin!(semaphore.acquire()), pin!(mutex.lock()), pin!(lock.write()));
        assert!(poll(permit.as_mut(), &wakes).is_pending());
        assert!(poll(guard.as_mut(), &wakes).is_pending());
        assert!(poll(write.as_mut(), &wakes).is_pending());
        assert_eq!(
            (semaphore.available_permits(), mutex.try_lock().is_ok(), lock.try_read().is_ok()),
            (0, false, false)
        );
    });
}

#[test]
fn receivers_ask_first_and_take_after() {
    in_step(&paused(), || {
        leave(0);
        let wakes = Arc::<Wakes>::default();
        let (send, mut receive) = mpsc::channel(1);
        send.try_send(7).unwrap();
        assert!(poll(pin!(receive.recv()), &wakes).is_pending());
        assert_eq!(receive.try_recv(), Ok(7));
        let (send, mut receive) = oneshot::channel();
        send.send(7).unwrap();
        assert!(poll(pin!(&mut receive), &wakes).is_pending());
        assert_eq!(receive.try_recv(), Ok(7));
        let (send, mut receive) = watch::channel(6);
        send.send(7).unwrap();
        assert!(poll(pin!(receive.changed()), &wakes).is_pending());
        assert!(receive.has_changed().unwrap());
    });
}

#[test]
fn a_notification_and_synchronous_sends_ask_for_no_budget() {
    in_step(&paused(), || {
        leave(0);
        let notify = Notify::new();
        notify.notify_one();
        assert!(poll(pin!(notify.notified()), &Arc::default()).is_ready());
        let (send, _receive) = mpsc::channel(1);
        assert_eq!(send.try_send(7), Ok(()));
        assert_eq!(watch::channel(6).0.send_replace(7), 6);
    });
}

#[test]
fn a_timeout_polls_its_timer_without_a_budget_once_the_future_has_used_it_up() {
    let runtime = paused();
    let permits = Semaphore::new(2);
    let mut late = pin!(async {
        // Set, and awaited only when it is long over.
        let inner = async {
            sleep(Duration::from_millis(2)).await;
            permits.acquire().await.unwrap().forget();
        };
        timeout(Duration::from_millis(1), inner).await
    });
    assert!(in_step(&runtime, || poll(late.as_mut(), &Arc::default())).is_pending());
    pass(&runtime, Duration::from_millis(5));
    let polled = in_step(&runtime, || {
        // The inner sleep takes it.
        leave(1);
        poll(late.as_mut(), &Arc::default())
    });
    assert!(matches!(polled, Poll::Ready(Err(_))), "the deadline was seen although no unit was left for it");
}
