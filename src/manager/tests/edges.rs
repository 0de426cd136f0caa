//! What fits exactly fits, and one byte more does not; what was given back can be had again.

use super::*;

/// The frames of that many events, which are all of one size.
fn frames(count: u64) -> Vec<crate::event::Frame> {
    let manager = manager(Limits::default());
    let mut connection = attach(&manager, "a");
    for number in 1..=count {
        assert_eq!(send(&manager, "a", number), Outcome::Delivered(1));
    }
    match connection.try_batch(usize::MAX) {
        Some(Batch::Frames(frames)) => frames,
        other => panic!("{other:?}"),
    }
}

fn size() -> usize {
    let frames = frames(3);
    assert!(frames.iter().all(|frame| frame.len() == frames[0].len() && !frame.is_empty()));
    frames[0].len()
}

/// What a follower of the thread finds after three events that nobody followed.
fn kept(limits: Limits) -> Vec<(String, u64, u64)> {
    let manager = manager(limits);
    for number in 1..=3 {
        let _ = send(&manager, "a", number);
    }
    received(&mut attach(&manager, "a"))
}

/// The same after three events that a follower had and left without reading.
fn given_back(limits: Limits) -> Vec<(String, u64, u64)> {
    let manager = manager(limits);
    let left = attach(&manager, "a");
    for number in 1..=3 {
        assert_eq!(send(&manager, "a", number), Outcome::Delivered(1));
    }
    drop(left);
    received(&mut attach(&manager, "a"))
}

#[test]
fn a_backlog_holds_events_up_to_its_bound_in_bytes() {
    let within = |bytes| Limits { backlog_bytes: bytes, ..Limits::default() };
    assert_eq!(kept(within(2 * size())), [told("a", 1, 1), told("a", 2, 2)]);
    assert_eq!(kept(within(2 * size() - 1)), [told("a", 1, 1)]);
}

#[test]
fn what_a_leaver_did_not_read_is_kept_up_to_each_bound_the_newest_of_it() {
    let (both, newest) = ([told("a", 2, 2), told("a", 3, 3)], [told("a", 3, 3)]);
    let thread = |bytes| Limits { backlog_bytes: bytes, ..Limits::default() };
    assert_eq!(given_back(thread(2 * size())), both);
    assert_eq!(given_back(thread(2 * size() - 1)), newest);
    let total = |bytes| Limits { backlog_total_bytes: bytes, ..Limits::default() };
    assert_eq!(given_back(total(2 * size())), both);
    assert_eq!(given_back(total(2 * size() - 1)), newest);
    let events = |events| Limits { backlog_events: events, ..Limits::default() };
    assert_eq!(given_back(events(2)), both);
}

#[test]
fn the_bytes_of_all_threads_are_free_again_once_they_were_handed_over() {
    let manager = manager(Limits { backlog_total_bytes: 2 * size(), ..Limits::default() });
    for name in ["a", "b"] {
        assert_eq!(send(&manager, name, 1), Outcome::Buffered);
    }
    let mut follower = attach(&manager, "a");
    assert_eq!(received(&mut follower), [told("a", 1, 1)], "both fitted");
    assert_eq!(send(&manager, "c", 1), Outcome::Buffered);
    assert_eq!(received(&mut attach(&manager, "b")), [told("b", 1, 1)], "and nobody was forgotten for the third");
}

#[test]
fn an_outbox_has_room_again_for_exactly_what_was_taken_from_it() {
    let limits = Limits { outbox_bytes: 3 * size(), slow_client: SlowClient::DropNewest, ..Limits::default() };
    let manager = manager(limits);
    let mut connection = attach(&manager, "a");
    for number in 1..=3 {
        assert_eq!(send(&manager, "a", number), Outcome::Delivered(1));
    }
    let full = Outcome::Dropped(DropReason::OutboxFull);
    assert_eq!(send(&manager, "a", 4), full);
    assert!(matches!(connection.try_batch(1), Some(Batch::Frames(frames)) if frames.len() == 1));
    assert_eq!(send(&manager, "a", 5), Outcome::Delivered(1));
    assert_eq!(send(&manager, "a", 6), full);
}

#[test]
fn an_event_of_exactly_the_limit_passes() {
    let manager = |bytes| manager(Limits { event_bytes: bytes, ..Limits::default() });
    let mut long = event(1);
    long.payload = json!("x".repeat(1_000));
    let send = |bytes| manager(bytes).send_to_thread(&thread("a"), long.clone());
    let Outcome::Dropped(DropReason::TooLarge { bytes, limit: 999 }) = send(999) else {
        panic!("a thousand signs in 999 bytes");
    };
    assert_eq!(send(bytes - 1), Outcome::Dropped(DropReason::TooLarge { bytes, limit: bytes - 1 }));
    assert_eq!(send(bytes), Outcome::Buffered);
}

#[test]
fn a_user_who_leaves_has_exactly_that_place_again() {
    let manager = manager(Limits { connections_per_user: 2, ..Limits::default() });
    let (first, _second) = (attach(&manager, "a"), attach(&manager, "a"));
    drop(first);
    let _third = attach(&manager, "a");
    let refused = try_attach(&manager, "a").err().expect("both places are taken");
    assert_eq!(refused.code(), "too_many_connections_of_user");
}

#[test]
fn nobody_and_nothing_is_counted_as_none() {
    let manager = manager(Limits::default());
    let is_empty = || {
        let table = manager.0.lock();
        (table.connections.is_empty(), table.room_memberships.is_empty())
    };
    assert_eq!(is_empty(), (true, true));
    let _connection = attach(&manager, "a");
    assert_eq!(is_empty(), (false, false));
    assert!(crate::event::Frame::reply(String::new()).is_empty());
}

#[test]
fn the_process_has_one_cell() {
    assert!(std::ptr::eq(process_wide(), process_wide()));
}
