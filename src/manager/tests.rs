//! What a consumer of the manager relies on.

use super::*;
use crate::event::{EventKind, RunId, WireEvent};
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

fn manager(limits: Limits) -> ManagerHandle {
    Candidate::complete(limits)
        .validate()
        .expect("a complete candidate")
}

fn thread(name: &str) -> ThreadId {
    ThreadId::new(name).expect("a thread")
}

fn attach(manager: &ManagerHandle, name: &str) -> Connection {
    try_attach(manager, name).expect("attached")
}

fn try_attach(manager: &ManagerHandle, name: &str) -> Result<Connection, AttachError> {
    manager.attach(Attach {
        user: UserId::new("u").expect("a user"),
        thread: thread(name),
    })
}

fn event(number: u64) -> Event {
    Event {
        kind: EventKind::ProgressUpdate,
        run_id: RunId::new("r").expect("a run"),
        agent_name: "triage".to_owned(),
        timestamp: Duration::ZERO,
        payload: json!(number),
    }
}

fn send(manager: &ManagerHandle, name: &str, number: u64) -> Outcome {
    manager.send_to_thread(&thread(name), event(number))
}

/// What waits for a connection, as (thread, seq, payload).
fn received(connection: &mut Connection) -> Vec<(String, u64, u64)> {
    let Some(Batch::Frames(frames)) = connection.try_batch(usize::MAX) else {
        return Vec::new();
    };
    let told = |frame: &crate::event::Frame| {
        let event: WireEvent = serde_json::from_slice(&frame.bytes()).expect("an event");
        (
            event.thread_id,
            event.seq,
            event.payload.as_u64().expect("a number"),
        )
    };
    frames.iter().map(told).collect()
}

fn told(name: &str, seq: u64, payload: u64) -> (String, u64, u64) {
    (name.to_owned(), seq, payload)
}

#[test]
fn every_subset_of_missing_parts_is_named_and_refused() {
    for subset in 1_u32..16 {
        let missing: Vec<Part> = Part::ALL
            .into_iter()
            .enumerate()
            .filter(|(place, _)| subset & (1 << place) != 0)
            .map(|(_, part)| part)
            .collect();
        let candidate = missing
            .iter()
            .fold(Candidate::complete(Limits::default()), |candidate, part| {
                candidate.without(*part)
            });
        let refusal = candidate.validate().expect_err("a part is missing");
        assert_eq!(refusal.missing, missing);
        for part in &missing {
            assert!(refusal.to_string().contains(&part.to_string()), "{refusal}");
        }
    }
}

#[test]
fn a_dispatcher_through_which_no_event_passes_counts_as_missing() {
    let limits = Limits {
        outbox_events: 0,
        ..Limits::default()
    };
    let refusal = Candidate::complete(limits)
        .validate()
        .expect_err("no event fits");
    assert_eq!(refusal.missing, [Part::SendToThread]);
}

#[test]
fn an_event_reaches_its_thread_and_no_other() {
    let manager = manager(Limits::default());
    let (mut first, mut second, mut other) = (
        attach(&manager, "a"),
        attach(&manager, "a"),
        attach(&manager, "b"),
    );
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
    let (Some(Batch::Frames(one)), Some(Batch::Frames(two))) =
        (first.try_batch(1), second.try_batch(1))
    else {
        panic!("both got the event")
    };
    assert_eq!(
        one[0].bytes().as_ptr(),
        two[0].bytes().as_ptr(),
        "the bytes must be shared, not copied"
    );
}

#[test]
fn what_is_sent_before_the_first_attach_waits_for_it_in_order() {
    let manager = manager(Limits::default());
    assert_eq!(send(&manager, "a", 1), Outcome::Buffered);
    assert_eq!(send(&manager, "a", 2), Outcome::Buffered);
    let mut first = attach(&manager, "a");
    assert_eq!(send(&manager, "a", 3), Outcome::Delivered(1));
    let mut second = attach(&manager, "a");
    assert_eq!(
        received(&mut first),
        [told("a", 1, 1), told("a", 2, 2), told("a", 3, 3)]
    );
    assert_eq!(
        received(&mut second),
        [],
        "the backlog is the first one's alone"
    );
}

#[test]
fn without_a_backlog_nobody_is_pretended_to_listen() {
    let manager = manager(Limits {
        backlog_events: 0,
        ..Limits::default()
    });
    assert_eq!(send(&manager, "a", 1), Outcome::NoReceiver);
    assert_eq!(
        manager.thread_count(),
        0,
        "a thread nobody ever followed is not remembered"
    );
    drop(attach(&manager, "a"));
    assert_eq!(send(&manager, "a", 2), Outcome::NoReceiver);
}

#[test]
fn a_full_backlog_refuses_and_the_gap_is_visible() {
    let manager = manager(Limits {
        backlog_events: 1,
        ..Limits::default()
    });
    assert_eq!(send(&manager, "a", 1), Outcome::Buffered);
    assert_eq!(
        send(&manager, "a", 2),
        Outcome::Dropped(DropReason::BacklogFull)
    );
    let mut first = attach(&manager, "a");
    let _ = send(&manager, "a", 3);
    assert_eq!(received(&mut first), [told("a", 1, 1), told("a", 3, 3)]);
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
fn a_slow_client_is_closed_and_stops_counting() {
    let manager = manager(Limits {
        outbox_events: 2,
        ..Limits::default()
    });
    let mut slow = attach(&manager, "a");
    let mut quick = attach(&manager, "a");
    for number in 1..=2 {
        assert_eq!(send(&manager, "a", number), Outcome::Delivered(2));
    }
    assert_eq!(received(&mut quick).len(), 2);
    assert_eq!(
        send(&manager, "a", 3),
        Outcome::Delivered(1),
        "the slow one is not counted"
    );
    match slow.try_batch(9) {
        Some(Batch::Closed(close)) => assert_eq!(close.code, 1013),
        other => panic!("the slow client must be closed, got {other:?}"),
    }
    assert_eq!(received(&mut quick), [told("a", 3, 3)]);
}

#[test]
fn the_outbox_is_bounded_in_bytes_too() {
    let manager = manager(Limits {
        outbox_bytes: 400,
        slow_client: SlowClient::DropNewest,
        ..Limits::default()
    });
    let mut connection = attach(&manager, "a");
    let mut accepted = 0;
    while send(&manager, "a", 1) == Outcome::Delivered(1) {
        accepted += 1;
        assert!(accepted < 10, "400 bytes cannot hold ten events");
    }
    assert_eq!(
        send(&manager, "a", 1),
        Outcome::Dropped(DropReason::OutboxFull)
    );
    assert_eq!(received(&mut connection).len(), accepted);
    assert_eq!(
        send(&manager, "a", 1),
        Outcome::Delivered(1),
        "it is kept and gets what fits again"
    );
}

#[test]
fn an_event_over_the_limit_is_dropped_by_name() {
    let manager = manager(Limits {
        event_bytes: 300,
        ..Limits::default()
    });
    let mut big = event(1);
    big.payload = json!("x".repeat(300));
    match manager.send_to_thread(&thread("a"), big) {
        Outcome::Dropped(DropReason::TooLarge { bytes, limit: 300 }) => assert!(bytes > 300),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_late_disconnect_cannot_reap_a_successor() {
    let manager = manager(Limits::default());
    let early = attach(&manager, "a");
    let early_id = early.id();
    drop(early);
    let mut successor = attach(&manager, "a");
    assert_ne!(successor.id(), early_id);
    assert_eq!(
        successor.id().slot,
        early_id.slot,
        "the slot is used again, or this test tests nothing"
    );
    manager.detach(early_id);
    assert_eq!(manager.connection_count(), 1);
    assert_eq!(send(&manager, "a", 1), Outcome::Delivered(1));
    assert_eq!(received(&mut successor).len(), 1);
}

#[test]
fn limits_refuse_by_name_and_a_detach_makes_room() {
    let limits = Limits {
        connections: 3,
        connections_per_user: 2,
        threads: 2,
        ..Limits::default()
    };
    let manager = manager(limits);
    let (first, _second) = (attach(&manager, "a"), attach(&manager, "b"));
    assert!(matches!(
        try_attach(&manager, "a"),
        Err(AttachError::TooManyForUser { limit: 2, .. })
    ));
    let other = |name: &str, user: &str| {
        manager.attach(Attach {
            user: UserId::new(user).expect("a user"),
            thread: thread(name),
        })
    };
    assert_eq!(
        other("c", "v").err(),
        Some(AttachError::TooManyThreads { limit: 2 })
    );
    let third = other("a", "v").expect("a third");
    assert_eq!(
        other("a", "w").err(),
        Some(AttachError::TooManyConnections { limit: 3 })
    );
    drop((first, third));
    assert!(other("c", "w").is_ok(), "thread a is idle and makes room");
}

#[test]
fn a_thread_in_use_is_never_forgotten_and_the_longest_idle_goes_first() {
    let manager = manager(Limits {
        threads: 2,
        ..Limits::default()
    });
    let mut used = attach(&manager, "used");
    assert_eq!(send(&manager, "old", 1), Outcome::Buffered);
    assert_eq!(
        send(&manager, "new", 1),
        Outcome::Buffered,
        "`old` is forgotten"
    );
    assert_eq!(send(&manager, "used", 1), Outcome::Delivered(1));
    assert_eq!(received(&mut used).len(), 1);
    let mut old = attach(&manager, "old");
    assert_eq!(
        received(&mut old),
        [],
        "`old` comes back without a past, and now `new` is forgotten"
    );
    assert_eq!(
        try_attach(&manager, "third").err(),
        Some(AttachError::TooManyThreads { limit: 2 })
    );
}

#[test]
fn kept_bytes_are_bounded_over_all_threads() {
    let manager = manager(Limits {
        backlog_total_bytes: 300,
        ..Limits::default()
    });
    for name in ["a", "b", "c", "d"] {
        assert_eq!(send(&manager, name, 1), Outcome::Buffered);
    }
    assert_eq!(
        received(&mut attach(&manager, "a")),
        [],
        "forgotten as the longest idle one"
    );
    assert_eq!(received(&mut attach(&manager, "d")), [told("d", 1, 1)]);
}

#[test]
fn closing_flushes_first_and_is_terminal() {
    let manager = manager(Limits::default());
    let mut connection = attach(&manager, "a");
    let _ = send(&manager, "a", 1);
    manager.close_all(1001, "going away");
    assert_eq!(received(&mut connection), [told("a", 1, 1)]);
    assert_eq!(
        connection.try_batch(1),
        Some(Batch::Closed(Close::new(1001, "going away")))
    );
    assert_eq!(send(&manager, "a", 2), Outcome::Dropped(DropReason::Closed));
    assert_eq!(try_attach(&manager, "a").err(), Some(AttachError::Closed));
    assert_eq!(
        manager.probe(),
        Err(ProbeError::Refused(AttachError::Closed))
    );
}

#[test]
fn a_probe_leaves_nothing_behind_and_needs_no_free_place() {
    let manager = manager(Limits {
        connections: 1,
        threads: 1,
        ..Limits::default()
    });
    let _only = attach(&manager, "a");
    for _ in 0..3 {
        assert_eq!(manager.probe(), Ok(()));
    }
    assert_eq!((manager.connection_count(), manager.thread_count()), (1, 1));
}

struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: std::sync::Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn a_waiting_receiver_is_woken_by_a_send_and_by_a_close() {
    let manager = manager(Limits::default());
    let mut connection = attach(&manager, "a");
    let count = std::sync::Arc::new(Count(AtomicUsize::new(0)));
    let waker = Waker::from(std::sync::Arc::clone(&count));
    let mut context = Context::from_waker(&waker);
    assert_eq!(connection.poll_batch(&mut context, 8), Poll::Pending);
    let _ = send(&manager, "a", 1);
    assert_eq!(count.0.load(Ordering::SeqCst), 1);
    assert!(matches!(
        connection.poll_batch(&mut context, 8),
        Poll::Ready(Batch::Frames(_))
    ));
    assert_eq!(connection.poll_batch(&mut context, 8), Poll::Pending);
    manager.close_all(1001, "bye");
    assert_eq!(count.0.load(Ordering::SeqCst), 2);
    assert!(matches!(
        connection.poll_batch(&mut context, 8),
        Poll::Ready(Batch::Closed(_))
    ));
}

#[test]
fn a_batch_is_no_larger_than_asked_for() {
    let manager = manager(Limits::default());
    let mut connection = attach(&manager, "a");
    for number in 0..5 {
        let _ = send(&manager, "a", number);
    }
    let Some(Batch::Frames(frames)) = connection.try_batch(2) else {
        panic!("five wait")
    };
    assert_eq!(frames.len(), 2);
    assert_eq!(received(&mut connection).len(), 3);
}
