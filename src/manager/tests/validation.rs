//! No consumer can hold an incomplete manager.

use super::*;

#[test]
fn every_subset_of_missing_parts_is_named_and_refused() {
    for subset in 1_u32..16 {
        let missing: Vec<Part> = Part::ALL
            .into_iter()
            .enumerate()
            .filter(|(place, _)| subset & (1 << place) != 0)
            .map(|(_, part)| part)
            .collect();
        let candidate =
            missing.iter().fold(Candidate::complete(Limits::default()), |candidate, part| candidate.without(*part));
        let refusal = candidate.validate().expect_err("a part is missing");
        assert_eq!(refusal.missing, missing);
        for part in &missing {
            assert!(refusal.to_string().contains(&part.to_string()), "{refusal}");
        }
    }
}

#[test]
fn a_dispatcher_through_which_no_event_passes_counts_as_missing() {
    let limits = Limits { outbox_events: 0, ..Limits::default() };
    let refusal = Candidate::complete(limits).validate().expect_err("no event fits");
    assert_eq!(refusal.missing, [Part::SendToThread]);
}

#[test]
fn a_probe_leaves_nothing_behind_and_needs_no_free_place() {
    let manager = manager(Limits { connections: 1, threads: 1, ..Limits::default() });
    let _only = attach(&manager, "a");
    for _ in 0..3 {
        assert_eq!(manager.probe(), Ok(()));
    }
    assert_eq!((manager.connection_count(), manager.thread_count()), (1, 1));
}

#[test]
fn a_probe_under_way_costs_no_client_its_thread() {
    let manager = manager(Limits { threads: 1, ..Limits::default() });
    let who = Attach { user: UserId::loopback(), thread: ThreadId::loopback(99) };
    let _under_way = manager.attach_for(who, Purpose::Loopback).expect("a probe has no limits");
    let _client = try_attach(&manager, "a").expect("the one thread that clients may have");
    assert_eq!(try_attach(&manager, "b").err(), Some(AttachError::TooManyThreads { limit: 1 }));
}

#[test]
fn a_probe_whose_receiver_stays_attached_fails() {
    let manager = manager(Limits::default());
    assert_eq!(manager.probe_and(std::mem::forget), Err(ProbeError::Undetached));
    assert_eq!(manager.probe(), Ok(()));
}

#[test]
fn limits_under_which_nobody_is_served_are_a_part_that_does_not_work() {
    let default = Limits::default;
    let nonsense = [
        (Limits { connections: 0, ..default() }, Part::Connections),
        (Limits { connections_per_user: 0, ..default() }, Part::UserConnections),
        (Limits { threads: 0, ..default() }, Part::RoomMemberships),
        (Limits { event_bytes: 0, ..default() }, Part::SendToThread),
        (Limits { outbox_bytes: 0, ..default() }, Part::SendToThread),
    ];
    for (limits, part) in nonsense {
        let refusal = Candidate::complete(limits).validate().expect_err("nobody could be served");
        assert_eq!(refusal.missing, [part], "{limits:?}");
    }
}
