//! The watchdog: a step that never returns is a failure with a name and a token, not a hang.
//!
//! Nothing can stop a thread that holds on to a lock or loops for ever. So the work is done on a thread of its own, and
//! when a step of it takes too long, that thread is given up. What it was doing is found out by doing it again on one more
//! thread, this time with a witness.

use std::cell::RefCell;
use std::panic::resume_unwind;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::choice::token::Token;
use crate::choice::{Draw, Tape};
use crate::ending::{Ending, Failure};
use crate::explore::{Explorer, Refusal};
use crate::hash::History;
use crate::report::{CostlyChoice, Explanation, FailureReport};
use crate::run::isolate;
use crate::run::pulse::{self, Pulse};
use crate::run::{RunOptions, Runner, Testimony, Witness};
use crate::scenario::Scenario;

/// How often the watcher looks, in parts of the limit: a step is told to hang after the limit and one such part at most.
const LOOKS: u32 = 8;

/// A thread's work took too long over one step, and the thread was given up.
pub(super) struct Hung {
    /// Of the thread that was given up.
    pulse: Arc<Pulse>,
}

/// What the second execution of a step that hung showed.
pub(super) enum Autopsy {
    /// It hung again.
    Confirmed(Box<FailureReport>),
    /// It did not, or cannot be executed again; the reason.
    Unexplained(String),
}

/// Does `work` on a thread of its own, and gives that thread up if one step of a run takes longer than `limit`, there or
/// on a thread that helps. Threads that are given up are leaked, with everything that they hold.
///
/// # Panics
/// Where `work` does; where the operating system starts no thread.
pub(super) fn watched<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Hung> {
    let watch = Arc::new(Watch::default());
    let (done, result) = channel();
    let worker = {
        let watch = Arc::clone(&watch);
        thread::Builder::new().name("nevernone-worker".to_owned()).spawn(move || {
            OF_THIS_THREAD.set(Arc::clone(&watch));
            let _working = watch.this_thread();
            // Whoever waits has given up, if nobody takes it.
            let _ = done.send(work());
        })
    };
    let worker = worker.expect("the operating system started no thread for a search");
    loop {
        match result.recv_timeout(limit / LOOKS) {
            Ok(value) => return Ok(value),
            Err(RecvTimeoutError::Disconnected) => match worker.join() {
                Ok(()) => unreachable!("a worker ends by sending its result or by a panic"),
                Err(panic) => resume_unwind(panic),
            },
            Err(RecvTimeoutError::Timeout) => {
                if let Some(pulse) = watch.look(limit) {
                    #[cfg(feature = "fail")]
                    crate::run::fail_points::give_up(&pulse);
                    return Err(Hung { pulse });
                }
            }
        }
    }
}

thread_local! {
    static OF_THIS_THREAD: RefCell<Arc<Watch>> = RefCell::default();
}

/// The watch over the search that this thread leads.
pub(super) fn watch_of_this_thread() -> Arc<Watch> {
    OF_THIS_THREAD.with_borrow(Arc::clone)
}

/// The threads that work for one search.
#[derive(Debug, Default)]
pub(super) struct Watch {
    threads: Mutex<Vec<Watched>>,
    /// Relaxed: the threads that go on only have to see it sooner or later.
    gave_up: AtomicBool,
}

/// A thread, and since when it has been taking the same step.
#[derive(Debug)]
struct Watched {
    pulse: Arc<Pulse>,
    step: Option<u64>,
    since: Instant,
}

impl Watch {
    /// This thread works for the search until the guard is dropped.
    pub(super) fn this_thread(self: &Arc<Self>) -> Working {
        let pulse = pulse::current();
        self.lock().push(Watched { pulse: Arc::clone(&pulse), step: None, since: Instant::now() });
        Working { watch: Arc::clone(self), pulse }
    }

    /// A thread of the search was given up, so the others work for nobody.
    pub(super) fn gave_up(&self) -> bool {
        self.gave_up.load(Ordering::Relaxed)
    }

    /// Gives up where a thread has been taking the same step for longer than `limit`.
    fn look(&self, limit: Duration) -> Option<Arc<Pulse>> {
        let mut threads = self.lock();
        for thread in threads.iter_mut() {
            let step = thread.pulse.step_in_progress();
            if step.is_none() || step != thread.step {
                (thread.step, thread.since) = (step, Instant::now());
            } else if thread.since.elapsed() >= limit {
                self.gave_up.store(true, Ordering::Relaxed);
                return Some(Arc::clone(&thread.pulse));
            }
        }
        None
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Watched>> {
        // Nothing happens under the lock that could panic half-way.
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread is being watched, until this is dropped.
pub(super) struct Working {
    watch: Arc<Watch>,
    pulse: Arc<Pulse>,
}

impl Drop for Working {
    fn drop(&mut self) {
        let mut threads = self.watch.lock();
        if let Some(place) = threads.iter().position(|thread| Arc::ptr_eq(&thread.pulse, &self.pulse)) {
            threads.swap_remove(place);
        }
    }
}

impl Hung {
    /// How many draws the run had answered; `None` if too many to remember.
    fn answers(&self) -> Option<Vec<u32>> {
        self.pulse.answers()
    }

    /// Executes the run again, up to the step that hung.
    pub(super) fn autopsy(&self, scenario: &Scenario) -> Autopsy {
        let limit = scenario.watchdog;
        let Some(answers) = self.answers() else {
            return Autopsy::Unexplained(format!(
                "a step did not return within {limit:?}, after more draws than are remembered; lower the bounds to find \
                 a shorter run that does the same"
            ));
        };
        let drawn = Arc::new(Mutex::new((Tape::default(), History::default())));
        let witness = Arc::new(Witness::default());
        let again = {
            let (scenario, witness, drawn) = (scenario.clone(), Arc::clone(&witness), Arc::clone(&drawn));
            watched(limit, move || {
                let explorer = Rc::new(RefCell::new(Retold { answers, drawn, begun: false }));
                let explorer: Rc<RefCell<dyn Explorer>> = explorer;
                let options = RunOptions { step_limit: scenario.bounds.steps, timeline: true };
                Runner::of(&scenario).witnessed(witness).run(&*scenario.body, &explorer, options, |_| ());
            })
        };
        if again.is_ok() {
            return Autopsy::Unexplained(format!(
                "a step did not return within {limit:?}, and did when the same choices were made again"
            ));
        }
        let (tape, history) = drawn.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let token = Token::of(&scenario.name, &tape, history);
        let testimony = witness.testimony();
        let failure = failure(limit, &testimony.acting);
        Autopsy::Confirmed(Box::new(FailureReport {
            property: failure.property,
            message: failure.message,
            file: None,
            line: None,
            cost: tape.total_cost(),
            steps: testimony.entries.last().map_or(0, |entry| entry.step) + 1,
            token: token.to_string(),
            explanation: Explanation::default(),
            stuck: Vec::new(),
            replay: None,
            costs: CostlyChoice::all(&tape, &[]),
            timeline: testimony.entries,
        }))
    }
}

/// Like [`watched`], for one run with a witness: the failure and the timeline so far where it hangs.
pub(super) fn watched_run<T: Send + 'static>(
    scenario: &Scenario,
    work: impl FnOnce(Runner) -> T + Send + 'static,
) -> Result<T, Box<(Failure, Testimony)>> {
    let witness = Arc::new(Witness::default());
    let told = Arc::clone(&witness);
    let (own, limit) = (scenario.clone(), scenario.watchdog);
    watched(limit, move || work(Runner::of(&own).witnessed(told))).map_err(|_| {
        let testimony = witness.testimony();
        Box::new((failure(limit, &testimony.acting), testimony))
    })
}

fn failure(limit: Duration, acting: &str) -> Failure {
    Failure {
        property: isolate::WATCHDOG.to_owned(),
        message: isolate::hung(limit, acting, "its thread was given up"),
        location: None,
    }
}

/// Answers a run's draws as they were answered before, and keeps what was asked where another thread can read it.
struct Retold {
    answers: Vec<u32>,
    drawn: Arc<Mutex<(Tape, History)>>,
    begun: bool,
}

impl Explorer for Retold {
    fn begin(&mut self) -> bool {
        !std::mem::replace(&mut self.begun, true)
    }

    fn choose(&mut self, position: usize, draw: &Draw<'_>) -> Result<u32, Refusal> {
        let value = self.answers.get(position).copied().unwrap_or(0);
        // Where the draw is another one than it was, the run is not the one that hung, and will not hang.
        let value = if draw.arity().is_some_and(|arity| value >= arity) { 0 } else { value };
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        drawn.0.record(draw, value);
        drawn.1 = draw.history;
        Ok(value)
    }

    fn end(&mut self, _tape: &Tape, _ending: &Ending) -> Result<(), Refusal> {
        Ok(())
    }
}
