//! Everything that one creation can come to, and the one right error for each.

use std::time::Duration;

use nevernone_reference::manager::{CreateError, Exhausted, ManagerError, Part};

use crate::support::{Outcome, PLANNED};

/// How many attempts each layer makes.
pub(crate) const ATTEMPTS: usize = 3;

/// How long a layer with a deadline lets an attempt take.
pub(super) const DEADLINE: Duration = Duration::from_millis(30);
const WITHIN: Duration = Duration::from_millis(10);
const BEYOND: Duration = Duration::from_millis(31);

/// Everything that one creation can come to at once, whatever there is of time and places.
pub(crate) const OUTCOMES: [Outcome; 8] = [
    Outcome::Fine,
    Outcome::Nothing,
    Outcome::Without(Part::Connections),
    Outcome::Without(Part::UserConnections),
    Outcome::Without(Part::RoomMemberships),
    Outcome::Without(Part::SendToThread),
    Outcome::Error,
    Outcome::Panic,
];

/// The same and those that take time or need places.
pub(super) const CREATIONS: [Outcome; 12] = {
    let [fine, nothing, connections, users, rooms, send, error, panic] = OUTCOMES;
    let (within, just, beyond) = (Outcome::Late(WITHIN), Outcome::Late(DEADLINE), Outcome::Late(BEYOND));
    [fine, within, just, beyond, nothing, connections, users, rooms, send, error, Outcome::Exhausted, panic]
};

/// Whether the error is the one right one for the outcome. Any panic but the planned one is a test's own mistake.
pub(crate) fn tells(cause: &ManagerError, outcome: Outcome) -> bool {
    match (cause, outcome) {
        (ManagerError::Nothing, Outcome::Nothing) => true,
        (ManagerError::Incomplete(incomplete), Outcome::Without(part)) => incomplete.missing == [part],
        (ManagerError::Failed(error), Outcome::Error) => error.to_string() == PLANNED,
        (ManagerError::Failed(error), Outcome::Exhausted) => exhausted(error).is_some_and(|found| *found == SHORTAGE),
        (ManagerError::Failed(error), Outcome::Late(_)) => error.to_string() == TOO_LONG,
        (ManagerError::Panicked(message), Outcome::Panic) => message == PLANNED,
        _ => false,
    }
}

const ABOVE_ZERO: &str = "with limits above zero";
const TOO_LONG: &str = "the attempt took longer than 30 ms, see what the factory waits for";

/// The connections have their places by then, and somebody has one.
const SHORTAGE: Exhausted = Exhausted { wanted: 20_000, free: 19_999, total: 30_000 };

fn exhausted(error: &CreateError) -> Option<&Exhausted> {
    match error {
        CreateError::Failed { source: Some(source), .. } => source.downcast_ref(),
        _ => None,
    }
}

/// The right error in its own words.
pub(super) fn text(outcome: Outcome) -> String {
    match outcome {
        Outcome::Nothing => {
            "the factory returned None in place of a WebSocket manager; check that it is wired to real parts".to_owned()
        }
        Outcome::Without(part) => {
            format!(
                "the WebSocket manager is incomplete: missing {part}; its factory must supply every part, {ABOVE_ZERO}"
            )
        }
        Outcome::Error => format!("the WebSocket manager could not be created: {PLANNED}"),
        Outcome::Exhausted => {
            "the WebSocket manager could not be created: the manager's parts could not be reserved".to_owned()
        }
        Outcome::Late(_) => format!("the WebSocket manager could not be created: {TOO_LONG}"),
        Outcome::Panic => {
            format!("the factory of the WebSocket manager panicked: {PLANNED}; this is a bug in the factory")
        }
        Outcome::Fine | Outcome::Hang => unreachable!("no error is right for {outcome:?}"),
    }
}

/// The same with everything that lies beneath.
pub(super) fn chain(outcome: Outcome) -> String {
    match outcome {
        Outcome::Exhausted => format!(
            "{}: 20000 places are needed and 19999 of 30000 are free: wait until a manager is gone, or raise the budget",
            text(outcome)
        ),
        other => text(other),
    }
}
