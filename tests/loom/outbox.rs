//! One connection's outbox: what was accepted is received once and in order, and whoever waits is woken.
//!
//! It is reached as in production, by a [`Connection`] and its [`Replies`]; the manager's table takes no part.
//!
//! [`Replies`]: nevernone_reference::manager::Replies

use std::task::{Context, Waker};

use loom::thread;
use nevernone::loom::{Model, Sometimes};
use nevernone_reference::manager::{Batch, Close, Connection, Limits, Replied, SlowClient};
use nevernone_reference::sync::block_on_poll;

use crate::support::{follow, manager};

pub(crate) const MODELS: &[Model] = &[
    Model::new("outbox/push_against_drain", push_against_drain)
        .claims("what is pushed is received once and in order, and no wake-up is lost")
        .sometimes(&SLEPT)
        .sometimes(&TOOK_BOTH_AT_ONCE),
    Model::new("outbox/push_against_the_latest_waker", push_against_the_latest_waker)
        .claims("a push wakes whoever polled last, not whoever polled first"),
    Model::new("outbox/push_against_close", push_against_close)
        .claims("a push is received before the close, or is refused and never received")
        .sometimes(&PUSHED_IN_TIME)
        .sometimes(&PUSHED_TOO_LATE),
    Model::new("outbox/close_against_wait", close_against_wait)
        .claims("a receiver that waits gets what came before the close, then the close"),
    Model::new("outbox/detach_against_wait", detach_against_wait)
        .claims("a receiver that waits is told that it was detached"),
    Model::new("outbox/full_outbox_disconnects", full_outbox_disconnects)
        .claims("a slow client gets all that was accepted, or is closed and gets nothing of what waited")
        .sometimes(&KEPT_UP)
        .sometimes(&DISCONNECTED),
    Model::new("outbox/oversized_against_wait", oversized_against_wait)
        .claims("a receiver that waits is told that a message too large for it closed its connection"),
    Model::new("outbox/full_outbox_drops", full_outbox_drops)
        .claims("where the newest is dropped, exactly what was accepted is received")
        .sometimes(&DROPPED_NOTHING)
        .sometimes(&DROPPED_THE_NEWEST),
];

static SLEPT: Sometimes = Sometimes::new("the receiver had to wait");
static TOOK_BOTH_AT_ONCE: Sometimes = Sometimes::new("one batch held both");

/// Waits on this thread; a wake-up that is lost is a deadlock, which loom reports.
fn wait(connection: &mut Connection) -> Batch {
    block_on_poll(|context| {
        let poll = connection.poll_batch(context, usize::MAX);
        SLEPT.saw(poll.is_pending());
        poll
    })
}

fn texts(batch: Batch) -> Vec<String> {
    match batch {
        Batch::Frames(frames) => {
            frames.iter().map(|frame| String::from_utf8(frame.bytes().to_vec()).unwrap()).collect()
        }
        Batch::Closed(close) => panic!("closed: {close:?}"),
    }
}

/// Shows: two pushes on one thread, a receiver that sleeps on another, in every order. Not: several senders, whose order
/// the table's lock decides (see `senders_are_numbered`).
fn push_against_drain() {
    let mut connection = follow(&manager(Limits::default()));
    let replies = connection.replies();
    let sender = thread::spawn(move || ["1", "2"].map(|text| replies.send(text.to_owned())));
    let mut received = texts(wait(&mut connection));
    TOOK_BOTH_AT_ONCE.saw(received.len() == 2);
    if received.len() < 2 {
        received.extend(texts(wait(&mut connection)));
    }
    assert_eq!(received, ["1", "2"]);
    assert_eq!(sender.join().unwrap(), [Replied::Queued; 2]);
    assert_eq!(connection.try_batch(1), None);
}

/// Shows: a receiver that was polled by another task before is woken where it is now. Not: two receivers at one time,
/// which `&mut` rules out.
fn push_against_the_latest_waker() {
    let mut connection = follow(&manager(Limits::default()));
    let replies = connection.replies();
    let former = connection.poll_batch(&mut Context::from_waker(Waker::noop()), 1);
    assert!(former.is_pending());
    let sender = thread::spawn(move || replies.send("1".to_owned()));
    assert_eq!(texts(wait(&mut connection)), ["1"]);
    assert_eq!(sender.join().unwrap(), Replied::Queued);
}

static PUSHED_IN_TIME: Sometimes = Sometimes::new("the push came before the close");
static PUSHED_TOO_LATE: Sometimes = Sometimes::new("the push came after the close");

/// Shows, with three threads: what the sender is told is what the receiver gets, who stops at the close. Not: several pushes
/// beside it, which the lock makes a row of single ones.
fn push_against_close() {
    let mut connection = follow(&manager(Limits::default()));
    let (replies, closing) = (connection.replies(), connection.replies());
    let sender = thread::spawn(move || replies.send("1".to_owned()));
    let closer = thread::spawn(move || closing.close(Close::new(1000, "done")));
    let mut received = Vec::new();
    let close = loop {
        match wait(&mut connection) {
            Batch::Closed(close) => break close,
            batch @ Batch::Frames(_) => received.extend(texts(batch)),
        }
    };
    closer.join().unwrap();
    let replied = sender.join().unwrap();
    PUSHED_IN_TIME.saw(replied == Replied::Queued);
    PUSHED_TOO_LATE.saw(replied == Replied::Closed);
    assert_eq!(close, Close::new(1000, "done"));
    assert_eq!(received, ["1"][..usize::from(replied == Replied::Queued)]);
}

/// Shows: a push and a close behind it, each of which may find the receiver asleep. Not: two closes at one time, of which
/// either may win.
fn close_against_wait() {
    let mut connection = follow(&manager(Limits::default()));
    let replies = connection.replies();
    let closer = thread::spawn(move || {
        let replied = replies.send("1".to_owned());
        replies.close(Close::new(1000, "done"));
        replies.close(Close::new(1011, "too late"));
        assert_eq!(replies.send("2".to_owned()), Replied::Closed);
        replied
    });
    assert_eq!(texts(wait(&mut connection)), ["1"]);
    assert_eq!(wait(&mut connection), Batch::Closed(Close::new(1000, "done")));
    assert_eq!(closer.join().unwrap(), Replied::Queued);
}

/// Shows: the receiving end of a connection that somebody else detaches does not sleep on. Not: what becomes of events
/// that wait then (see `detach_against_send`).
fn detach_against_wait() {
    let manager = manager(Limits::default());
    let mut connection = follow(&manager);
    let id = connection.id();
    let detacher = thread::spawn(move || manager.detach(id));
    assert_eq!(wait(&mut connection), Batch::Closed(Close::new(1001, "detached")));
    detacher.join().unwrap();
}

static KEPT_UP: Sometimes = Sometimes::new("the client kept up");
static DISCONNECTED: Sometimes = Sometimes::new("the client was too slow");

/// Shows: the bound on events, with the policy that disconnects. Not: the bound on bytes, which is the same comparison.
fn full_outbox_disconnects() {
    let limits = Limits { outbox_events: 1, slow_client: SlowClient::Disconnect { code: 1013 }, ..Limits::default() };
    let mut connection = follow(&manager(limits));
    let replies = connection.replies();
    let sender = thread::spawn(move || ["1", "2"].map(|text| replies.send(text.to_owned())));
    let first = wait(&mut connection);
    let disconnected = matches!(first, Batch::Closed(_));
    if disconnected {
        assert!(matches!(&first, Batch::Closed(close) if close.code == 1013));
        assert_eq!(wait(&mut connection), first);
    } else {
        assert_eq!(texts(first), ["1"]);
        assert_eq!(texts(wait(&mut connection)), ["2"]);
    }
    KEPT_UP.saw(!disconnected);
    DISCONNECTED.saw(disconnected);
    let second = if disconnected { Replied::OutboxFull } else { Replied::Queued };
    assert_eq!(sender.join().unwrap(), [Replied::Queued, second]);
}

/// Shows: the one way in which an empty outbox is full, which is also the one in which a full one has somebody asleep. Not:
/// events, which are compared with the same bound.
fn oversized_against_wait() {
    let limits = Limits { outbox_bytes: 512, slow_client: SlowClient::Disconnect { code: 1013 }, ..Limits::default() };
    let mut connection = follow(&manager(limits));
    let replies = connection.replies();
    let sender = thread::spawn(move || replies.send("1".repeat(513)));
    assert!(matches!(wait(&mut connection), Batch::Closed(close) if close.code == 1013));
    assert_eq!(sender.join().unwrap(), Replied::OutboxFull);
}

static DROPPED_NOTHING: Sometimes = Sometimes::new("the receiver made room in time");
static DROPPED_THE_NEWEST: Sometimes = Sometimes::new("the second one was dropped");

/// Shows: the bound on events, with the policy that drops. Not: the gap by which a client sees it, which is `seq`'s.
fn full_outbox_drops() {
    let limits = Limits { outbox_events: 1, slow_client: SlowClient::DropNewest, ..Limits::default() };
    let mut connection = follow(&manager(limits));
    let replies = connection.replies();
    let sender = thread::spawn(move || ["1", "2"].map(|text| replies.send(text.to_owned())));
    let mut received: Vec<_> = connection.try_batch(2).map(texts).unwrap_or_default();
    let replied = sender.join().unwrap();
    received.extend(connection.try_batch(2).map(texts).unwrap_or_default());
    let accepted = replied.iter().filter(|replied| **replied == Replied::Queued).count();
    DROPPED_NOTHING.saw(accepted == 2);
    DROPPED_THE_NEWEST.saw(accepted == 1);
    assert_eq!(received, ["1", "2"][..accepted]);
    assert!(replied[0] == Replied::Queued && replied[1] != Replied::Closed);
}
