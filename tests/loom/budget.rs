//! The budget that managers share: no place is given twice, none is lost, and of parts a manager has all or none.

use loom::thread;
use nevernone::loom::{Model, Sometimes};
use nevernone_reference::manager::{Budget, Candidate, Exhausted, Limits};

pub(crate) const MODELS: &[Model] = &[
    Model::new("last_place", last_place)
        .claims("of two that want the last place exactly one gets it, and the other one is told that none is free"),
    Model::new("release_against_reserve", release_against_reserve)
        .claims("places that are given back at one time are free together or not yet, and none is lost")
        .sometimes(&TOO_EARLY)
        .sometimes(&IN_TIME),
    Model::new("two_managers_room_for_one", two_managers_room_for_one)
        .claims("of two managers with room for one at most one is made, and one that is refused keeps nothing")
        .sometimes(&ONE_WAS_MADE)
        .sometimes(&NONE_WAS_MADE),
];

/// Shows: the look and the taking are one step. Not: a queue: whoever is refused may ask again.
fn last_place() {
    let budget = Budget::new(1);
    let other = {
        let budget = budget.clone();
        thread::spawn(move || budget.reserve(1))
    };
    let asked = [budget.reserve(1), other.join().unwrap()];
    let refused: Vec<_> = asked.iter().filter_map(|asked| asked.as_ref().err()).collect();
    assert_eq!(refused, [&Exhausted { wanted: 1, free: 0, total: 1 }]);
    assert_eq!(budget.taken(), 1);
    drop(asked);
    assert_eq!(budget.taken(), 0);
}

static TOO_EARLY: Sometimes = Sometimes::new("it asked before the places were given back");
static IN_TIME: Sometimes = Sometimes::new("it asked after the places were given back");

/// Shows: the two places of one reservation come back in one step. Not: who wakes whoever was refused: nobody does.
fn release_against_reserve() {
    let budget = Budget::new(2);
    let held = budget.reserve(2).unwrap();
    let releaser = thread::spawn(move || drop(held));
    let asked = budget.reserve(2);
    releaser.join().unwrap();
    TOO_EARLY.saw(asked.is_err());
    IN_TIME.saw(asked.is_ok());
    if let Err(exhausted) = &asked {
        assert_eq!(*exhausted, Exhausted { wanted: 2, free: 0, total: 2 }, "one of them was free before the other one");
    }
    assert_eq!(budget.taken(), if asked.is_ok() { 2 } else { 0 });
    drop(asked);
    assert_eq!(budget.reserve(2).map(drop), Ok(()));
}

static ONE_WAS_MADE: Sometimes = Sometimes::new("one manager was made");
static NONE_WAS_MADE: Sometimes = Sometimes::new("each had a part, and neither the whole");

/// Shows: what a manager reserved by the time it is refused is given back, also where both are. Not: that one of them gets
/// through: they do not wait for one another, they are tried again.
fn two_managers_room_for_one() {
    let budget = Budget::new(4);
    let make = |budget: &Budget| {
        let limits = Limits { connections: 2, threads: 1, ..Limits::default() };
        Candidate::within(limits, budget).map(|candidate| candidate.validate().unwrap())
    };
    let other = {
        let budget = budget.clone();
        thread::spawn(move || make(&budget))
    };
    let managers: Vec<_> = [make(&budget), other.join().unwrap()].into_iter().flatten().collect();
    ONE_WAS_MADE.saw(managers.len() == 1);
    NONE_WAS_MADE.saw(managers.is_empty());
    assert!(managers.len() < 2, "two managers in the room of one");
    assert_eq!(budget.taken(), 3 * managers.len());
    drop(managers);
    assert_eq!(budget.taken(), 0);
    assert!(make(&budget).is_ok(), "what was given back is free");
}
