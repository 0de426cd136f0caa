//! What the framework is asked to check, each as a function of its choice sequence.
//!
//! Every scenario drives the production code as it is: the singleton, the bridge, the startup, the platform. Only the
//! factory is ours, since what a factory does is what the explorer chooses.
//!
//! **Sizes.** Measured on two shared cores with every property, the history hash and the doubled runs on
//! (`nevernone check`, `nevernone list --unbounded --descents 100000`; tokio 1.54.1). `any` is unbounded; stalls are off
//! within the bounds and on without them. An estimate is a mean and the half width of its 95 % interval.
//!
//! | scenario | runs without bounds, about | bounds used (faults, preemptions, cancellations) | estimate within | runs | executions/s |
//! |---|---|---|---|---|---|
//! | `singleton/concurrent-callers` | 84,000 ± 21,000 | any, any, ≤ 1 | 69,600 ± 2,600 | 70,042 | 106,000 |
//! | `startup/bridge-vs-startup` | 2·10¹⁰ ± 2·10¹⁰ | ≤ 4, ≤ 2, 0 | 86,000 ± 18,000 | 100,399 | 54,000 |
//! | `startup/early-request` | 470,000 ± 800,000 | ≤ 3, ≤ 2, ≤ 1 | 77,000 ± 17,000 | 73,277 | 30,000 |
//! | `legacy/none-wired` | 28 ± 2 | 0, ≤ 1, 0 | fails in its first run | 1 | – |
//!
//! The full startup is a lattice of trees, since one tree of everything is too large: the startup's three attempts, the
//! bridge's beside them, a request at any moment.
//!
//! | scenario | kinds of fault | bounds used (faults, preemptions, cancellations) | runs | beyond |
//! |---|---|---|---|---|
//! | `startup/full-faults` | eight | ≤ 5, 0, 0 | 1,346,225 | any number (six at most): 1.2·10⁷ ± 0.3·10⁷ |
//! | `startup/full-bounded` | nine | ≤ 2, ≤ 2, ≤ 1 | 135,122 | |
//! | `startup/full-representative` | three | any, ≤ 3, ≤ 1 | 274,091 | |
//!
//! What is beyond is a job in shards: `.ci/nightly`.
//!
//! The two unbounded estimates whose interval is as wide as the estimate only tell an order of magnitude: most of such a
//! tree hangs on a few improbable paths.
//!
//! The others are small, and were not estimated without bounds:
//!
//! | scenario | bounds used (faults, preemptions, cancellations) | runs |
//! |---|---|---|
//! | `startup/stop-during-start` | ≤ 4, ≤ 3, 0 | 693 |
//! | `startup/two-at-once` | ≤ 3, ≤ 2, 0 | 742 |
//! | `startup/crash-and-second-start` | ≤ 4, ≤ 3, 0, one crash | 530 |
//! | `platform/drain-vs-arrivals` | none to choose, 0, 0 | 43,833 |
//! | `platform/degraded-and-back` | none to choose, ≤ 2, 0 | 1,646 |
//! | `manager/attach-vs-publication` | none to choose, ≤ 2, 0 | 29 |
//! | `manager/late-disconnect` | none to choose, ≤ 2, 0 | 10,537 |
//! | `manager/slow-beside-fast` | none to choose, ≤ 2, 0 | 363 |
//! | `registry/kth-agent-fails` | ≤ 2, ≤ 1, 0 | 10,621 |
//! | `startup/resources-run-out` | none to choose, ≤ 2, ≤ 1 | 1,436 |
//! | `singleton/process-wide`, a process for each run | total cost ≤ 2 | 319 |

mod client;
mod delivery;
mod early_request;
mod env;
mod exhausted;
mod factory;
mod full_startup;
pub mod layers;
mod lifecycle;
mod none_wired;
mod one_cell;
mod wiring;

pub use self::env::ExploredEnv;
use nevernone::explore::Bounds;
use nevernone::{Scenario, Verdict};

/// All of them, in the order in which they are listed.
pub fn all() -> Vec<Scenario> {
    let in_one_process = vec![
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
        Scenario::new("startup/stop-during-start", lifecycle::stop_during_start)
            .faults(4)
            .preemptions(3)
            .cancellations(0),
        Scenario::new("startup/two-at-once", lifecycle::two_starts).faults(3).preemptions(2).cancellations(0),
        Scenario::new("startup/crash-and-second-start", lifecycle::crash_and_second_start)
            .faults(4)
            .preemptions(3)
            .cancellations(0)
            .crashes(1),
        Scenario::new("platform/drain-vs-arrivals", lifecycle::drain_vs_arrivals).preemptions(0).cancellations(0),
        Scenario::new("platform/degraded-and-back", lifecycle::degraded_and_back).preemptions(2).cancellations(0),
        Scenario::new("manager/attach-vs-publication", delivery::attach_vs_publication).cancellations(0),
        Scenario::new("manager/late-disconnect", delivery::late_disconnect).cancellations(0),
        Scenario::new("manager/slow-beside-fast", delivery::slow_beside_fast).cancellations(0),
        Scenario::new("registry/kth-agent-fails", wiring::kth_agent_fails).faults(2).preemptions(1).cancellations(0),
        Scenario::new("startup/resources-run-out", exhausted::resources_run_out).preemptions(2).cancellations(1),
        Scenario::new("legacy/none-wired", none_wired::none_wired)
            .faults(0)
            .preemptions(1)
            .cancellations(0)
            .expect(Verdict::Failed),
    ];
    in_one_process.into_iter().chain(full_startup::lattice()).chain(isolated()).collect()
}

/// Those whose every run needs a process of its own. None under loom, whose primitives cannot be in a static.
fn isolated() -> Vec<Scenario> {
    #[cfg(nevernone_loom)]
    return Vec::new();
    #[cfg(not(nevernone_loom))]
    vec![Scenario::new("singleton/process-wide", one_cell::callers_of_the_process).cost(2).isolated()]
}

/// The scenario of that name.
pub fn named(name: &str) -> Option<Scenario> {
    all().into_iter().find(|scenario| scenario.name() == name)
}
