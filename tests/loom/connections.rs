//! The table of connections: nothing sent is lost, doubled or reordered, whoever comes and goes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use loom::thread;
use nevernone::loom::{Model, Sometimes};
use nevernone_reference::manager::{AttachError, Batch, Limits, Outcome};

use crate::support::{block_on, follow, manager, numbers, send, try_follow};

pub(crate) const MODELS: &[Model] = &[
    Model::new("connections/attach_against_send", attach_against_send)
        .claims("who attaches while events are sent gets all of them, in order, once")
        .sometimes(&ALL_WERE_KEPT)
        .sometimes(&SOME_WERE_KEPT)
        .sometimes(&NONE_WERE_KEPT),
    Model::new("connections/detach_against_send", detach_against_send)
        .claims("what a leaver did not receive waits for the next one, in order, with nothing lost or twice")
        .sometimes(&GIVEN_BACK)
        .sometimes(&SENT_TO_NOBODY),
    Model::new("connections/late_detach_against_reconnect", late_detach_against_reconnect)
        .claims("a late disconnect of a former connection cannot reap its successor in the same slot")
        .sometimes(&LATE_FOR_NOBODY)
        .sometimes(&LATE_FOR_THE_SUCCESSOR),
    Model::new("connections/close_all_against_attach", close_all_against_attach)
        .claims("who attaches while all are closed is refused or is told, and nobody stays on")
        .sometimes(&REFUSED)
        .sometimes(&CLOSED_WITH_THE_REST),
    Model::new("connections/send_against_wait", send_against_wait)
        .claims("a receiver that waits for an event of its thread is woken by it"),
    Model::new("connections/attach_against_the_limit", attach_against_the_limit)
        .claims("of two that want the last place exactly one gets it"),
    Model::new("connections/senders_are_numbered", senders_are_numbered)
        .claims("two senders' events have two numbers, and arrive in their order")
        .sometimes(&MINE_FIRST)
        .sometimes(&THEIRS_FIRST),
];

static ALL_WERE_KEPT: Sometimes = Sometimes::new("both events came before the connection");
static SOME_WERE_KEPT: Sometimes = Sometimes::new("the connection came between the events");
static NONE_WERE_KEPT: Sometimes = Sometimes::new("both events came after the connection");

/// Shows: the step from the backlog to the outbox has no gap. Not: a backlog that overflows.
fn attach_against_send() {
    let manager = manager(Limits::default());
    let sender = {
        let manager = manager.clone();
        thread::spawn(move || [1, 2].map(|number| send(&manager, number)))
    };
    let mut connection = follow(&manager);
    let outcomes = sender.join().unwrap();
    ALL_WERE_KEPT.saw(outcomes == [Outcome::Buffered, Outcome::Buffered]);
    SOME_WERE_KEPT.saw(outcomes == [Outcome::Buffered, Outcome::Delivered(1)]);
    NONE_WERE_KEPT.saw(outcomes == [Outcome::Delivered(1), Outcome::Delivered(1)]);
    assert_ne!(outcomes, [Outcome::Delivered(1), Outcome::Buffered]);
    assert_eq!(numbers(&mut connection), [(1, 1), (2, 2)]);
}

static GIVEN_BACK: Sometimes = Sometimes::new("an event was in the outbox of the leaver");
static SENT_TO_NOBODY: Sometimes = Sometimes::new("an event was sent after it left");

/// Shows: the step from the outbox back to the backlog has no gap either. Not: a leaver beside others who stay, who have
/// what it did not receive.
fn detach_against_send() {
    let manager = manager(Limits::default());
    let leaver = follow(&manager);
    let leaving = thread::spawn(move || drop(leaver));
    let outcomes = [1, 2].map(|number| send(&manager, number));
    leaving.join().unwrap();
    GIVEN_BACK.saw(outcomes.contains(&Outcome::Delivered(1)));
    SENT_TO_NOBODY.saw(outcomes.contains(&Outcome::Buffered));
    let mut next = follow(&manager);
    assert_eq!(numbers(&mut next), [(1, 1), (2, 2)]);
    assert_eq!(manager.connection_count(), 1);
}

static LATE_FOR_NOBODY: Sometimes = Sometimes::new("the late disconnect came before the successor");
static LATE_FOR_THE_SUCCESSOR: Sometimes = Sometimes::new("the late disconnect met the successor in its slot");

/// Shows, with three threads: ids outlive their slots without harm, and events of that time reach the successor once, in
/// order. Not: 2^64 generations of one slot.
fn late_detach_against_reconnect() {
    let manager = manager(Limits::default());
    let former = follow(&manager);
    let id = former.id();
    // Std's: it only tells what happened, loom does not see it.
    let reconnected = Arc::new(AtomicBool::new(false));
    let late = {
        let (manager, reconnected) = (manager.clone(), Arc::clone(&reconnected));
        thread::spawn(move || {
            let met = reconnected.load(Ordering::Relaxed);
            manager.detach(id);
            met
        })
    };
    let sender = {
        let manager = manager.clone();
        thread::spawn(move || [1, 2].map(|number| send(&manager, number)))
    };
    drop(former);
    let mut successor = follow(&manager);
    reconnected.store(true, Ordering::Relaxed);
    assert_eq!(successor.id().generation(), id.generation() + 1, "it has the same slot");
    let met = late.join().unwrap();
    LATE_FOR_NOBODY.saw(!met);
    LATE_FOR_THE_SUCCESSOR.saw(met);
    let outcomes = sender.join().unwrap();
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Delivered(1) | Outcome::Buffered)));
    assert_eq!(manager.connection_count(), 1);
    assert_eq!(send(&manager, 3), Outcome::Delivered(1));
    assert_eq!(numbers(&mut successor), [(1, 1), (2, 2), (3, 3)]);
}

static REFUSED: Sometimes = Sometimes::new("it was refused");
static CLOSED_WITH_THE_REST: Sometimes = Sometimes::new("it was closed as those before it");

/// Shows: nobody is attached to a closed manager without knowing it. Not: what a client that is told makes of it.
fn close_all_against_attach() {
    let manager = manager(Limits::default());
    let mut earlier = follow(&manager);
    let closer = {
        let manager = manager.clone();
        thread::spawn(move || manager.close_all(1001, "over"))
    };
    let attached = try_follow(&manager);
    closer.join().unwrap();
    REFUSED.saw(attached.is_err());
    CLOSED_WITH_THE_REST.saw(attached.is_ok());
    let closed = |batch| matches!(batch, Some(Batch::Closed(close)) if close.code == 1001);
    match attached {
        Ok(mut connection) => assert!(closed(connection.try_batch(1))),
        Err(error) => assert_eq!(error, AttachError::Closed),
    }
    assert!(closed(earlier.try_batch(1)));
    assert!(matches!(send(&manager, 1), Outcome::Dropped(_)));
}

/// Shows: the wake-up survives its way out of two locks. Not: a receiver that comes and goes.
fn send_against_wait() {
    let manager = manager(Limits::default());
    let mut connection = follow(&manager);
    let sender = thread::spawn(move || send(&manager, 1));
    assert!(matches!(block_on(connection.next_batch(1)), Batch::Frames(frames) if frames.len() == 1));
    assert_eq!(sender.join().unwrap(), Outcome::Delivered(1));
}

/// Shows: the limit is checked and taken in one step. Not: the limits per user and on threads, which stand beside it in the
/// same step.
fn attach_against_the_limit() {
    let manager = manager(Limits { connections: 1, ..Limits::default() });
    let other = {
        let manager = manager.clone();
        thread::spawn(move || try_follow(&manager))
    };
    let attached = [try_follow(&manager), other.join().unwrap()];
    let refused = attached.iter().filter_map(|attached| attached.as_ref().err()).collect::<Vec<_>>();
    assert_eq!(refused, [&AttachError::TooManyConnections { limit: 1 }]);
    assert_eq!(manager.connection_count(), 1);
}

static MINE_FIRST: Sometimes = Sometimes::new("the first thread's event came first");
static THEIRS_FIRST: Sometimes = Sometimes::new("the other thread's event came first");

/// Shows: numbering and delivery are one step for all who follow the thread. Not: an order between senders, which only they
/// can make.
fn senders_are_numbered() {
    let manager = manager(Limits::default());
    let mut followers = [follow(&manager), follow(&manager)];
    let other = {
        let manager = manager.clone();
        thread::spawn(move || send(&manager, 2))
    };
    assert_eq!(send(&manager, 1), Outcome::Delivered(2));
    assert_eq!(other.join().unwrap(), Outcome::Delivered(2));
    let received = followers.each_mut().map(numbers);
    let mine_first = received[0] == [(1, 1), (2, 2)];
    MINE_FIRST.saw(mine_first);
    THEIRS_FIRST.saw(!mine_first);
    assert!(mine_first || received[0] == [(1, 2), (2, 1)], "{received:?}");
    assert_eq!(received[0], received[1]);
}
