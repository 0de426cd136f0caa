//! The least sets of layers that do.

use crate::legacy::{Layer, Layers};

/// The sets for which `holds`, and for no set within one of them: as `detection, or prevention and recovery`.
pub(super) fn suffices(holds: impl Fn(Layers) -> bool) -> String {
    let holding: Vec<Layers> = Layers::sets().filter(|layers| holds(*layers)).collect();
    let is_least = |layers: &&Layers| !holding.iter().any(|other| other != *layers && other.is_within(**layers));
    let mut least: Vec<Layers> = holding.iter().filter(is_least).copied().collect();
    // Small sets first; `sort_by_key` keeps the order of the rest.
    least.sort_by_key(|layers| layers.iter().count());
    match least[..] {
        [] => "none".to_owned(),
        _ => least.iter().map(|layers| named(*layers)).collect::<Vec<_>>().join("; or "),
    }
}

fn named(layers: Layers) -> String {
    let names: Vec<&str> = layers.iter().map(Layer::as_str).collect();
    if names.is_empty() { "no layer at all".to_owned() } else { names.join(" and ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_that_has_a_smaller_one_in_it_is_not_told() {
        let has = |layers: Layers, layer| layers.has(layer);
        let either = suffices(|layers| has(layers, Layer::Detection) || has(layers, Layer::Recovery));
        assert_eq!(either, "recovery; or detection");
        let both = suffices(|layers| has(layers, Layer::Prevention) && has(layers, Layer::Rejection));
        assert_eq!(both, "prevention and rejection");
        assert_eq!((suffices(|_| true), suffices(|_| false)), ("no layer at all".to_owned(), "none".to_owned()));
    }
}
