//! What a search must have reached to mean anything: goals and faults, counted.

use serde::{Deserialize, Deserializer, Serialize};

use crate::names::interned;

/// A name of its own for serde, which takes a reference that it can see for one into its input.
type Literal = &'static str;

use crate::choice::Cost;

/// How often a `sometimes` held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SometimesTally {
    /// The goal, in the scenario's words.
    #[serde(deserialize_with = "name")]
    pub name: Literal,
    /// Runs in which it held.
    pub hits: u64,
}

/// A place, and what can go wrong there.
pub type FaultName = (&'static str, &'static str);

/// How often a declared fault fired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultTally {
    /// The place, and what can go wrong there.
    #[serde(serialize_with = "place_and_kind", deserialize_with = "place_and_kind_again")]
    pub name: FaultName,
    /// Runs in which it fired.
    pub fired: u64,
}

fn place_and_kind<S: serde::Serializer>(name: &(&str, &str), serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{}={}", name.0, name.1))
}

fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'static str, D::Error> {
    String::deserialize(deserializer).map(|name| interned(&name))
}

fn place_and_kind_again<'de, D: Deserializer<'de>>(deserializer: D) -> Result<FaultName, D::Error> {
    let text = String::deserialize(deserializer)?;
    let (place, kind) = text.rsplit_once('=').ok_or_else(|| serde::de::Error::custom("a fault is `place=kind`"))?;
    Ok((interned(place), interned(kind)))
}

/// Goals and faults, of one run or of a whole search.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Goals, in the order in which they were met.
    pub sometimes: Vec<SometimesTally>,
    /// Faults, in the order in which they were declared.
    pub faults: Vec<FaultTally>,
    /// Places that code came to, described by the scenario or not, in the order in which they were met.
    pub places: Vec<&'static str>,
    /// A bit per [`Cost`] that some scheduling point had an alternative of, within the bounds or not.
    pub(super) offered: u8,
    /// Some event of the outside world came because it could be put off no longer.
    pub(super) due: bool,
}

/// How reports tell that, among what was offered.
const DUE: &str = "rest";

impl Tally {
    /// Counts a goal, at most once a run.
    pub(crate) fn sometimes(&mut self, name: &'static str, held: bool) {
        let hits = u64::from(held);
        match self.sometimes.iter_mut().find(|goal| same(goal.name, name)) {
            Some(goal) => goal.hits = goal.hits.max(hits),
            None => self.sometimes.push(SometimesTally { name, hits }),
        }
    }

    /// Counts what can go wrong at a place as declared. Kinds that were declared together stand side by side.
    pub(crate) fn declare(&mut self, place: &'static str, kinds: &[&'static str]) {
        let mut next = 0;
        for kind in kinds {
            let name = (place, *kind);
            next = 1 + find(&self.faults, next, |fault| same_fault(fault.name, name)).unwrap_or_else(|| {
                self.faults.push(FaultTally { name, fired: 0 });
                self.faults.len() - 1
            });
        }
    }

    /// Counts a declared fault that fires, at most once a run.
    pub(crate) fn fired(&mut self, name: FaultName) {
        if let Some(fault) = self.faults.iter_mut().find(|fault| same_fault(fault.name, name)) {
            fault.fired = 1;
        }
    }

    /// Says that code came to a place.
    pub(crate) fn came_to(&mut self, place: &'static str) {
        if !self.places.iter().any(|known| same(known, place)) {
            self.places.push(place);
        }
    }

    /// Says that a scheduling point had an alternative of that cost.
    pub(crate) fn offer(&mut self, cost: Cost) {
        self.offered |= 1 << cost as u8;
    }

    /// Says that awaited events could be put off no longer.
    pub(crate) fn events_came_due(&mut self) {
        self.due = true;
    }

    /// Whether that ever decided.
    pub(crate) fn events_were_due(&self) -> bool {
        self.due
    }

    /// Whether there was ever anything of that cost to choose.
    pub fn offered(&self, cost: Cost) -> bool {
        match cost {
            Cost::Fault => !self.faults.is_empty(),
            _ => self.offered & 1 << cost as u8 != 0,
        }
    }

    /// Adds another tally's counts. Runs of one scenario mostly meet the same names in the same order, so each is looked
    /// for in its own place first.
    pub(crate) fn add(&mut self, other: &Tally) {
        self.offered |= other.offered;
        self.due |= other.due;
        other.places.iter().for_each(|place| self.came_to(place));
        self.add_counts(&other.sometimes, &other.faults);
    }

    /// The same, of counts that a report tells.
    pub(crate) fn add_counts(&mut self, sometimes: &[SometimesTally], faults: &[FaultTally]) {
        for (place, goal) in sometimes.iter().enumerate() {
            match find(&self.sometimes, place, |known| same(known.name, goal.name)) {
                Some(place) => self.sometimes[place].hits += goal.hits,
                None => self.sometimes.push(goal.clone()),
            }
        }
        for (place, fault) in faults.iter().enumerate() {
            match find(&self.faults, place, |known| same_fault(known.name, fault.name)) {
                Some(place) => self.faults[place].fired += fault.fired,
                None => self.faults.push(fault.clone()),
            }
        }
    }

    /// The kinds of cost of which there was ever something to choose, by the names of their bounds.
    pub(crate) fn offers(&self) -> Vec<String> {
        let offered = Cost::BOUNDED.into_iter().filter(|cost| self.offered(*cost));
        offered.map(Cost::bound_name).chain(self.due.then_some(DUE)).map(str::to_owned).collect()
    }

    /// Adds what a report tells to have been offered.
    pub(crate) fn add_offers(&mut self, names: &[String]) {
        for cost in Cost::BOUNDED.into_iter().filter(|cost| names.iter().any(|name| name == cost.bound_name())) {
            self.offer(cost);
        }
        self.due |= names.iter().any(|name| name == DUE);
    }

    /// The places that code came to, as reports tell them.
    pub(crate) fn places(&self) -> Vec<String> {
        self.places.iter().map(ToString::to_string).collect()
    }

    /// Adds the places that a report tells.
    pub(crate) fn add_places(&mut self, names: &[String]) {
        for name in names {
            self.came_to(interned(name));
        }
    }

    pub(crate) fn clear(&mut self) {
        self.sometimes.clear();
        self.faults.clear();
        self.places.clear();
        self.offered = 0;
        self.due = false;
    }
}

/// Where the wanted one is: at `place`, most likely.
fn find<T>(known: &[T], place: usize, wanted: impl Fn(&T) -> bool) -> Option<usize> {
    let in_place = known.get(place).is_some_and(&wanted);
    if in_place { Some(place) } else { known.iter().position(wanted) }
}

/// Names are literals, so the same name mostly has the same address; comparing texts costs more than the rest of a tally.
fn same(one: &str, other: &str) -> bool {
    std::ptr::eq(one, other) || one == other
}

fn same_fault(one: FaultName, other: FaultName) -> bool {
    // The kind first: places of several kinds share the place's name.
    same(one.1, other.1) && same(one.0, other.0)
}
