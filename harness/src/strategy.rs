//! proptest strategies. A failing value shrinks towards no faults and the first-come-first-served schedule.
//!
//! ```
//! use nevernone::explore::{Bounds, Planned};
//! use nevernone::strategy::{Place, fault_plans, schedules};
//! use nevernone::{Ending, Scenario, campaign};
//! use proptest::prelude::*;
//!
//! let scenario = Scenario::new("an-attempt", || async {
//!     let fault = nevernone::fault("connect", &["refused", "late"]);
//!     assert!(fault.is_none_or(|fault| fault.kind != "gone"));
//! });
//! let places = [Place { name: "connect", kinds: 2, attempts: 3 }];
//! proptest!(|(plan in fault_plans(&places), schedule in schedules(16))| {
//!     let run = campaign::run_once(&scenario, Planned::new(plan, schedule, Bounds::default())).unwrap();
//!     prop_assert_eq!(run.ending, Ending::Passed);
//! });
//! ```

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

/// Plans of faults at these places: at each attempt one of the kinds, or none. Shrinks to fewer faults, then to
/// earlier kinds.
pub fn fault_plans(places: &[Place]) -> impl Strategy<Value = FaultPlan> + use<> {
    let plans: Vec<_> = places.iter().copied().map(plan_of_place).collect();
    plans.prop_map(|plans| FaultPlan { faults: plans.into_iter().flatten().collect() })
}

/// Schedules of at most that many draws; the rest is first-come-first-served.
pub fn schedules(draws: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(prop_oneof![4 => Just(0_u8), 1 => any::<u8>()], 0..=draws)
}

/// A place's faults, by occurrence.
type PlaceFaults = Vec<((String, u32), u32)>;

fn plan_of_place(place: Place) -> impl Strategy<Value = PlaceFaults> {
    vec(option::of(0..place.kinds.max(1)), place.attempts).prop_map(move |attempts| {
        let fired = (0_u32..).zip(attempts).filter_map(|(attempt, kind)| Some((attempt, kind?)));
        fired.map(|(attempt, kind)| ((place.name.to_owned(), attempt), kind)).collect()
    })
}
