//! Fail points of the `fail` crate, driven from the choice sequence.
//!
//! A hit draws, there and then, by a callback (`registry.rs`). Where the answer is to go on, or to panic, that is all. A
//! `return` must stand in the registry before the hit. So the execution is abandoned, and the run is executed again from
//! its beginning with the same answers, this time with the `return` in its place: the *plan*. To explorers that is one
//! run, with a draw at the hit, as any other fault; no run counts twice, and none is void.
//!
//! While a point is armed, nobody calls back. What it did is *settled* before the next draw and after the step: hits that
//! were planned enter the tape, where they belong, since no draw came in between; and so do hits right behind the last
//! planned one, which went on: if their draw says otherwise, the run is executed once more. Hits of *two* armed points
//! behind their planned ones came in an order that nobody can tell: the run says so, and is uncontrolled.
//!
//! `turns.rs` keeps runs apart that could meet each other's `return`.

mod registry;
mod settle;
mod turns;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use self::registry::Action;
use self::turns::Turn;
pub(crate) use self::turns::give_up;
use super::context::{State, try_with};
use super::pulse::Pulse;
use super::tally::Tally;
use super::{Body, Injected, RunOptions, Runner};
use crate::choice::{Draw, Tape};
use crate::ending::Ending;
use crate::explore::{Explorer, Refusal, same_draw};

/// The kind of the panic that a point can be declared to have.
pub(crate) const PANIC: &str = "panic";

/// A run's fail points.
#[derive(Default)]
pub(crate) struct FailPoints {
    points: Vec<Point>,
    /// What hits do that were drawn in an earlier execution of the run, by position.
    plan: Vec<Planned>,
    /// How many of those have been met in this execution.
    met: usize,
    /// Hits enter the tape just now.
    settling: bool,
    /// The run is executed once more.
    again: bool,
    /// What was drawn in the execution before.
    retrace: Tape,
    /// Open draws that were closed, in this execution; and in the one before, whose explorer has heard of them.
    closed: usize,
    closed_before: usize,
    turn: Option<Turn>,
    /// A run of this runner drove a point, so the next will.
    drives: bool,
}

/// A point that the scenario drives.
struct Point {
    name: &'static str,
    kinds: Vec<&'static str>,
    /// In this execution.
    hits: u32,
    /// What stands in the registry; none while it calls back.
    armed: Vec<Action>,
}

/// What one hit of a point does.
#[derive(Debug, Clone, Copy)]
struct Planned {
    point: &'static str,
    /// From 1.
    hit: u32,
    action: Action,
    /// Of its draw.
    position: usize,
}

impl Point {
    fn action(&self, value: u32) -> Action {
        match (value as usize).checked_sub(1).map(|index| self.kinds[index]) {
            None => Action::GoesOn,
            Some(PANIC) => Action::Panics,
            Some(text) => Action::Returns(text),
        }
    }

    /// A text that its production code can be given.
    fn marker(&self) -> &'static str {
        self.kinds.iter().find(|kind| **kind != PANIC).copied().unwrap_or_default()
    }
}

impl FailPoints {
    /// Waits until a run may begin.
    pub(super) fn begin_run(&mut self, pulse: &Arc<Pulse>) {
        self.plan.clear();
        self.retrace.clear();
        self.closed_before = 0;
        self.turn = Some(Turn::take(self.drives, pulse));
    }

    /// Every execution begins without points.
    pub(super) fn begin_execution(&mut self) {
        self.points.clear();
        (self.met, self.closed, self.settling) = (0, 0, false);
    }

    /// Tells a watcher what is going to be drawn: should a step hang, it may be the one that a `return` led to.
    pub(super) fn foretell(&self, pulse: &Pulse) {
        self.retrace.entries().iter().enumerate().for_each(|(position, entry)| pulse.draw(position, entry.value));
    }

    /// Whether the run is to be executed again; gets ready for it.
    pub(super) fn executes_again(&mut self, tape: &Tape, pulse: &Arc<Pulse>) -> bool {
        if !std::mem::take(&mut self.again) {
            return false;
        }
        self.retrace.clone_from(tape);
        self.closed_before = self.closed_before.max(self.closed);
        if self.turn.as_ref().is_some_and(|turn| !turn.alone) {
            self.turn = None;
            self.turn = Some(Turn::take(true, pulse));
        }
        true
    }

    /// The points are off until the next run.
    pub(super) fn end_run(&mut self) {
        self.points.clear();
        self.turn = None;
    }

    /// The answer of the execution before, where there was one.
    pub(super) fn answer_again(&self, position: usize, draw: &Draw<'_>) -> Option<Result<u32, Refusal>> {
        let expected = self.retrace.entries().get(position)?;
        Some(same_draw(expected, position, draw).map(|()| expected.value))
    }

    /// Whether that draw was made in the execution before.
    pub(super) fn is_retraced(&self, position: usize) -> bool {
        position < self.retrace.entries().len()
    }

    /// Whether the explorer is to hear that an open draw was closed.
    pub(super) fn tells_closing(&mut self) -> bool {
        self.closed += usize::from(!self.again);
        !self.again && self.closed > self.closed_before
    }

    /// A point that no code came to was declared all the same: its name may be misspelt.
    pub(super) fn declare(&self, tally: &mut Tally) {
        self.points.iter().for_each(|point| tally.declare(point.name, &point.kinds));
    }

    fn point(&mut self, name: &str) -> Option<&mut Point> {
        self.points.iter_mut().find(|point| point.name == name)
    }

    /// Whether it is planned what the very next hit of the point does.
    fn is_next_planned(&self, name: &str) -> bool {
        let next = self.points.iter().find(|point| point.name == name).map(|point| point.hits + 1);
        self.plan[self.met..].iter().any(|planned| planned.point == name && Some(planned.hit) == next)
    }

    /// What the point does at its next hits, as far as that is planned.
    fn planned(&self, point: &Point) -> Vec<Action> {
        let mut next = point.hits;
        let mut actions = Vec::new();
        for planned in self.plan[self.met..].iter().filter(|planned| planned.point == point.name) {
            next += 1;
            if planned.hit != next {
                break;
            }
            actions.push(planned.action);
        }
        actions
    }

    /// Puts into the registry what the point does next.
    fn configure(&mut self, name: &str) {
        let Some(place) = self.points.iter().position(|point| point.name == name) else { return };
        let actions = self.planned(&self.points[place]);
        let point = &mut self.points[place];
        if actions.is_empty() {
            registry::call_back(point.name, hit);
        } else {
            registry::arm(point.name, &actions, point.marker());
        }
        point.armed = actions;
    }
}

/// A point was hit, on this thread.
fn hit(name: &'static str) {
    if try_with(|state| state.fail_point_hit(name)) == Some(Action::Panics) {
        // Out of the point, as one that `fail` is told to throw; here it holds no lock.
        std::panic::resume_unwind(Box::new(Injected));
    }
}

impl Runner {
    /// Executes a run as often as its fail points make it necessary; before each time it may have to wait.
    pub(super) fn execute_until_settled(
        &mut self,
        body: &Body,
        explorer: &Rc<RefCell<dyn Explorer>>,
        options: RunOptions,
    ) -> (Ending, usize) {
        {
            let state = &mut *self.state.borrow_mut();
            state.fail_points.begin_run(&state.pulse);
        }
        loop {
            let ended = self.execute_once(body, explorer, options);
            let state = &mut *self.state.borrow_mut();
            if !state.fail_points.executes_again(&state.tape, &state.pulse) {
                return ended;
            }
            state.timeline.forget_told();
        }
    }
}

impl State {
    /// The points are off until the next run.
    pub(super) fn end_fail_points(&mut self, ending: Ending) -> Ending {
        self.fail_points.end_run();
        match (ending, self.missed_fail_point(true)) {
            (ending @ (Ending::Void { .. } | Ending::Uncontrolled(_)), _) | (ending, None) => ending,
            (_, Some(missed)) => missed,
        }
    }

    /// Lets the run drive a point. Nothing happens at it until kinds are added.
    ///
    /// The first run that does is executed again, alone.
    pub(crate) fn drive_fail_point(&mut self, name: &'static str) {
        self.fail_points.drives = true;
        if self.fail_points.turn.as_ref().is_some_and(|turn| !turn.alone) {
            self.execute_again();
        }
        if self.fail_points.again || self.fail_points.point(name).is_some() {
            return;
        }
        self.fail_points.points.push(Point { name, kinds: Vec::new(), hits: 0, armed: Vec::new() });
        self.fail_points.turn.iter_mut().for_each(|turn| turn.points.push(name));
        self.fail_points.configure(name);
    }

    /// What can happen at a point besides going on.
    pub(crate) fn add_fail_point_kinds(&mut self, name: &str, kinds: &[&'static str]) {
        self.settle_fail_points();
        if self.fail_points.again {
            return;
        }
        if let Some(point) = self.fail_points.point(name) {
            for kind in kinds {
                if !point.kinds.contains(kind) {
                    point.kinds.push(kind);
                }
            }
        }
        self.fail_points.configure(name);
    }

    fn execute_again(&mut self) {
        self.fail_points.again = true;
        self.decided = Some(Ending::Void { position: self.last_position() });
    }

    /// Draws what a point does that calls back.
    fn fail_point_hit(&mut self, name: &'static str) -> Action {
        if self.judging || self.fail_points.again {
            return Action::GoesOn;
        }
        self.settle_fail_points();
        let Some(point) = self.fail_points.point(name) else { return Action::GoesOn };
        point.hits += 1;
        let (hit, kinds) = (point.hits, point.kinds.clone());
        let position = self.tape.entries().len();
        let value = crate::fault::draw(self, name, &kinds).map_or(0, |fault| fault.index + 1);
        let action = self.fail_points.point(name).map(|point| point.action(u32::try_from(value).unwrap_or(0)));
        match action.unwrap_or(Action::GoesOn) {
            action @ Action::Returns(_) => {
                self.fail_points.plan.push(Planned { point: name, hit, action, position });
                self.execute_again();
                Action::GoesOn
            }
            action => {
                self.fail_points.configure(name);
                action
            }
        }
    }
}
