//! What a set of layers makes of a kind of fault: the rules, from which each cell's verdict is expected.

use nevernone::{require, sometimes};

use super::Kind;
use super::cell::served_after;
use crate::legacy::{Layer, Layers};

/// By which a cell fails whose request nobody hears of.
pub(super) const LOST: &str = "an accepted request's events reach its thread";
/// By which a cell fails whose consumer meets what is no manager.
pub(super) const SEEN: &str = "no consumer meets a missing or half-built manager";

/// What becomes of a fault. The first two are verified, the others fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caught {
    /// After so many faults a start is served all the same, and after more it is refused.
    Served {
        /// The most.
        faults: u32,
    },
    /// A start with a fault is refused in so many words.
    Refused,
    /// The start may be refused, but a consumer meets a missing or half-built manager meanwhile.
    Seen,
    /// A request is accepted, and its events reach nobody.
    Lost,
}

impl Caught {
    /// What each layer is good for.
    pub(super) fn expected(layers: Layers, kind: Kind) -> Self {
        let has = |layer| layers.has(layer);
        let refused_if = |refused| if refused { Self::Refused } else { Self::Lost };
        match kind {
            Kind::NoFault => Self::Served { faults: 0 },
            Kind::Preempted if has(Layer::Prevention) => Self::Served { faults: 0 },
            // The only layer that looks for one.
            Kind::NoSupervisor => refused_if(has(Layer::Detection)),
            // The first graph's manager is in order, so nothing that looks at it can tell, and no retry helps.
            Kind::Decoy => refused_if(has(Layer::Rejection)),
            Kind::Creation(&["late"]) if has(Layer::Prevention) => Self::Served { faults: 1 },
            // Published at once, and a consumer comes before it is filled.
            Kind::Preempted | Kind::Creation(&["late"]) => Self::Seen,
            Kind::Creation(_) if has(Layer::Prevention) => Self::of_creation(layers),
            Kind::Creation(kinds) => Self::unprevented(layers, kinds),
        }
    }

    /// With prevention a failed creation leaves the cell empty, so whoever asks next may succeed. Who says no then?
    fn of_creation(layers: Layers) -> Self {
        let has = |layer| layers.has(layer);
        match (has(Layer::Detection), has(Layer::Recovery), has(Layer::Rejection)) {
            // Three attempts, of which two may fail.
            (true, ..) => Self::Served { faults: 2 },
            // The one look and then three attempts, of which two may fail.
            (false, true, _) => Self::Served { faults: 3 },
            // The one look and one attempt.
            (false, false, true) => Self::Served { faults: 1 },
            (false, false, false) => Self::Lost,
        }
    }

    /// Without prevention what failed is there for everybody to meet, and no retry makes it better. Detection looks at
    /// the parts, and so does rejection; recovery is content with whatever is not `None`.
    fn unprevented(layers: Layers, kinds: &[&str]) -> Self {
        let is_none = kinds == ["nothing"];
        let says_no =
            layers.has(Layer::Detection) || layers.has(Layer::Rejection) || (layers.has(Layer::Recovery) && is_none);
        if says_no { Self::Seen } else { Self::Lost }
    }

    /// The property by which such a cell fails; `None` for one that is verified.
    pub(super) fn fails_by(self) -> Option<&'static str> {
        match self {
            Self::Served { .. } | Self::Refused => None,
            Self::Seen => Some(SEEN),
            Self::Lost => Some(LOST),
        }
    }

    /// What fails by this property.
    pub(super) fn by(property: &str) -> Option<Self> {
        [Self::Seen, Self::Lost].into_iter().find(|caught| caught.fails_by() == Some(property))
    }

    /// At the end of a run with so many faults: exactly what was declared, no less and no more.
    pub(super) fn judge(self, faults: u32, served: bool) {
        match self {
            Self::Served { faults: most } => {
                served_after(most, served && faults == most);
                require("no start survives more faults than declared", !served || faults <= most);
            }
            Self::Refused => {
                sometimes("a start with a fault was refused", faults > 0 && !served);
                require("each start with a fault is refused", faults == 0 || !served);
            }
            // Fails before it comes here, or is red.
            Self::Seen | Self::Lost => {}
        }
    }
}
