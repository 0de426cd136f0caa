//! How large a tree is, from random descents.

use std::cell::RefCell;
use std::rc::Rc;

use crate::explore::{Bounds, Descent, Explorer};
use crate::run::{RunOptions, Runner};
use crate::scenario::Scenario;

/// How many random descents an estimate is made from.
pub const ESTIMATE_DESCENTS: u32 = 10_000;

/// Estimates how many runs a scenario has within bounds: the mean and the half width of its 95 % interval.
pub fn estimate(scenario: &Scenario, bounds: Bounds, descents: u32) -> (f64, f64) {
    let explorer = Rc::new(RefCell::new(Descent::new(bounds, descents)));
    let mut runner = Runner::of(scenario);
    let options = RunOptions { step_limit: bounds.steps, timeline: false };
    let shared: Rc<RefCell<dyn Explorer>> = explorer.clone();
    while runner.run(&*scenario.body, &shared, options, |_| ()).is_some() {}
    explorer.borrow().estimate()
}
