//! Estimates of trees whose size an exhaustive search tells.

use std::rc::Rc;

use nevernone::campaign::{Options, check, estimate};
use nevernone::explore::Bounds;
use nevernone::{Scenario, any_moment, cancellable, fault, millis, spawn};
use tokio::sync::Semaphore;

/// Trees of interleavings alone.
fn interleavings() -> Vec<Scenario> {
    let unbounded = Bounds { stalls: Some(0), ..Bounds::unbounded() };
    vec![
        Scenario::new("yields", || async {
            for name in ["left", "right"] {
                drop(spawn(name, async {
                    tokio::task::yield_now().await;
                    tokio::task::yield_now().await;
                }));
            }
        })
        .within(unbounded),
        Scenario::new("semaphore", || async {
            let semaphore = Rc::new(Semaphore::new(8));
            for name in ["left", "right"] {
                let semaphore = Rc::clone(&semaphore);
                drop(spawn(name, async move {
                    for _ in 0..4 {
                        semaphore.acquire().await.expect("never closed").forget();
                    }
                }));
            }
        })
        .within(unbounded),
        Scenario::new("timer", || async {
            drop(spawn("timer", tokio::time::sleep(millis(5))));
            any_moment("event").await;
        })
        .within(unbounded),
    ]
}

/// Trees with costs and bounds.
fn bounded() -> Vec<Scenario> {
    vec![
        Scenario::new("faults", || async {
            for _ in 0..4 {
                let _ = fault("place", &["a", "b", "c"]);
            }
        })
        .faults(2),
        Scenario::new("cancellation", || async {
            let waits = cancellable("waits", async {
                for _ in 0..3 {
                    tokio::time::sleep(millis(1)).await;
                }
            });
            drop(spawn("waits", waits));
            any_moment("event").await;
        })
        .preemptions(1)
        .cancellations(1),
    ]
}

#[test]
fn an_estimate_is_close_to_the_truth() {
    for scenario in interleavings().into_iter().chain(bounded()) {
        let runs = check(&scenario, &Options::default()).runs;
        let (mean, _) = estimate(&scenario, scenario.bounds(), 20_000);
        #[expect(clippy::cast_precision_loss, reason = "a small number of runs")]
        let off = (mean - runs as f64).abs() / runs as f64;
        assert!(off < 0.08, "{}: {runs} runs, and the estimate is {mean}", scenario.name());
    }
}
