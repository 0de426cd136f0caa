//! What creating a manager, attaching to it and sending through it can fail with.

use nevernone_reference::{
    event::{IdError, UserId},
    manager::{
        AttachError, Budget, CreateError, DropReason, Exhausted, Incomplete, ManagerError, Outcome, Part, ProbeError,
    },
};

#[test]
fn of_a_creation() {
    let io = std::io::Error::other("too many open files");
    insta::assert_snapshot!(texts_of!(CreateError {
        CreateError::Failed { .. } => CreateError::because("no socket could be opened, raise the limit of files", io),
        CreateError::Cancelled => CreateError::Cancelled,
    }), @r"
    CreateError::Failed { .. }: no socket could be opened, raise the limit of files
    CreateError::Cancelled: the creation was cancelled from elsewhere, probably by a shutdown; try again once that is over
    ");
    insta::assert_snapshot!(texts_of!(ManagerError {
        ManagerError::Nothing => ManagerError::Nothing,
        ManagerError::Incomplete(_) => Incomplete { missing: vec![Part::SendToThread] }.into(),
        ManagerError::Failed(_) => CreateError::new("no socket could be opened, raise the limit of files").into(),
        ManagerError::Panicked(_) => ManagerError::Panicked("index out of bounds".to_owned()),
        ManagerError::Cancelled => CreateError::Cancelled.into(),
        ManagerError::Reentered => ManagerError::Reentered,
        ManagerError::Retired => ManagerError::Retired,
    }), @r"
    ManagerError::Nothing: the factory returned None in place of a WebSocket manager; check that it is wired to real parts
    ManagerError::Incomplete(_): the WebSocket manager is incomplete: missing send_to_thread; its factory must supply every part, with limits above zero
    ManagerError::Failed(_): the WebSocket manager could not be created: no socket could be opened, raise the limit of files
    ManagerError::Panicked(_): the factory of the WebSocket manager panicked: index out of bounds; this is a bug in the factory
    ManagerError::Cancelled: the creation of the WebSocket manager was cancelled; another call starts it afresh
    ManagerError::Reentered: the factory asked for the WebSocket manager that it is making; give it what it needs directly
    ManagerError::Retired: the WebSocket manager was retired at shutdown; a new start makes a new one
    ");
    insta::assert_snapshot!(texts_of!(Incomplete {
        Incomplete { .. } => Incomplete { missing: Part::ALL.to_vec() },
    }), @"Incomplete { .. }: the WebSocket manager is incomplete: missing connections, user_connections, room_memberships, send_to_thread; its factory must supply every part, with limits above zero");
}

#[test]
fn of_a_connection() {
    let user = UserId::new("u1").unwrap();
    insta::assert_snapshot!(texts_of!(AttachError {
        AttachError::Closed => AttachError::Closed,
        AttachError::TooManyConnections { .. } => AttachError::TooManyConnections { limit: 10_000 },
        AttachError::TooManyForUser { .. } => AttachError::TooManyForUser { user, limit: 64 },
        AttachError::TooManyThreads { .. } => AttachError::TooManyThreads { limit: 20_000 },
    }), @r"
    AttachError::Closed: the service is shutting down; connect again later
    AttachError::TooManyConnections { .. }: all 10000 connections of this service are in use; connect again later
    AttachError::TooManyForUser { .. }: user u1 has all 64 connections that one user may have; close one first
    AttachError::TooManyThreads { .. }: 20000 threads are in use; connect again later
    ");
    insta::assert_snapshot!(texts_of!(IdError {
        IdError::Empty { .. } => UserId::new("").unwrap_err(),
        IdError::TooLong { .. } => UserId::new("x".repeat(129)).unwrap_err(),
        IdError::Control { .. } => UserId::new("\n").unwrap_err(),
    }), @r"
    IdError::Empty { .. }: the user is empty; give at least one character
    IdError::TooLong { .. }: the user has 129 bytes; give at most 128
    IdError::Control { .. }: the user holds a control character; give printable text
    ");
}

#[test]
fn of_an_event() {
    insta::assert_snapshot!(texts_of!(DropReason {
        DropReason::Closed => DropReason::Closed,
        DropReason::TooLarge { .. } => DropReason::TooLarge { bytes: 300_000, limit: 262_144 },
        DropReason::TooManyThreads { .. } => DropReason::TooManyThreads { limit: 20_000 },
        DropReason::BacklogFull => DropReason::BacklogFull,
        DropReason::OutboxFull => DropReason::OutboxFull,
        DropReason::Unserialisable(_) => DropReason::Unserialisable("key must be a string".to_owned()),
    }), @r"
    DropReason::Closed: the manager is closed, probably by a stop; a new start makes a new one
    DropReason::TooLarge { .. }: the event has 300000 bytes, the limit is 262144; send less in one event
    DropReason::TooManyThreads { .. }: 20000 threads are in use; close some connections or raise the limit
    DropReason::BacklogFull: nobody follows the thread and its backlog is full; attach a connection or raise the limit
    DropReason::OutboxFull: no connection of the thread keeps up; its events are dropped until it reads again
    DropReason::Unserialisable(_): the event cannot be told in JSON: key must be a string; send another payload
    ");
    insta::assert_snapshot!(texts_of!(Outcome {
        Outcome::Delivered(_) => Outcome::Delivered(2),
        Outcome::Buffered => Outcome::Buffered,
        Outcome::NoReceiver => Outcome::NoReceiver,
        Outcome::Dropped(_) => Outcome::Dropped(DropReason::OutboxFull),
    }), @r"
    Outcome::Delivered(_): it was handed to 2 connections
    Outcome::Buffered: it was kept for whoever follows the thread next
    Outcome::NoReceiver: nobody follows the thread, and nothing is kept
    Outcome::Dropped(_): no connection of the thread keeps up; its events are dropped until it reads again
    ");
    assert_eq!(Outcome::Delivered(1).to_string(), "it was handed to 1 connection");
}

#[test]
fn of_a_self_test() {
    insta::assert_snapshot!(texts_of!(ProbeError {
        ProbeError::Refused(_) => AttachError::Closed.into(),
        ProbeError::Undelivered(_) => ProbeError::Undelivered(Outcome::Buffered),
        ProbeError::Unreceived => ProbeError::Unreceived,
        ProbeError::Undetached => ProbeError::Undetached,
    }), @r"
    ProbeError::Refused(_): the self-test's own receiver was refused: the service is shutting down; connect again later
    ProbeError::Undelivered(_): the self-test's event was not delivered: it was kept for whoever follows the thread next; check the limits of outbox and event
    ProbeError::Unreceived: the self-test's receiver did not get the event that was sent: the manager confuses its connections or its numbers; start the platform again, and report it if that does not help
    ProbeError::Undetached: the self-test's receiver left and is still attached: connections that end are not given back, so that every limit fills up; start the platform again, and report it if that does not help
    ");
}

#[test]
fn of_a_budget() {
    let budget = Budget::new(2);
    let _taken = budget.reserve(1).unwrap();
    insta::assert_snapshot!(texts_of!(Exhausted {
        Exhausted { .. } => budget.reserve(2).unwrap_err(),
    }), @"Exhausted { .. }: 2 places are needed and 1 of 2 are free: wait until a manager is gone, or raise the budget");
}
