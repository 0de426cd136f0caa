//! Who gets what, in which order, and what the sender is told.

use super::*;
use crate::contain::wakers::{Count, bomb};
use std::task::{Context, Poll, Waker};

#[test]
fn an_event_reaches_its_thread_and_no_other() {
    let manager = manager(Limits::default());
    let (mut first, mut second, mut other) = (attach(&manager, "a"), attach(&manager, "a"), attach(&manager, "b"));
    assert_eq!(send(&manager, "a", 7), Outcome::Delivered(2));
    assert_eq!(send(&manager, "b", 8), Outcome::Delivered(1));
    assert_eq!(received(&mut first), [told("a", 1, 7)]);
    assert_eq!(received(&mut second), [told("a", 1, 7)]);
    assert_eq!(received(&mut other), [told("b", 1, 8)]);
}

#[test]
fn one_serialisation_serves_every_connection() {
    let manager = manager(Limits::default());
    let (mut first, mut second) = (attach(&manager, "a"), attach(&manager, "a"));
    let _ = send(&manager, "a", 1);
    let (Some(Batch::Frames(one)), Some(Batch::Frames(two))) = (first.try_batch(1), second.try_batch(1)) else {
        panic!("both got the event")
    };
    assert_eq!(one[0].bytes().as_ptr(), two[0].bytes().as_ptr(), "the bytes must be shared, not copied");
}

#[test]
fn what_is_sent_before_the_first_attach_waits_for_it_in_order() {
    let manager = manager(Limits::default());
    assert_eq!(send(&manager, "a", 1), Outcome::Buffered);
    assert_eq!(send(&manager, "a", 2), Outcome::Buffered);
    let mut first = attach(&manager, "a");
    assert_eq!(send(&manager, "a", 3), Outcome::Delivered(1));
    let mut second = attach(&manager, "a");
    assert_eq!(received(&mut first), [told("a", 1, 1), told("a", 2, 2), told("a", 3, 3)]);
    assert_eq!(received(&mut second), [], "the backlog is the first one's alone");
}

#[test]
fn what_a_lost_connection_never_took_goes_to_the_next() {
    let manager = manager(Limits::default());
    let lost = attach(&manager, "a");
    let _ = send(&manager, "a", 1);
    let _ = lost.replies().send("{}".to_owned());
    drop(lost);
    assert_eq!(send(&manager, "a", 2), Outcome::Buffered);
    assert_eq!(
        received(&mut attach(&manager, "a")),
        [told("a", 1, 1), told("a", 2, 2)],
        "events return, replies do not"
    );
}

#[test]
fn what_another_connection_got_is_not_given_back() {
    let manager = manager(Limits::default());
    let (lost, mut stays) = (attach(&manager, "a"), attach(&manager, "a"));
    let _ = send(&manager, "a", 1);
    drop(lost);
    assert_eq!(received(&mut stays), [told("a", 1, 1)]);
    assert_eq!(received(&mut attach(&manager, "a")), []);
}

#[test]
fn a_late_disconnect_cannot_reap_a_successor() {
    let manager = manager(Limits::default());
    let early = attach(&manager, "a");
    let early_id = early.id();
    drop(early);
    let mut successor = attach(&manager, "a");
    assert_ne!(successor.id(), early_id);
    assert_eq!(successor.id().slot, early_id.slot, "the slot is used again, or this test tests nothing");
    manager.detach(early_id);
    assert_eq!(manager.connection_count(), 1);
    assert_eq!(send(&manager, "a", 1), Outcome::Delivered(1));
    assert_eq!(received(&mut successor).len(), 1);
}

#[test]
fn closing_flushes_first_and_is_terminal() {
    let manager = manager(Limits::default());
    let mut connection = attach(&manager, "a");
    let _ = send(&manager, "a", 1);
    manager.close_all(1001, "going away");
    assert_eq!(received(&mut connection), [told("a", 1, 1)]);
    assert_eq!(connection.try_batch(1), Some(Batch::Closed(Close::new(1001, "going away"))));
    assert_eq!(send(&manager, "a", 2), Outcome::Dropped(DropReason::Closed));
    assert_eq!(try_attach(&manager, "a").err(), Some(AttachError::Closed));
    assert_eq!(manager.probe(), Err(ProbeError::Refused(AttachError::Closed)));
}

#[test]
fn a_waiting_receiver_is_woken_by_a_send_and_by_a_close() {
    let manager = manager(Limits::default());
    let mut connection = attach(&manager, "a");
    let count = std::sync::Arc::new(Count::default());
    let waker = Waker::from(std::sync::Arc::clone(&count));
    let mut context = Context::from_waker(&waker);
    assert_eq!(connection.poll_batch(&mut context, 8), Poll::Pending);
    let _ = send(&manager, "a", 1);
    assert_eq!(count.woken(), 1);
    assert!(matches!(connection.poll_batch(&mut context, 8), Poll::Ready(Batch::Frames(_))));
    assert_eq!(connection.poll_batch(&mut context, 8), Poll::Pending);
    manager.close_all(1001, "bye");
    assert_eq!(count.woken(), 2);
    assert!(matches!(connection.poll_batch(&mut context, 8), Poll::Ready(Batch::Closed(_))));
}

#[test]
fn whoever_is_detached_from_elsewhere_learns_it() {
    let manager = manager(Limits::default());
    let mut connection = attach(&manager, "a");
    let count = std::sync::Arc::new(Count::default());
    let waker = Waker::from(std::sync::Arc::clone(&count));
    let mut context = Context::from_waker(&waker);
    assert_eq!(connection.poll_batch(&mut context, 8), Poll::Pending);
    manager.detach(connection.id());
    assert_eq!(count.woken(), 1);
    assert!(matches!(connection.poll_batch(&mut context, 8), Poll::Ready(Batch::Closed(_))));
}

#[test]
fn a_batch_is_no_larger_than_asked_for() {
    let manager = manager(Limits::default());
    let mut connection = attach(&manager, "a");
    for number in 0..5 {
        let _ = send(&manager, "a", number);
    }
    let Some(Batch::Frames(frames)) = connection.try_batch(2) else { panic!("five wait") };
    assert_eq!(frames.len(), 2);
    assert_eq!(received(&mut connection).len(), 3);
}

/// Attached, and waits with this waker.
fn waiting(manager: &ManagerHandle, waker: &Waker) -> Connection {
    let mut connection = attach(manager, "a");
    assert_eq!(connection.poll_batch(&mut Context::from_waker(waker), 8), Poll::Pending);
    connection
}

#[test]
fn a_waker_that_panics_keeps_nobody_else_asleep() {
    let manager = manager(Limits::default());
    let count = std::sync::Arc::new(Count::default());
    let wakers = [bomb(), Waker::from(std::sync::Arc::clone(&count))];
    let mut members = wakers.each_ref().map(|waker| waiting(&manager, waker));
    assert_eq!(send(&manager, "a", 1), Outcome::Delivered(2));
    assert_eq!(count.woken(), 1, "by the event");
    for (member, waker) in members.iter_mut().zip(&wakers) {
        assert_eq!(received(member).len(), 1);
        assert!(member.poll_batch(&mut Context::from_waker(waker), 8).is_pending());
    }
    manager.close_all(1001, "bye");
    assert_eq!(count.woken(), 2, "by the close");
}

#[test]
fn a_waker_that_panics_does_not_abort_a_thread_that_unwinds() {
    let manager = manager(Limits::default());
    let connection = waiting(&manager, &bomb());
    let unwound = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _connection = connection;
        std::panic::resume_unwind(Box::new("planned"));
    }));
    assert!(unwound.is_err());
    assert_eq!(manager.connection_count(), 0);
}
