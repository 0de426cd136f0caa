//! The engine's trees against those of a second, independent explorer: a dozen lines over a model of tasks as lists
//! of steps, which knows neither futures nor polls, cuts or costs. Tasks of `tokio::spawn` are a second kind of model task:
//! they run one at a time, from one queue for what the others woke and one for what they woke themselves.

use std::collections::VecDeque;
use std::sync::Arc;

use nevernone::explore::Bounds;
use nevernone::{Scenario, Verdict, spawn};
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
    locked: bool,
    /// Who waits for the lock, first come first served.
    queue: VecDeque<usize>,
    /// Spawned tasks that are ready, by who woke them: a task that is not spawned, or one that is.
    woken: [VecDeque<usize>; 2],
}

#[derive(Debug, Clone)]
struct Task {
    steps: VecDeque<Step>,
    /// Given to `tokio::spawn`.
    spawned: bool,
    blocked: bool,
    /// Was given the lock while it was blocked, and has not run since.
    granted: bool,
}

impl Model {
    /// The last tasks, `spawned` in number, are given to `tokio::spawn`.
    fn new(tasks: &[Vec<Step>], spawned: usize) -> Self {
        let first_spawned = tasks.len() - spawned;
        let task = |(index, steps): (usize, &Vec<Step>)| Task {
            steps: steps.iter().copied().collect(),
            spawned: index >= first_spawned,
            blocked: false,
            granted: false,
        };
        // Every task has an end, which is a piece of its own when it comes after a yield or a taken permit.
        let tasks: Vec<Task> = tasks.iter().enumerate().map(task).collect();
        let woken = [(first_spawned..tasks.len()).collect(), VecDeque::new()];
        Model { tasks, locked: false, queue: VecDeque::new(), woken }
    }

    /// The number of ways in which the tasks' pieces can follow one another until all that are not spawned have ended.
    /// `done` tells who has.
    fn orders(&self, done: &[bool]) -> u64 {
        if (0..done.len()).all(|task| done[task] || self.tasks[task].spawned) {
            return 1;
        }
        let ready = |task: &usize| !done[*task] && !self.tasks[*task].spawned && !self.tasks[*task].blocked;
        let mut sum = (0..done.len()).filter(ready).fold(0, |sum, task| {
            let (mut after, mut done) = (self.clone(), done.to_vec());
            done[task] = after.piece(task);
            sum + after.orders(&done)
        });
        let mut after = self.clone();
        if let Some(task) = after.woken.iter_mut().find_map(VecDeque::pop_front) {
            after.spawned_poll(task);
            sum += after.orders(done);
        }
        sum
    }

    /// Runs a spawned task up to where it waits: its polls are whole.
    fn spawned_poll(&mut self, index: usize) {
        while let Some(step) = self.tasks[index].steps.pop_front() {
            match step {
                Step::Take => {}
                Step::Yield => return self.woken[1].push_back(index),
                Step::Unlock => self.unlock(true),
                Step::Lock if !std::mem::replace(&mut self.locked, true) => {}
                Step::Lock => return self.queue.push_back(index),
            }
        }
    }

    /// Hands the lock on.
    fn unlock(&mut self, by_spawned: bool) {
        match self.queue.pop_front() {
            Some(next) if self.tasks[next].spawned => self.woken[usize::from(by_spawned)].push_back(next),
            Some(next) => {
                self.tasks[next].blocked = false;
                self.tasks[next].granted = true;
            }
            None => self.locked = false,
        }
    }

    /// Runs a task up to where others may come in between: after a yield, after a permit or lock was taken, and where
    /// it is blocked. `true` if it ended.
    fn piece(&mut self, index: usize) -> bool {
        // The lock came while it waited: noticing that is a piece, as taking a free one is.
        if std::mem::take(&mut self.tasks[index].granted) {
            return false;
        }
        while let Some(step) = self.tasks[index].steps.pop_front() {
            match step {
                Step::Yield | Step::Take => return false,
                Step::Lock => {
                    let taken = std::mem::replace(&mut self.locked, true);
                    self.tasks[index].blocked = taken;
                    if taken {
                        self.queue.push_back(index);
                    }
                    return false;
                }
                Step::Unlock => self.unlock(false),
            }
        }
        true
    }
}

/// The same tasks, for the engine.
fn scenario(tasks: Vec<Vec<Step>>, spawned: usize) -> Scenario {
    Scenario::new("generated", move || {
        let tasks = tasks.clone();
        async move {
            let (lock, plenty) = (Arc::new(Semaphore::new(1)), Arc::new(Semaphore::new(64)));
            let first_spawned = tasks.len() - spawned;
            for (index, steps) in tasks.into_iter().enumerate() {
                let task = perform(steps, Arc::clone(&lock), Arc::clone(&plenty));
                if index < first_spawned {
                    drop(spawn(format!("task {index}"), task));
                } else {
                    drop(tokio::spawn(task));
                }
            }
        }
    })
    .within(Bounds { stalls: Some(0), ..Bounds::unbounded() })
}

async fn perform(steps: Vec<Step>, lock: Arc<Semaphore>, plenty: Arc<Semaphore>) {
    for step in steps {
        match step {
            Step::Yield => yield_now().await,
            Step::Take => plenty.acquire().await.expect("never closed").forget(),
            Step::Lock => lock.acquire().await.expect("never closed").forget(),
            Step::Unlock => lock.add_permits(1),
        }
    }
}

fn agree_with_spawned(tasks: &[Vec<Step>], spawned: usize) -> u64 {
    let expected = Model::new(tasks, spawned).orders(&vec![false; tasks.len()]);
    let report = search(&scenario(tasks.to_vec(), spawned));
    assert_eq!((report.verdict, report.runs), (Verdict::Verified, expected), "{spawned} spawned of {tasks:?}");
    expected
}

#[test]
fn generated_trees_with_spawned_tasks() {
    let mut below = numbers(0x9e37_79b9_7f4a_7c15);
    let mut total = 0;
    for (controlled, spawned) in [(1, 1), (1, 2), (1, 3), (2, 1)].into_iter().cycle().take(100) {
        let tasks: Vec<Vec<Step>> = (0..controlled + spawned).map(|_| generated_task(&mut below)).collect();
        total += agree_with_spawned(&tasks, spawned);
    }
    assert!(total > 10_000, "the generated trees are too small to mean anything: {total} runs");
}

/// Numbers below a bound: a linear congruential generator, whose high bits are good enough to pick steps.
fn numbers(mut state: u64) -> impl FnMut(u64) -> u64 {
    move |bound| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % bound
    }
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
