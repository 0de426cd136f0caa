//! What a scenario says of the links between hosts.

use crate::run::context::with;
use crate::run::network::KINDS;

/// Lets the explorer decide what becomes of every packet from one host to another.
#[track_caller]
pub fn faults(from: &'static str, to: &'static str) -> LinkFaults {
    with(|state| state.network.describe(from, to, KINDS));
    LinkFaults { from, to }
}

/// Faults in effect, to be made more precise.
#[derive(Debug)]
pub struct LinkFaults {
    from: &'static str,
    to: &'static str,
}

impl LinkFaults {
    /// Only these of `refused`, `held` and `reset` can happen.
    #[track_caller]
    #[expect(clippy::return_self_not_must_use, reason = "the link is changed in place")]
    pub fn only(self, kinds: &'static [&'static str]) -> Self {
        for kind in kinds {
            assert!(
                KINDS.contains(kind),
                "`{kind}` is nothing that can happen to a packet; there are {}",
                KINDS.join(", ")
            );
        }
        with(|state| state.network.describe(self.from, self.to, kinds));
        self
    }
}

/// Holds packets from one host to another.
#[track_caller]
pub fn hold(from: &'static str, to: &'static str) {
    with(|state| state.network.hold(from, to, true));
}

/// Lets them go on.
#[track_caller]
pub fn heal(from: &'static str, to: &'static str) {
    with(|state| state.network.hold(from, to, false));
}

/// Bytes.
#[track_caller]
pub fn window(bytes: usize) {
    assert!(bytes > 0, "through a window of no bytes nothing ever goes");
    with(|state| state.network.window = bytes);
}

/// Bytes.
#[track_caller]
pub fn packet_size(bytes: usize) {
    assert!(bytes > 0, "a packet has a byte at least");
    with(|state| state.network.packet_size = bytes);
}
