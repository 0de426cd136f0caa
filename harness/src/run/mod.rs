//! One run: a scenario executed under one choice sequence.
//!
//! [`Runner::run`] is the whole story: reset the state, host the scenario in a fresh paused tokio runtime, take steps
//! until the run ends. A *step* is one poll of one task, one poll of a task that the code under test gave to
//! `tokio::spawn`, one drop of a cancelled future, one movement of the clock, or one event of the outside world; [`steps`] chooses and takes them.

mod at_end;
mod budget;
pub(crate) mod context;
mod current;
mod draws;
#[cfg(feature = "fail")]
pub(crate) mod fail_points;
mod host;
pub(crate) mod identity;
pub(crate) mod isolate;
mod lane;
#[cfg(feature = "logs")]
pub(crate) mod log_lines;
pub(crate) mod misplaced;
#[cfg(feature = "net")]
pub(crate) mod network;
mod panics;
pub(crate) mod pulse;
mod rules;
pub(crate) mod site;
pub(crate) mod spawned;
mod steps;
mod stuck;
mod suspension;
mod tally;
mod tasks;
mod timeline;
pub(crate) mod upsets;
pub(crate) mod waits;

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

pub(crate) use panics::{Caught, Injected, Payload, Unmet, catch, catch_whole, panic_location, watch};
pub(crate) use rules::Rules;
pub use stuck::StuckTask;
pub use tally::{FaultName, FaultTally, SometimesTally, Tally};
pub use timeline::TimelineEntry;
pub(crate) use timeline::{Testimony, Witness};

use crate::choice::Tape;
use crate::ending::Ending;
use crate::explore::Explorer;
use crate::hash::History;
use crate::scenario::Scenario;
use crate::uncontrolled::Uncontrolled;
use context::State;
use host::{Advance, Flow, Host};
use steps::Steps;

/// A scenario's body: called once a run, on the worker's thread; the future need not be `Send`.
pub(crate) type Body = dyn Fn() -> Pin<Box<dyn Future<Output = ()>>> + Send + Sync;

/// Executes runs, one at a time, on the thread that made it. What a run allocates is kept for the next one.
pub(crate) struct Runner {
    state: Rc<RefCell<State>>,
    steps: Steps,
    /// Made for the first run: tokio's builder asks for random seeds, which the parent of isolated runs must not.
    host: Option<host::Factory>,
    /// Where each run has a process of its own.
    apart: Option<isolate::Apart>,
    _counted: misplaced::Counted,
}

/// Declares something about the current run as a whole, before anything else happens in it.
pub(crate) fn declare(rule: &dyn Fn(&mut Rules)) {
    context::with(|state| rule(&mut state.rules));
}

/// What a run left behind.
pub(crate) struct Finished<'a> {
    /// How it ended.
    pub ending: Ending,
    /// What was drawn.
    pub tape: &'a Tape,
    /// The hash of everything that happened.
    pub history: History,
    /// How many steps it took.
    pub steps: u32,
    /// The most tasks of `tokio::spawn` that were alive at once.
    pub lane: usize,
    /// Goals reached and faults fired.
    pub tally: &'a Tally,
    /// What happened, where it was asked for.
    pub timeline: &'a [TimelineEntry],
    /// In which step each draw was made, where a timeline was asked for.
    pub draw_steps: &'a [u32],
    /// Where the tasks of a stuck run wait, where a timeline was asked for.
    pub stuck: &'a [StuckTask],
}

impl Default for Runner {
    fn default() -> Self {
        panics::install_hook();
        let mut state = State::default();
        state.pulse = pulse::current();
        let state = Rc::new(RefCell::new(state));
        Runner {
            steps: Steps::new(Rc::clone(&state)),
            state,
            host: None,
            apart: None,
            _counted: misplaced::Counted::new(),
        }
    }
}

/// How a run is to be executed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RunOptions {
    /// The run is cut short after that many steps.
    pub step_limit: u32,
    /// Whether to write a timeline: a replay does, a search does not.
    pub timeline: bool,
}

impl Runner {
    /// Executes runs of this scenario, in the way that it asks for.
    pub(crate) fn of(scenario: &Scenario) -> Self {
        let apart = isolate::Apart::of(scenario);
        Runner { apart, ..Runner::default() }
    }

    /// Tells `witness` what happens while it happens, in runs with a timeline.
    pub(crate) fn witnessed(self, witness: Arc<Witness>) -> Self {
        self.state.borrow_mut().timeline.witness = Some(Rc::new(witness));
        self
    }

    /// Executes one run, if the explorer has one left, and hands what it left behind to `read`.
    ///
    /// # Panics
    /// If called from within a tokio runtime, or from within a run: a run hosts a runtime of its own.
    pub(crate) fn run<R>(
        &mut self,
        body: &Body,
        explorer: &Rc<RefCell<dyn Explorer>>,
        options: RunOptions,
        read: impl FnOnce(Finished<'_>) -> R,
    ) -> Option<R> {
        if !explorer.borrow_mut().begin() {
            return None;
        }
        #[cfg(feature = "fail")]
        let (ending, lane) = self.execute_until_settled(body, explorer, options);
        #[cfg(not(feature = "fail"))]
        let (ending, lane) = self.execute_once(body, explorer, options);
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        #[cfg(feature = "fail")]
        let ending = state.end_fail_points(ending);
        let ending = match explorer.borrow_mut().end(&state.tape, &ending) {
            Ok(()) => ending,
            Err(refusal) => Ending::Uncontrolled(Uncontrolled::Draw(refusal.to_string())),
        };
        Some(read(Finished {
            ending,
            tape: &state.tape,
            history: state.history,
            steps: state.steps,
            lane,
            tally: &state.tally,
            timeline: &state.timeline.entries,
            draw_steps: &state.timeline.draws,
            stuck: &state.stuck,
        }))
    }

    /// Executes the run, or executes it again, here or in a process of its own. Returns the most spawned tasks that were
    /// alive at once, as well.
    fn execute_once(
        &mut self,
        body: &Body,
        explorer: &Rc<RefCell<dyn Explorer>>,
        options: RunOptions,
    ) -> (Ending, usize) {
        self.state.borrow_mut().reset(Rc::clone(explorer), options.timeline);
        let Some(mut apart) = self.apart.take() else { return self.run_here(body, options) };
        let told = self.run_apart(&mut apart, body, options);
        self.apart = Some(apart);
        told
    }

    /// Executes the run that was begun in this process.
    fn run_here(&mut self, body: &Body, options: RunOptions) -> (Ending, usize) {
        #[cfg(feature = "logs")]
        let _lines = log_lines::enter(options.timeline);
        let entered = current::enter(&self.state);
        {
            let state = self.state.borrow();
            state.pulse.run_begins();
            #[cfg(feature = "fail")]
            state.fail_points.foretell(&state.pulse);
        }
        let ended = self.execute(body, options.step_limit);
        drop(entered);
        self.state.borrow().pulse.run_ends();
        ended
    }

    fn execute(&mut self, body: &Body, step_limit: u32) -> (Ending, usize) {
        let steps = &mut self.steps;
        let host = self.host.get_or_insert_with(host::Factory::default).start(steps.begin(step_limit));
        steps.meet_lane(host.lane());
        context::with(|state| state.spawn("scenario".into(), tasks::Role::Foreground, body()));
        let ending = loop {
            let decided = match host.drive(|| steps.take()) {
                Flow::End(ending) => Some(ending),
                Flow::MoveClock => move_clock(&host, steps),
                Flow::PollLane => {
                    steps.lane_acts();
                    steps.lane_had_its_turn(&host.poll_lane())
                }
                Flow::Continue => unreachable!("`drive` returns only where a step is taken elsewhere, or at an end"),
            };
            if let Some(ending) = decided {
                break ending;
            }
        };
        let stopped = host.stop();
        let ending = steps.runtime_ended(stopped.left, stopped.panic.as_ref(), ending);
        let ending = match (at_end::judge(&self.state, ending), stopped.escaped) {
            (ending @ Ending::Failed(_), _) | (ending, None) => ending,
            (_, Some(escaped)) => Ending::Uncontrolled(escaped),
        };
        (ending, steps.lane_most())
    }
}

/// Polls a spawned task, if only such a one is ready, or else moves the clock. Tells the run's end, where it is one.
fn move_clock(host: &Host, steps: &mut Steps) -> Option<Ending> {
    let lane_in_use = steps.lane_in_use();
    if lane_in_use {
        steps.lane_acts();
    }
    if steps.lane_may_be_ready() {
        let turn = host.poll_lane();
        if turn.polled {
            return steps.lane_went_before_clock(&turn);
        }
        steps.lane_is_idle();
        if steps.chaos_is_over() {
            return None;
        }
    }
    let stop = steps.chaos_ends_at();
    let (advance, panic) = if lane_in_use { host.advance_beside_lane(stop) } else { (host.advance(stop), None) };
    match advance {
        Advance::Woken => steps.clock_moved(host.now()),
        Advance::LanePolled => {
            steps.clock_moved(host.now());
            steps.lane_polled(panic.as_ref());
        }
        Advance::Nothing => return Some(host.within(|| steps.stop_stuck())),
    }
    None
}
