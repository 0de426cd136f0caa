//! Self-calibration: all of this stands on tokio's behaviour, and the user's lockfile picks tokio. So the first
//! check of a process counts trees whose size is known; where one is off, no verdict is better than `incomplete`.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::OnceLock;

use tokio::sync::Semaphore;

use crate::ending::Ending;
use crate::explore::{Bounds, Exhaustive, Explorer};
use crate::run::{RunOptions, Runner};
use crate::scenario::Scenario;
use crate::tokio_version::tokio_version;

/// Whether this build of tokio behaves as the engine needs it; counted once a process.
///
/// # Errors
/// Names the tree that has another size than it should.
pub fn calibration() -> Result<(), String> {
    static RESULT: OnceLock<Result<(), String>> = OnceLock::new();
    RESULT.get_or_init(|| trees().into_iter().chain(trees_with_a_lane()).try_for_each(|tree| tree.count())).clone()
}

#[derive(Clone)]
struct Tree {
    what: &'static str,
    body: Scenario,
    runs: u64,
}

impl Tree {
    fn count(&self) -> Result<(), String> {
        let bounds = Bounds { faults: Some(0), stalls: Some(0), ..Bounds::unbounded() };
        let explorer: Rc<RefCell<dyn Explorer>> = Rc::new(RefCell::new(Exhaustive::new(bounds)));
        let options = RunOptions { step_limit: 1_000, timeline: false };
        let mut runner = Runner::default();
        let mut counted = 0;
        while let Some(ending) = runner.run(&*self.body.body, &explorer, options, |finished| finished.ending) {
            match ending {
                Ending::Passed => counted += 1,
                Ending::Void { .. } => {}
                other => return Err(self.wrong(&format!("ended with {other:?}"))),
            }
            if counted > 2 * self.runs {
                break;
            }
        }
        if counted == self.runs { Ok(()) } else { Err(self.wrong(&format!("has {counted} runs"))) }
    }

    fn wrong(&self, seen: &str) -> String {
        format!(
            "calibration: the tree of {} should have {} runs and {seen}; tokio {} behaves in another way than the version \
             that the engine was measured with (1.54)",
            self.what,
            self.runs,
            tokio_version()
        )
    }
}

fn trees() -> [Tree; 3] {
    [
        Tree {
            what: "two tasks of three polls",
            body: Scenario::new("calibration/yields", || async {
                for name in ["left", "right"] {
                    drop(crate::spawn(name, async {
                        tokio::task::yield_now().await;
                        tokio::task::yield_now().await;
                    }));
                }
            }),
            // Six polls, three of them left: 6! / (3! 3!).
            runs: 20,
        },
        Tree {
            what: "two tasks of four semaphore operations",
            body: Scenario::new("calibration/semaphore", || async {
                let semaphore = Rc::new(Semaphore::new(8));
                for name in ["left", "right"] {
                    let semaphore = Rc::clone(&semaphore);
                    drop(crate::spawn(name, async move {
                        for _ in 0..4 {
                            semaphore.acquire().await.expect("never closed").forget();
                        }
                    }));
                }
            }),
            // A free permit is taken before the budget is asked, so a task is five pieces: up to each of its four
            // permits, and the rest. 10! / (5! 5!).
            runs: 252,
        },
        Tree {
            what: "a timer beside an event",
            body: Scenario::new("calibration/timer", || async {
                drop(crate::spawn("timer", tokio::time::sleep(crate::millis(5))));
                crate::any_moment("event").await;
            }),
            // The event before the timer is set: 2, by who runs first. Before the clock moves: 1. After it, before
            // the timer's task runs: 3, that task first, first but cut, or last. After that task: 1, or 2 if it was cut.
            runs: 9,
        },
    ]
}

/// Tasks of `tokio::spawn` stand on how tokio queues tasks, and on where its timers stop the clock.
fn trees_with_a_lane() -> [Tree; 2] {
    [
        Tree {
            what: "a task beside two spawned ones",
            body: Scenario::new("calibration/lane", || async {
                for yields in [1, 0] {
                    drop(tokio::spawn(async move {
                        for _ in 0..yields {
                            tokio::task::yield_now().await;
                        }
                    }));
                }
                drop(crate::spawn("controlled", async {
                    tokio::task::yield_now().await;
                    tokio::task::yield_now().await;
                }));
            }),
            // Three polls of the lane in one order, and three of the task: 6! / (3! 3!).
            runs: 20,
        },
        Tree {
            what: "a spawned timer beside an event",
            body: Scenario::new("calibration/lane-timer", || async {
                drop(tokio::spawn(tokio::time::sleep(crate::millis(100))));
                crate::any_moment("event").await;
            }),
            // As the timer above, without cuts: 2, 1, 2 and 1. The clock also stops at 64 ms, where nothing is due.
            runs: 6,
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::{Tree, trees, trees_with_a_lane};
    use crate::scenario::Scenario;
    use crate::tokio_version::tokio_version;

    #[test]
    fn the_trees_have_their_sizes() {
        for tree in trees().into_iter().chain(trees_with_a_lane()) {
            assert_eq!(tree.count(), Ok(()));
        }
    }

    #[test]
    fn a_tree_of_another_size_is_refused_with_its_name_and_tokios_version() {
        for (tree, wrong) in
            trees().into_iter().flat_map(|tree| [(tree.runs + 1), (tree.runs - 1)].map(|wrong| (tree.clone(), wrong)))
        {
            let refused = Tree { runs: wrong, ..tree.clone() }.count().expect_err("a wrong number");
            for told in [tree.what, tokio_version(), &format!("{wrong} runs"), &format!("{} runs", tree.runs)] {
                assert!(refused.contains(told), "`{told}` is not in: {refused}");
            }
        }
    }

    #[test]
    fn a_tree_that_fails_or_has_no_end_is_refused() {
        let failing = Tree { what: "a failure", body: Scenario::new("fails", || async { panic!("no") }), runs: 1 };
        assert!(failing.count().unwrap_err().contains("a failure should have 1 runs and ended with"));
        let endless = Scenario::new("draws", || async { assert!((0..40).all(|_| crate::choose("a", 2) < 2)) });
        let endless = Tree { what: "2^40 runs", body: endless, runs: 20 };
        assert!(endless.count().unwrap_err().contains("has 41 runs"));
    }
}
