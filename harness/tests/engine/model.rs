//! The engine's trees against those of a second, independent explorer: a dozen lines over a model of tasks as lists
//! of steps, which knows neither futures nor polls, cuts or costs.

use std::collections::VecDeque;
use std::rc::Rc;

use nevernone::explore::Bounds;
use nevernone::{Scenario, Verdict, may_panic, spawn};
use tokio::sync::Semaphore;
use tokio::task::yield_now;

use crate::search;

/// What a task does; there is one lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Yield,
    /// A permit that nobody else wants.
    Take,
    Lock,
    Unlock,
}

#[derive(Debug, Clone)]
struct Model {
    tasks: Vec<Task>,
    holder: Option<usize>,
    /// Who waits for the lock, first come first served.
    queue: VecDeque<usize>,
}

#[derive(Debug, Clone)]
struct Task {
    steps: VecDeque<Step>,
    blocked: bool,
    /// Was given the lock while it was blocked, and has not run since.
    granted: bool,
    /// It may die: it ran before.
    begun: bool,
}

impl Model {
    fn new(tasks: &[Vec<Step>]) -> Self {
        let task = |steps: &Vec<Step>| Task {
            steps: steps.iter().copied().collect(),
            blocked: false,
            granted: false,
            begun: false,
        };
        // Every task has an end, which is a piece of its own when it comes after a yield or a taken permit.
        Model { tasks: tasks.iter().map(task).collect(), holder: None, queue: VecDeque::new() }
    }

    /// The number of ways in which the tasks' pieces can follow one another, with up to that many deaths in between.
    /// `done` tells who has ended.
    fn orders(&self, done: &[bool], deaths: u32) -> u64 {
        if done.iter().all(|done| *done) {
            return 1;
        }
        let ready = (0..done.len()).filter(|task| !done[*task] && !self.tasks[*task].blocked);
        let ran = ready.fold(0, |sum, task| {
            let (mut after, mut done) = (self.clone(), done.to_vec());
            done[task] = after.piece(task);
            sum + after.orders(&done, deaths)
        });
        let mortal = (0..done.len()).filter(|task| deaths > 0 && !done[*task] && self.tasks[*task].begun);
        mortal.fold(ran, |sum, task| {
            let (mut after, mut done) = (self.clone(), done.to_vec());
            after.die(task);
            done[task] = true;
            sum + after.orders(&done, deaths - 1)
        })
    }

    /// A dead task waits no longer, and gives back what it holds.
    fn die(&mut self, index: usize) {
        self.queue.retain(|waiting| *waiting != index);
        if self.holder == Some(index) {
            self.unlock();
        }
    }

    fn unlock(&mut self) {
        self.holder = self.queue.pop_front();
        if let Some(next) = self.holder {
            self.tasks[next].blocked = false;
            self.tasks[next].granted = true;
        }
    }

    /// Runs a task up to where others may come in between: after a yield, after a permit or lock was taken, and where
    /// it is blocked. `true` if it ended.
    fn piece(&mut self, index: usize) -> bool {
        self.tasks[index].begun = true;
        // The lock came while it waited: noticing that is a piece, as taking a free one is.
        if std::mem::take(&mut self.tasks[index].granted) {
            return false;
        }
        while let Some(step) = self.tasks[index].steps.pop_front() {
            match step {
                Step::Yield | Step::Take => return false,
                Step::Lock => {
                    let taken = self.holder.is_some();
                    self.tasks[index].blocked = taken;
                    if taken {
                        self.queue.push_back(index);
                    } else {
                        self.holder = Some(index);
                    }
                    return false;
                }
                Step::Unlock => self.unlock(),
            }
        }
        true
    }
}

/// The same tasks, for the engine.
fn scenario(tasks: Vec<Vec<Step>>) -> Scenario {
    Scenario::new("generated", move || {
        let tasks = tasks.clone();
        async move {
            let (lock, plenty) = (Rc::new(Semaphore::new(1)), Rc::new(Semaphore::new(64)));
            for (index, steps) in tasks.into_iter().enumerate() {
                let (lock, plenty) = (Rc::clone(&lock), Rc::clone(&plenty));
                let task = async move {
                    let mut held = None;
                    for step in steps {
                        match step {
                            Step::Yield => yield_now().await,
                            Step::Take => plenty.acquire().await.expect("never closed").forget(),
                            Step::Lock => held = Some(lock.acquire().await.expect("never closed")),
                            Step::Unlock => drop(held.take()),
                        }
                    }
                };
                drop(spawn(format!("task {index}"), may_panic("task", task)));
            }
        }
    })
    .within(Bounds { stalls: Some(0), ..Bounds::unbounded() })
}

fn agree(tasks: &[Vec<Step>], deaths: u32) -> u64 {
    let expected = Model::new(tasks).orders(&vec![false; tasks.len()], deaths);
    let report = search(&scenario(tasks.to_vec()).panics(deaths));
    assert_eq!((report.verdict, report.runs), (Verdict::Verified, expected), "{tasks:?} panics≤{deaths}");
    expected
}

#[test]
fn the_model_itself_counts_what_can_be_counted_by_hand() {
    let count = |tasks: &[Vec<Step>]| Model::new(tasks).orders(&vec![false; tasks.len()], 0);
    assert_eq!(count(&vec![vec![Step::Yield; 2]; 2]), 20);
    assert_eq!(count(&vec![vec![Step::Take; 4]; 2]), 252);
    assert_eq!(count(&vec![vec![Step::Yield, Step::Take]; 3]), 1680);
    // One task dies at one of its four yields, or not at all.
    assert_eq!(Model::new(&[vec![Step::Yield; 4]]).orders(&[false], 1), 1 + 4);
    // The lock goes to the one that comes first, and the other may come before or after it is let go: 2 * (1 + 3). In
    // between it waits; after that it has two pieces more.
    assert_eq!(count(&vec![vec![Step::Lock, Step::Unlock]; 2]), 2 * (1 + 1));
}

#[test]
fn yields_and_permits_in_every_order_of_two_tasks() {
    // Both alphabets to the length of 3 in one task, beside each of four others.
    let others = [vec![], vec![Step::Yield], vec![Step::Take, Step::Yield], vec![Step::Yield, Step::Take, Step::Take]];
    for length in 0..=3 {
        for bits in 0..1_u32 << length {
            let steps = (0..length).map(|at| if bits >> at & 1 == 0 { Step::Yield } else { Step::Take });
            let steps: Vec<Step> = steps.collect();
            for other in &others {
                for deaths in 0..=2 {
                    agree(&[steps.clone(), other.clone()], deaths);
                }
            }
        }
    }
}

#[test]
fn generated_trees_with_a_contended_lock() {
    let mut numbers = 0x2545_f491_4f6c_dd1d_u64;
    let mut below = move |bound: u64| {
        // A linear congruential generator; its high bits are good enough to pick steps.
        numbers = numbers.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (numbers >> 33) % bound
    };
    let mut total = 0;
    for _ in 0..60 {
        let tasks: Vec<Vec<Step>> = (0..2 + below(2)).map(|_| generated_task(&mut below)).collect();
        total += agree(&tasks, 0);
        if tasks.len() == 2 {
            total += agree(&tasks, 1);
        }
    }
    assert!(total > 10_000, "the generated trees are too small to mean anything: {total} runs");
}

/// Up to two pieces of each kind; what is locked is unlocked.
fn generated_task(below: &mut impl FnMut(u64) -> u64) -> Vec<Step> {
    const PHRASES: [&[Step]; 5] = [
        &[Step::Yield],
        &[Step::Take],
        &[Step::Lock, Step::Unlock],
        &[Step::Lock, Step::Yield, Step::Unlock],
        &[Step::Lock, Step::Take, Step::Unlock],
    ];
    let first = PHRASES[usize::try_from(below(5)).expect("below 5")];
    let second = PHRASES[usize::try_from(below(2)).expect("below 2")];
    if below(2) == 0 { first.to_vec() } else { [first, second].concat() }
}
