//! Executions on behalf of an explanation: counted, and never more than were granted.

use std::cell::RefCell;
use std::rc::Rc;

use crate::choice::Tape;
use crate::ending::{Ending, Failure};
use crate::explore::{Explorer, Refusal};
use crate::hash::History;
use crate::run::{Finished, RunOptions, Runner};
use crate::scenario::Scenario;
use crate::uncontrolled::Uncontrolled;

/// Executes runs of one scenario.
pub(super) struct Trials<'a> {
    scenario: &'a Scenario,
    runner: Runner,
    step_limit: u32,
    /// Executions that are still granted.
    left: u64,
    executed: u64,
    /// Nobody waits for more, whatever was granted.
    ends: Option<Box<dyn Fn() -> bool>>,
}

/// A failing run.
#[derive(Debug, Clone)]
pub(super) struct Failing {
    pub(super) failure: Failure,
    pub(super) tape: Tape,
    pub(super) history: History,
    pub(super) steps: u32,
}

/// An explorer's next run, void ones passed over.
pub(super) enum Next<R> {
    /// It was executed.
    Ran(R),
    /// The explorer has none left.
    NoMore,
    /// No more executions are granted.
    Spent,
    /// The scenario is no function of its choices.
    Uncontrolled(Uncontrolled),
}

impl<'a> Trials<'a> {
    pub(super) fn new(scenario: &'a Scenario, step_limit: u32) -> Self {
        Trials { scenario, runner: Runner::of(scenario), step_limit, left: 0, executed: 0, ends: None }
    }

    /// Grants nothing any more once `ends` says so; asked before each execution.
    pub(super) fn until(self, ends: impl Fn() -> bool + 'static) -> Self {
        Trials { ends: Some(Box::new(ends)), ..self }
    }

    /// From here on that many executions may be spent.
    pub(super) fn grant(&mut self, executions: u64) {
        self.left = executions;
    }

    pub(super) fn executed(&self) -> u64 {
        self.executed
    }

    pub(super) fn next<R>(
        &mut self,
        explorer: &Rc<RefCell<dyn Explorer>>,
        read: impl Fn(Finished<'_>) -> R,
    ) -> Next<R> {
        let options = RunOptions { step_limit: self.step_limit, timeline: false };
        loop {
            if self.left == 0 || self.ends.as_ref().is_some_and(|ends| ends()) {
                return Next::Spent;
            }
            let ran = self.runner.run(&*self.scenario.body, explorer, options, |finished| match finished.ending {
                Ending::Void { .. } => None,
                Ending::Uncontrolled(reason) => Some(Next::Uncontrolled(reason)),
                _ => Some(Next::Ran(read(finished))),
            });
            let Some(ran) = ran else { return Next::NoMore };
            self.left -= 1;
            self.executed += 1;
            if let Some(next) = ran {
                return next;
            }
        }
    }
}

impl Failing {
    /// What a finished run leaves, if it failed.
    pub(super) fn of(finished: &Finished<'_>) -> Option<Self> {
        let Ending::Failed(failure) = &finished.ending else { return None };
        Some(Failing {
            failure: failure.clone(),
            tape: finished.tape.clone(),
            history: finished.history,
            steps: finished.steps,
        })
    }

    /// Smaller is simpler: by cost, then by the answers in their order.
    pub(super) fn size(&self) -> (u32, Vec<u32>) {
        (self.tape.total_cost(), self.tape.values())
    }
}

/// Whether two failures are one: the same property, and of panics those at the same line.
pub(super) fn same(one: &Failure, other: &Failure) -> bool {
    let is_panic = one.property == "panic";
    one.property == other.property && (!is_panic || one.location == other.location)
}

/// An explorer that hears of failures as if they were none, so that it goes on beneath and beside them.
pub(super) struct Unmoved<E>(pub(super) E);

impl<E: Explorer> Explorer for Unmoved<E> {
    fn begin(&mut self) -> bool {
        self.0.begin()
    }

    fn choose(&mut self, position: usize, draw: &crate::choice::Draw<'_>) -> Result<u32, Refusal> {
        self.0.choose(position, draw)
    }

    fn cut_closed(&mut self, cut: &crate::explore::ClosedCut) -> Result<(), Refusal> {
        self.0.cut_closed(cut)
    }

    fn cut_was_void(&mut self, position: usize) -> Result<(), Refusal> {
        self.0.cut_was_void(position)
    }

    fn end(&mut self, tape: &Tape, ending: &Ending) -> Result<(), Refusal> {
        let told = if matches!(ending, Ending::Failed(_)) { &Ending::Passed } else { ending };
        self.0.end(tape, told)
    }
}
