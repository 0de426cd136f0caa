//! Generated scenarios: however a tree is divided among workers and shards, the answer is the whole's.

use std::cell::Cell;
use std::num::NonZeroUsize;
use std::rc::Rc;

use nevernone::campaign::{Options, check};
use nevernone::shard::merge;
use nevernone::{Scenario, Verdict, cancellable, choose, fault, millis, sometimes, spawn};
use tokio::sync::Semaphore;
use tokio::task::yield_now;
use tokio::time::sleep;

use super::{answer, in_shards};
use crate::search;

#[derive(Debug, Clone, Copy)]
enum Step {
    Yield,
    Sleep(u64),
    /// A permit of which there are two.
    Permit,
    /// Fails or comes late.
    Fault,
    /// Weighs what was drawn.
    Draw(u32),
    /// A wait that somebody may give up.
    Wait,
}

#[derive(Debug, Clone)]
struct Generated {
    tasks: Vec<Vec<Step>>,
    /// The scenario fails where this much came together; more than that can come together in most.
    fails_at: u32,
}

/// A linear congruential generator; its high bits are good enough to pick steps.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn step(&mut self) -> Step {
        match self.below(7) {
            0 | 1 => Step::Yield,
            2 => Step::Sleep(1 + self.below(2)),
            3 => Step::Permit,
            4 => Step::Fault,
            5 => Step::Draw(2 + u32::try_from(self.below(2)).expect("below 2")),
            _ => Step::Wait,
        }
    }

    fn scenario(&mut self) -> Generated {
        let tasks = 3;
        let tasks = (0..tasks).map(|_| (0..=self.below(3)).map(|_| self.step()).collect()).collect();
        Generated { tasks, fails_at: 2 + u32::try_from(self.below(8)).expect("below 8") }
    }
}

async fn act(step: Step, together: &Cell<u32>, permits: &Semaphore) {
    let add = |weight: u32| together.set(together.get() + weight);
    match step {
        Step::Yield => yield_now().await,
        Step::Sleep(time) => sleep(millis(time)).await,
        Step::Permit => {
            let _held = permits.acquire().await.expect("never closed");
            yield_now().await;
        }
        Step::Fault => {
            if let Some(fault) = fault("connect", &["err", "late"]) {
                sometimes("it came late", fault.kind == "late");
                add(1);
            }
        }
        Step::Draw(of) => add(choose("weight", of)),
        Step::Wait => add(u32::from(cancellable("wait", sleep(millis(1))).await.is_err())),
    }
}

fn scenario(generated: &Generated) -> Scenario {
    let generated = generated.clone();
    Scenario::new("generated", move || {
        let Generated { tasks, fails_at } = generated.clone();
        async move {
            let (together, permits) = (Rc::new(Cell::new(0)), Rc::new(Semaphore::new(2)));
            let started: Vec<_> = tasks
                .into_iter()
                .map(|steps| {
                    let (together, permits) = (Rc::clone(&together), Rc::clone(&permits));
                    spawn("task", async move {
                        for step in steps {
                            act(step, &together, &permits).await;
                        }
                    })
                })
                .collect();
            for task in started {
                task.await;
            }
            assert!(together.get() < fails_at, "too much came together");
        }
    })
    .faults(2)
    .preemptions(1)
    .cancellations(1)
}

#[test]
fn workers_and_shards_of_generated_scenarios_answer_as_the_whole() {
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    let (mut large, mut failed) = (0, 0);
    for number in 0..24 {
        let generated = numbers.scenario();
        let scenario = scenario(&generated);
        let whole = check(&scenario, &Options { max_executions: Some(6_000), ..Options::default() });
        if whole.verdict == Verdict::Incomplete {
            continue;
        }
        large += u32::from(whole.runs > 1_000);
        failed += u32::from(whole.verdict == Verdict::Failed);
        assert_eq!(answer(&search(&scenario)), answer(&whole));
        for jobs in [2, 4] {
            let divided = check(&scenario, &Options { jobs: NonZeroUsize::new(jobs), ..Options::default() });
            assert_eq!(answer(&divided), answer(&whole), "{jobs} workers, scenario {number}: {generated:?}");
        }
        for shards in [2, 3, 5] {
            let merged = merge(&in_shards(&scenario, shards)).unwrap().scenarios.remove(0);
            assert_eq!(answer(&merged), answer(&whole), "{shards} shards, scenario {number}: {generated:?}");
        }
    }
    assert!(large >= 3 && failed >= 3, "{large} are large enough to be divided, {failed} fail");
}
