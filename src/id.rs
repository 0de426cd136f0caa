//! Whole-word identities: a user, a thread and a run cannot be mistaken for one another.

use serde::{Deserialize, Serialize, Serializer};
use std::fmt;
use thiserror::Error;

/// The longest identity in bytes: long enough for a URL-safe digest with a prefix, short enough to log.
pub const LONGEST_ID: usize = 128;

/// Why a text is not an identity.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IdError {
    /// Nothing but the empty text.
    #[error("the {what} is empty; give at least one character")]
    Empty {
        /// Which identity was meant.
        what: &'static str,
    },
    /// Longer than [`LONGEST_ID`] bytes.
    #[error("the {what} has {bytes} bytes; give at most {LONGEST_ID}")]
    TooLong {
        /// Which identity was meant.
        what: &'static str,
        /// How long it was.
        bytes: usize,
    },
    /// A control character, which would break log lines.
    #[error("the {what} holds a control character; give printable text")]
    Control {
        /// Which identity was meant.
        what: &'static str,
    },
}

/// One text identity: the type, its name in messages, and what it identifies.
macro_rules! identity {
    ($name:ident, $what:literal, $doc:literal) => {
        #[doc = $doc]
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks that the text is printable, not empty and at most [`LONGEST_ID`] bytes long.
            pub fn new(text: impl Into<String>) -> Result<Self, IdError> {
                checked(text.into(), $what).map(Self)
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        // By hand, since serde's `into` copies the text first, and every event that is sent names two identities.
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

identity!(UserId, "user", "Who is connected.");
identity!(ThreadId, "thread", "One conversation; its connections all see its events.");
identity!(RunId, "run", "One execution of one agent for one request.");

// The self-test's identities begin with the one control character that JSON writes as it is: a probe is taken often, and
// text that needs no escapes is compared where it stands.
impl UserId {
    /// The user of the manager's own self-test: no client can name it.
    pub(crate) fn loopback() -> Self {
        Self("\x7fprobe".to_owned())
    }
}

impl ThreadId {
    /// A thread of the manager's own self-test: no client can name it.
    pub(crate) fn loopback(number: u64) -> Self {
        Self(format!("\x7fprobe-{number}"))
    }
}

impl RunId {
    /// The run of the manager's own self-test: no client can name it.
    pub(crate) fn loopback() -> Self {
        Self("\x7fprobe".to_owned())
    }
}

/// One connection: a slot of the table and the slot's generation. A slot is used again, a pair never.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId {
    /// Where the connection stands in the table.
    pub(crate) slot: usize,
    /// How many connections stood there before.
    pub(crate) generation: u64,
}

impl ConnectionId {
    /// How many connections had the same slot before this one.
    pub fn generation(self) -> u64 {
        self.generation
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "c{}.{}", self.slot, self.generation)
    }
}

fn checked(text: String, what: &'static str) -> Result<String, IdError> {
    if text.is_empty() {
        return Err(IdError::Empty { what });
    }
    if text.len() > LONGEST_ID {
        return Err(IdError::TooLong { what, bytes: text.len() });
    }
    if text.chars().any(char::is_control) {
        return Err(IdError::Control { what });
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_printable_and_of_bounded_length() {
        assert_eq!(ThreadId::new("t-1").expect("printable").as_str(), "t-1");
        assert_eq!(ThreadId::new(""), Err(IdError::Empty { what: "thread" }));
        assert_eq!(UserId::new("a\nb"), Err(IdError::Control { what: "user" }));
        assert_eq!(RunId::new("x".repeat(129)), Err(IdError::TooLong { what: "run", bytes: 129 }));
        assert_eq!(RunId::new("x".repeat(128)).expect("as long as one may be").as_str().len(), 128);
    }

    #[test]
    fn a_connection_is_named_by_its_slot_and_who_was_there_before() {
        let id = ConnectionId { slot: 3, generation: 2 };
        assert_eq!((id.to_string().as_str(), id.generation()), ("c3.2", 2));
    }

    #[test]
    fn json_cannot_smuggle_in_a_bad_identity() {
        assert!(serde_json::from_str::<ThreadId>("\"t\"").is_ok());
        assert!(serde_json::from_str::<ThreadId>("\"\"").is_err());
        let probe = serde_json::to_string(&ThreadId::loopback(1)).expect("a string");
        assert!(serde_json::from_str::<ThreadId>(&probe).is_err(), "a client must not name the self-test's thread");
    }
}
