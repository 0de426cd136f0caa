//! The four layers, and every set of them.

use std::fmt;

/// One of the four layers that the incident's report added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Validated before it is published; a failed creation leaves the cell empty.
    Prevention,
    /// The startup looks for the supervisor, and three times for a manager, which it validates itself.
    Detection,
    /// The registry refuses `None` and what lacks parts.
    Rejection,
    /// The bridge tries three times.
    Recovery,
}

impl Layer {
    /// All four, in the order in which a start comes to them.
    pub const ALL: [Self; 4] = [Self::Prevention, Self::Detection, Self::Rejection, Self::Recovery];

    /// Its name in one word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Prevention => "prevention",
            Self::Detection => "detection",
            Self::Rejection => "rejection",
            Self::Recovery => "recovery",
        }
    }
}

/// A set of layers. Displayed as their names with `-` between, or as `no-layer`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Layers(u8);

impl Layers {
    /// Every set, from none to all four; the first layer changes slowest.
    pub fn sets() -> impl Iterator<Item = Self> {
        (0..1 << Layer::ALL.len()).map(|number: u8| {
            let count = Layer::ALL.len();
            Layer::ALL.iter().enumerate().fold(Self(0), |set, (place, layer)| {
                if number >> (count - 1 - place) & 1 == 1 { set.with(*layer) } else { set }
            })
        })
    }

    /// No layer: the platform of the incident.
    pub const fn none() -> Self {
        Self(0)
    }

    /// These and one more.
    #[must_use]
    pub const fn with(self, layer: Layer) -> Self {
        Self(self.0 | 1 << layer as u8)
    }

    /// Whether the layer is in place.
    pub const fn has(self, layer: Layer) -> bool {
        self.0 & 1 << layer as u8 != 0
    }

    /// Whether every layer of this set is in the other one too.
    pub const fn is_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Those that are in place, in their order.
    pub fn iter(self) -> impl Iterator<Item = Layer> {
        Layer::ALL.into_iter().filter(move |layer| self.has(*layer))
    }
}

impl fmt::Display for Layers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.iter().map(Layer::as_str).collect();
        f.pad(&if names.is_empty() { "no-layer".to_owned() } else { names.join("-") })
    }
}

impl fmt::Debug for Layers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixteen_sets_are_all_different_and_named_by_their_layers() {
        let names: Vec<String> = Layers::sets().map(|set| set.to_string()).collect();
        let distinct: std::collections::BTreeSet<&String> = names.iter().collect();
        assert_eq!((names.len(), distinct.len()), (16, 16));
        assert_eq!((names[0].as_str(), names[1].as_str()), ("no-layer", "recovery"));
        assert_eq!(names[15], "prevention-detection-rejection-recovery");
    }

    #[test]
    fn one_set_is_within_another_where_that_has_all_its_layers() {
        let one = Layers::none().with(Layer::Rejection);
        let two = one.with(Layer::Recovery);
        assert!(Layers::none().is_within(one) && one.is_within(two) && two.is_within(two));
        assert!(!two.is_within(one) && !one.is_within(Layers::none()));
    }
}
