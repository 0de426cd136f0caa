//! What creating a manager, attaching to it and sending through it can fail with.

use nevernone_reference::{
    event::{IdError, UserId},
    manager::{AttachError, CreateError, DropReason, Incomplete, ManagerError, Outcome, Part, ProbeError},
};

#[test]
fn of_a_creation() {
    let io = std::io::Error::other("too many open files");
    insta::assert_snapshot!(texts_of!(CreateError {
        CreateError::Failed { .. } => CreateError::because("no socket could be opened, raise the limit of files", io),
        CreateError::Cancelled => CreateError::Cancelled,
    }), @r"
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
    ");
    insta::assert_snapshot!(texts_of!(Incomplete {
        Incomplete { .. } => Incomplete { missing: Part::ALL.to_vec() },
    }), @r"
    ");
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
    ");
    insta::assert_snapshot!(texts_of!(IdError {
        IdError::Empty { .. } => UserId::new("").unwrap_err(),
        IdError::TooLong { .. } => UserId::new("x".repeat(129)).unwrap_err(),
        IdError::Control { .. } => UserId::new("\n").unwrap_err(),
    }), @r"
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
    ");
    insta::assert_snapshot!(texts_of!(Outcome {
        Outcome::Delivered(_) => Outcome::Delivered(2),
        Outcome::Buffered => Outcome::Buffered,
        Outcome::NoReceiver => Outcome::NoReceiver,
        Outcome::Dropped(_) => Outcome::Dropped(DropReason::OutboxFull),
    }), @r"
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
    ");
}
