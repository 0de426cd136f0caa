//! The engine's trees against those of a second, independent explorer: some fifty lines over a model of tasks as lists
//! of steps, which knows neither futures nor polls, cuts or costs.

use std::collections::VecDeque;
use std::rc::Rc;

use nevernone::explore::Bounds;
use nevernone::{Scenario, Verdict, choose, may_panic, millis, spawn};
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
    /// That many milliseconds.
    Sleep(u64),
    /// The next step is drawn: it is taken, or left out.
    Maybe,
}

#[derive(Debug, Clone)]
struct Model {
    tasks: Vec<Task>,
    holder: Option<usize>,
    /// Who waits for the lock, first come first served.
    queue: VecDeque<usize>,
    now: u64,
    /// How many tasks may still die.
    deaths: u32,
}

#[derive(Debug, Clone)]
struct Task {
    steps: VecDeque<Step>,
    blocked: bool,
    /// Until when it sleeps; it is blocked meanwhile.
    until: Option<u64>,
    /// What it was blocked for came, and it has not run since.
    granted: bool,
    life: Life,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    /// It has not run yet, and cannot die.
    New,
    Begun,
    Over,
}

impl Model {
    fn new(tasks: &[Vec<Step>], deaths: u32) -> Self {
        let task = |steps: &Vec<Step>| Task {
            steps: steps.iter().copied().collect(),
            blocked: false,
            until: None,
            granted: false,
            life: Life::New,
        };
        // Every task has an end, which is a piece of its own when it comes after a yield or a taken permit.
        Model { tasks: tasks.iter().map(task).collect(), holder: None, queue: VecDeque::new(), now: 0, deaths }
    }

    /// The number of ways in which the tasks' pieces can follow one another.
    fn orders(self) -> u64 {
        if self.tasks.iter().all(|task| task.life == Life::Over) {
            return 1;
        }
        let is_ready = |task: &Task| task.life != Life::Over && !task.blocked;
        let ran = if self.tasks.iter().any(is_ready) {
            let ready = (0..self.tasks.len()).filter(|task| is_ready(&self.tasks[*task]));
            ready.map(|task| self.clone().piece(task)).sum()
        } else {
            self.clone().later()
        };
        let mortal = (0..self.tasks.len()).filter(|task| self.deaths > 0 && self.tasks[*task].life == Life::Begun);
        ran + mortal.map(|task| self.clone().death(task)).sum::<u64>()
    }

    /// Nobody can run: the clock goes to the next timer, and wakes everyone whose time has come.
    fn later(mut self) -> u64 {
        self.now = self.tasks.iter().filter_map(|task| task.until).min().expect("a deadlock");
        for task in self.tasks.iter_mut().filter(|task| task.until == Some(self.now)) {
            (task.until, task.blocked, task.granted) = (None, false, true);
        }
        self.orders()
    }

    /// A dead task waits no longer, and gives back what it holds.
    fn death(mut self, index: usize) -> u64 {
        self.deaths -= 1;
        self.queue.retain(|waiting| *waiting != index);
        (self.tasks[index].life, self.tasks[index].until) = (Life::Over, None);
        if self.holder == Some(index) {
            self.unlock();
        }
        self.orders()
    }

    fn unlock(&mut self) {
        self.holder = self.queue.pop_front();
        if let Some(next) = self.holder {
            self.tasks[next].blocked = false;
            self.tasks[next].granted = true;
        }
    }

    /// Runs a task up to where others may come in between: after a yield, after a permit or lock was taken, and where
    /// it is blocked. Then whatever can follow.
    fn piece(mut self, index: usize) -> u64 {
        self.tasks[index].life = Life::Begun;
        // What it waited for came meanwhile: noticing that is a piece, as taking a free lock is.
        if std::mem::take(&mut self.tasks[index].granted) {
            return self.orders();
        }
        while let Some(step) = self.tasks[index].steps.pop_front() {
            match step {
                Step::Yield | Step::Take => return self.orders(),
                Step::Lock => {
                    let taken = self.holder.is_some();
                    self.tasks[index].blocked = taken;
                    if taken {
                        self.queue.push_back(index);
                    } else {
                        self.holder = Some(index);
                    }
                    return self.orders();
                }
                Step::Unlock => self.unlock(),
                Step::Sleep(millis) => {
                    self.tasks[index].until = Some(self.now + millis);
                    self.tasks[index].blocked = true;
                    return self.orders();
                }
                Step::Maybe => {
                    let mut without = self.clone();
                    without.tasks[index].steps.pop_front();
                    return self.piece(index) + without.piece(index);
                }
            }
        }
        self.tasks[index].life = Life::Over;
        self.orders()
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
                    let (mut held, mut steps) = (None, steps.into_iter());
                    while let Some(step) = steps.next() {
                        match step {
                            Step::Sleep(time) => tokio::time::sleep(millis(time)).await,
                            Step::Maybe if choose("leave out", 2) == 1 => drop(steps.next()),
                            Step::Maybe => {}
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
    let expected = Model::new(tasks, deaths).orders();
    let report = search(&scenario(tasks.to_vec()).panics(deaths));
    assert_eq!((report.verdict, report.runs), (Verdict::Verified, expected), "{tasks:?} panics≤{deaths}");
    expected
}

#[test]
fn the_model_itself_counts_what_can_be_counted_by_hand() {
    let count = |tasks: &[Vec<Step>]| Model::new(tasks, 0).orders();
    assert_eq!(count(&vec![vec![Step::Yield; 2]; 2]), 20);
    assert_eq!(count(&vec![vec![Step::Take; 4]; 2]), 252);
    assert_eq!(count(&vec![vec![Step::Yield, Step::Take]; 3]), 1680);
    // One task dies at one of its four yields, or not at all.
    assert_eq!(Model::new(&[vec![Step::Yield; 4]], 1).orders(), 1 + 4);
    // Not at all; or asleep, awake, or cut after it saw that it is awake.
    assert_eq!(agree(&[vec![Step::Sleep(1)]], 1), 1 + 3);
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
fn timers_and_draws_between_yields_and_permits() {
    use Step::{Lock, Maybe, Sleep, Take, Unlock, Yield};
    // A timer that others run into, that ends together with another, or later. What a draw leaves out is a yield with
    // nothing but a yield or the end after it: a poll whose draws differ in operations has cuts that only some of them
    // explain.
    let left: [&[Step]; 7] = [
        &[Sleep(1)],
        &[Yield, Sleep(2), Take],
        &[Maybe, Yield, Yield, Take],
        &[Sleep(1), Take, Yield, Maybe, Yield, Yield],
        &[Maybe, Yield, Maybe, Yield, Maybe, Yield],
        &[Lock, Sleep(1), Unlock],
        &[Lock, Yield, Maybe, Yield, Unlock, Yield],
    ];
    let right: [&[Step]; 5] =
        [&[], &[Take, Yield], &[Sleep(1), Yield], &[Sleep(2), Take], &[Lock, Yield, Unlock, Sleep(1)]];
    let both = |left: &[Step], right: &[Step]| [left.to_vec(), right.to_vec()];
    let total: u64 = left.iter().flat_map(|left| right.map(|right| agree(&both(left, right), 0))).sum();
    assert!(total > 1_000, "the trees are too small to mean anything: {total} runs");
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
    const PHRASES: [&[Step]; 7] = [
        &[Step::Yield],
        &[Step::Take],
        &[Step::Lock, Step::Unlock],
        &[Step::Lock, Step::Yield, Step::Unlock],
        &[Step::Lock, Step::Take, Step::Unlock],
        &[Step::Sleep(1)],
        &[Step::Yield, Step::Maybe, Step::Yield, Step::Yield],
    ];
    let first = PHRASES[usize::try_from(below(7)).expect("below 7")];
    let second = PHRASES[usize::try_from(below(2)).expect("below 2")];
    if below(2) == 0 { first.to_vec() } else { [first, second].concat() }
}
