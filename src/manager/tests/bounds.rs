//! Nothing grows without a bound, and what a bound costs is told.

use super::*;

#[test]
fn without_a_backlog_nobody_is_pretended_to_listen() {
    let manager = manager(Limits { backlog_events: 0, ..Limits::default() });
    assert_eq!(send(&manager, "a", 1), Outcome::NoReceiver);
    assert_eq!(manager.thread_count(), 0, "a thread nobody ever followed is not remembered");
    drop(attach(&manager, "a"));
    assert_eq!(send(&manager, "a", 2), Outcome::NoReceiver);
}

#[test]
fn a_full_backlog_refuses_and_the_gap_is_visible() {
    let manager = manager(Limits { backlog_events: 1, ..Limits::default() });
    assert_eq!(send(&manager, "a", 1), Outcome::Buffered);
    assert_eq!(send(&manager, "a", 2), Outcome::Dropped(DropReason::BacklogFull));
    let mut first = attach(&manager, "a");
    let _ = send(&manager, "a", 3);
    assert_eq!(received(&mut first), [told("a", 1, 1), told("a", 3, 3)]);
}

#[test]
fn a_slow_client_is_closed_and_stops_counting() {
    let manager = manager(Limits { outbox_events: 2, ..Limits::default() });
    let mut slow = attach(&manager, "a");
    let mut quick = attach(&manager, "a");
    for number in 1..=2 {
        assert_eq!(send(&manager, "a", number), Outcome::Delivered(2));
    }
    assert_eq!(received(&mut quick).len(), 2);
    assert_eq!(send(&manager, "a", 3), Outcome::Delivered(1), "the slow one is not counted");
    match slow.try_batch(9) {
        Some(Batch::Closed(close)) => assert_eq!(close.code, 1013),
        other => panic!("the slow client must be closed, got {other:?}"),
    }
    assert_eq!(received(&mut quick), [told("a", 3, 3)]);
}

#[test]
fn the_outbox_is_bounded_in_bytes_too() {
    let manager = manager(Limits { outbox_bytes: 400, slow_client: SlowClient::DropNewest, ..Limits::default() });
    let mut connection = attach(&manager, "a");
    let mut accepted = 0;
    while send(&manager, "a", 1) == Outcome::Delivered(1) {
        accepted += 1;
        assert!(accepted < 10, "400 bytes cannot hold ten events");
    }
    assert_eq!(send(&manager, "a", 1), Outcome::Dropped(DropReason::OutboxFull));
    assert_eq!(received(&mut connection).len(), accepted);
    assert_eq!(send(&manager, "a", 1), Outcome::Delivered(1), "it is kept and gets what fits again");
}

#[test]
fn an_event_over_the_limit_is_dropped_by_name() {
    let manager = manager(Limits { event_bytes: 300, ..Limits::default() });
    let mut big = event(1);
    big.payload = json!("x".repeat(300));
    match manager.send_to_thread(&thread("a"), big) {
        Outcome::Dropped(DropReason::TooLarge { bytes, limit: 300 }) => assert!(bytes > 300),
        other => panic!("{other:?}"),
    }
}

#[test]
fn limits_refuse_by_name_and_a_detach_makes_room() {
    let limits = Limits { connections: 3, connections_per_user: 2, threads: 2, ..Limits::default() };
    let manager = manager(limits);
    let (first, _second) = (attach(&manager, "a"), attach(&manager, "b"));
    assert!(matches!(try_attach(&manager, "a"), Err(AttachError::TooManyForUser { limit: 2, .. })));
    let other = |name: &str, user: &str| {
        manager.attach(Attach { user: UserId::new(user).expect("a user"), thread: thread(name) })
    };
    assert_eq!(other("c", "v").err(), Some(AttachError::TooManyThreads { limit: 2 }));
    let third = other("a", "v").expect("a third");
    assert_eq!(other("a", "w").err(), Some(AttachError::TooManyConnections { limit: 3 }));
    drop((first, third));
    assert!(other("c", "w").is_ok(), "thread a is idle and makes room");
}

#[test]
fn a_thread_in_use_is_never_forgotten_and_the_longest_idle_goes_first() {
    let manager = manager(Limits { threads: 2, ..Limits::default() });
    let mut used = attach(&manager, "used");
    assert_eq!(send(&manager, "old", 1), Outcome::Buffered);
    assert_eq!(send(&manager, "new", 1), Outcome::Buffered, "`old` is forgotten");
    assert_eq!(send(&manager, "used", 1), Outcome::Delivered(1));
    assert_eq!(received(&mut used).len(), 1);
    let mut old = attach(&manager, "old");
    assert_eq!(received(&mut old), [], "`old` comes back without a past, and now `new` is forgotten");
    assert_eq!(try_attach(&manager, "third").err(), Some(AttachError::TooManyThreads { limit: 2 }));
}

#[test]
fn kept_bytes_are_bounded_over_all_threads() {
    let manager = manager(Limits { backlog_total_bytes: 300, ..Limits::default() });
    for name in ["a", "b", "c", "d"] {
        assert_eq!(send(&manager, name, 1), Outcome::Buffered);
    }
    assert_eq!(received(&mut attach(&manager, "a")), [], "forgotten as the longest idle one");
    assert_eq!(received(&mut attach(&manager, "d")), [told("d", 1, 1)]);
}

#[test]
fn no_thread_is_forgotten_for_an_event_that_is_refused() {
    // Room for two events and a bit.
    let manager = manager(Limits { backlog_events: 1, backlog_total_bytes: 300, ..Limits::default() });
    assert_eq!(send(&manager, "a", 1), Outcome::Buffered);
    assert_eq!(send(&manager, "b", 1), Outcome::Buffered);
    assert_eq!(send(&manager, "b", 2), Outcome::Dropped(DropReason::BacklogFull));
    assert_eq!(received(&mut attach(&manager, "a")), [told("a", 1, 1)]);
}

/// A slow client, closed by the manager, that has yet to leave: as long as its writer takes.
fn closed_but_attached(manager: &ManagerHandle, name: &str) -> Connection {
    let slow = attach(manager, name);
    assert_eq!(send(manager, name, 1), Outcome::Delivered(1));
    assert_eq!(send(manager, name, 2), Outcome::Buffered, "the second does not fit, and closes it");
    slow
}

#[test]
fn what_is_kept_behind_a_closed_client_is_forgotten_like_everything_else() {
    // Room for two events and a bit.
    let limits = Limits { outbox_events: 1, backlog_total_bytes: 300, ..Limits::default() };
    let manager = manager(limits);
    let slow = closed_but_attached(&manager, "a");
    for name in ["b", "c", "d"] {
        assert_eq!(send(&manager, name, 1), Outcome::Buffered, "`{name}` needs room, and `a` is the longest idle");
    }
    drop(slow);
    assert_eq!(received(&mut attach(&manager, "a")), [], "it was forgotten, with its numbering");
    assert_eq!(received(&mut attach(&manager, "d")), [told("d", 1, 1)]);
}

#[test]
fn a_closed_client_keeps_no_thread_from_being_forgotten() {
    let manager = manager(Limits { outbox_events: 1, threads: 1, ..Limits::default() });
    let mut slow = closed_but_attached(&manager, "a");
    let mut other = try_attach(&manager, "b").expect("nobody uses `a` any more");
    assert_eq!(send(&manager, "b", 1), Outcome::Delivered(1));
    assert!(matches!(slow.try_batch(9), Some(Batch::Closed(_))));
    drop(slow);
    assert_eq!(manager.connection_count(), 1);
    assert_eq!(received(&mut other), [told("b", 1, 1)]);
}
