//! What the framework is asked to check, each as a function of its choice sequence.
//!
//! Every scenario drives the production code as it is: the singleton, the bridge, the startup, the platform. Only the
//! factory is ours, since what a factory does is what the explorer chooses.

mod early_request;
mod env;
mod factory;
mod none_wired;
mod one_cell;

use nevernone::explore::Bounds;
use nevernone::{Scenario, Verdict};

/// All of them, in the order in which they are listed.
pub fn all() -> Vec<Scenario> {
    vec![
        Scenario::new("singleton/concurrent-callers", one_cell::concurrent_callers).within(Bounds {
            stalls: Some(0),
            cancellations: Some(1),
            ..Bounds::unbounded()
        }),
        Scenario::new("startup/bridge-vs-startup", one_cell::bridge_vs_startup)
            .faults(4)
            .preemptions(2)
            .cancellations(0),
        Scenario::new("startup/early-request", early_request::early_request).faults(3).preemptions(2).cancellations(1),
        Scenario::new("legacy/none-wired", none_wired::none_wired)
            .faults(0)
            .preemptions(1)
            .cancellations(0)
            .expect(Verdict::Failed),
    ]
}

/// The scenario of that name.
pub fn named(name: &str) -> Option<Scenario> {
    all().into_iter().find(|scenario| scenario.name() == name)
}
