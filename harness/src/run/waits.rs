//! What a task waits for, as far as that is the framework's own.

use std::fmt;

use super::tasks::{Name, Role};

/// Noted by the future that returned `Pending`, in the poll in which it did.
#[derive(Debug, Clone)]
pub(crate) enum Wait {
    /// An event of the outside world.
    Moment(Name),
    /// The answer of a place that hangs by a fault.
    Hang(&'static str),
    /// A property that has to come true.
    Eventually(Name),
    /// The end of a task.
    Join(Name, Role),
    /// Something that comes over the network: what it is, and from which host.
    #[cfg(feature = "net")]
    Network(&'static str, &'static str),
}

impl Wait {
    /// Whether nothing but the healing of others can end it: the task itself has nothing left to do.
    pub(crate) fn is_for_others(&self) -> bool {
        match self {
            Wait::Eventually(_) | Wait::Join(_, Role::Foreground) => true,
            // Code under test may await a handle with a timeout around it, and go on when that is over.
            Wait::Moment(_) | Wait::Hang(_) | Wait::Join(_, Role::Daemon | Role::Spawned) => false,
            #[cfg(feature = "net")]
            Wait::Network(..) => false,
        }
    }
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wait::Moment(name) => write!(f, "the event `{name}`"),
            Wait::Hang(place) => write!(f, "`{place}`, which hangs by a fault"),
            Wait::Eventually(name) => write!(f, "`{name}` to come true"),
            Wait::Join(name, _) => write!(f, "the task `{name}`"),
            #[cfg(feature = "net")]
            Wait::Network(what, host) => write!(f, "{what} `{host}`"),
        }
    }
}
