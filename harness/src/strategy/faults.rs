//! Which fault fires where.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::explore::FaultPlan;

/// A place where faults can fire.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// As the scenario or the production code names it.
    pub name: &'static str,
    /// How many kinds of fault are declared there.
    pub kinds: u32,
    /// How often it is met at most.
    pub attempts: usize,
}

/// Plans of faults at these places: at each attempt one of the kinds, or none. Shrinks to earlier kinds, and to as few faults
/// as it takes; each stays at its attempt.
///
/// ```
/// use nevernone::strategy::{Place, fault_plans};
/// use proptest::test_runner::{TestError, TestRunner};
///
/// // A startup that gives up where the second attempt meets the third kind of fault, or a later one.
/// let places = [Place { name: "connect", kinds: 5, attempts: 4 }, Place { name: "migrate", kinds: 2, attempts: 1 }];
/// let gives_up = |kind: Option<&u32>| kind.is_some_and(|kind| *kind >= 2);
/// let searched = TestRunner::deterministic().run(&fault_plans(&places), |plan| {
///     assert!(!gives_up(plan.faults.get(&("connect".to_owned(), 1))));
///     Ok(())
/// });
/// let Err(TestError::Fail(_, least)) = searched else { panic!("it gives up") };
/// assert_eq!(least.faults.into_iter().collect::<Vec<_>>(), [(("connect".to_owned(), 1), 2)]);
/// ```
pub fn fault_plans(places: &[Place]) -> impl Strategy<Value = FaultPlan> + use<> {
    let plans: Vec<_> = places.iter().copied().map(plan_of_place).collect();
    plans.prop_map(|plans| FaultPlan { faults: plans.into_iter().flatten().collect() })
}

/// A place's faults, by occurrence.
type PlaceFaults = Vec<((String, u32), u32)>;

fn plan_of_place(place: Place) -> impl Strategy<Value = PlaceFaults> {
    vec(option::of(0..place.kinds.max(1)), place.attempts).prop_map(move |attempts| {
        let fired = (0_u32..).zip(attempts).filter_map(|(attempt, kind)| Some((attempt, kind?)));
        fired.map(|(attempt, kind)| ((place.name.to_owned(), attempt), kind)).collect()
    })
}
