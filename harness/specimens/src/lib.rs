//! Historical startup bugs, each `broken` as it was and `fixed`, so that a change to the framework that no longer
//! finds one of them is noticed.
//!
//! A specimen is one file of `corpus/`, written against the framework's public API only. What it models is the
//! mechanism, in as few lines as show it; the code is ours.

pub mod corpus;
pub mod outcome;

use nevernone::Scenario;

/// One historical bug.
#[derive(Debug, Clone, Copy)]
pub struct Specimen {
    /// Its number in the collection: `N` for the incident's own platform, `B` for other projects.
    pub id: &'static str,
    /// What kind of bug it is.
    pub class: &'static str,
    /// Where it was reported.
    pub reference: &'static str,
    /// As it was: a search must find it.
    pub broken: fn() -> Scenario,
    /// Repaired: a search must verify it, within the same bounds.
    pub fixed: fn() -> Scenario,
}

/// All specimens, in the order of their files.
pub fn specimens() -> Vec<Specimen> {
    vec![
        corpus::n02::SPECIMEN,
        corpus::n04::SPECIMEN,
        corpus::n05::SPECIMEN,
        corpus::n07::SPECIMEN,
        corpus::n12::SPECIMEN,
        corpus::n13::SPECIMEN,
        corpus::n14::SPECIMEN,
        corpus::b04::SPECIMEN,
        corpus::b09::SPECIMEN,
        corpus::b10::SPECIMEN,
        corpus::b16::SPECIMEN,
        corpus::b20::SPECIMEN,
        corpus::b23::SPECIMEN,
        corpus::b24::SPECIMEN,
        corpus::b30::SPECIMEN,
        corpus::b39::SPECIMEN,
        corpus::b43::SPECIMEN,
    ]
}
