//! The lane among the other steps: when it is its turn, what that costs, and what is known of it.
//!
//! The lane stands in the ready list like a task, from the step on in which one of the spawned tasks was or may have been
//! woken, and goes to the back after each of its polls. tokio tells which spawned tasks the controlled steps woke, but
//! not which of them the lane and the clock woke, so the lane may be *unsure*. Then
//! - behind others it is an alternative that is void if nothing was ready;
//! - in front of others it is asked for first, by a draw of its own: 0 is "its turn", and if nothing was ready there is no
//!   other answer, the lane leaves the list, and nothing has happened; 1, "it waits", exists only where something was
//!   ready, so that from then on it is sure, and a task that woke itself overtakes it at its price;
//! - alone it shares one alternative with the clock, which moves if nothing was ready.
//!
//! Fairness: choosing the lane while others were ready before it is free for as many polls in a row as there are spawned
//! tasks, each of which may have its turn; after that it costs a preemption. So a spawned task that yields until somebody
//! else does something ends under any finite bound, as does the other way round.
//!
//! Limits: polls are whole, spawned tasks overtake each other never, and no time passes while one is ready.

use std::rc::Rc;

use super::Steps;
use super::choices::Choice;
use crate::choice::{Alternatives, Cost, Kind, Label};
use crate::ending::{Ending, Failure};
use crate::run::host::Flow;
use crate::run::lane::{Lane, LaneTurn};
use crate::run::panics::Caught;
use crate::run::tasks::{LANE, Ready};

const ITS_TURN: Label = Label { kind: Kind::Lane, name: "" };

/// How spawned tasks are called in timelines.
const NAME: &str = "lane";

/// What the steps know of the lane.
#[derive(Default)]
pub(super) struct LaneState {
    /// `None` before the first run.
    lane: Option<Rc<Lane>>,
    known: Known,
    asked: Asked,
    /// It was decided that it waits at this scheduling point.
    pub(super) waits: bool,
    /// Polls since another step than the lane's.
    in_a_row: usize,
    /// The most spawned tasks that were alive during those.
    most_in_a_row: usize,
    /// The most that were alive in the run.
    most: usize,
}

/// Whether a spawned task is ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Known {
    #[default]
    Idle,
    Unsure,
    Ready,
}

/// How the lane came to its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Asked {
    /// It was one of several alternatives.
    #[default]
    Chosen,
    /// It was in front and unsure, and something else was possible: the draw at this position.
    First { position: usize },
    /// It was in front and unsure, and nothing else was possible.
    Alone,
}

impl LaneState {
    pub(super) fn new(lane: Rc<Lane>) -> Self {
        LaneState { lane: Some(lane), ..LaneState::default() }
    }

    /// How many spawned tasks have not ended.
    pub(super) fn alive(&self) -> usize {
        self.lane.as_ref().map_or(0, |lane| lane.alive())
    }

    /// Something is ready, or nobody knows.
    pub(super) fn may_be_ready(&self) -> bool {
        self.known != Known::Idle
    }

    pub(super) fn is_ready(&self) -> bool {
        self.known == Known::Ready
    }

    /// What its turn costs, at this place of the ready list.
    pub(super) fn cost(&self, place: usize) -> Cost {
        let had_their_turns = self.in_a_row >= self.most_in_a_row;
        if had_their_turns && place > 0 { Cost::Preemption } else { Cost::Free }
    }

    /// Another step is taken.
    pub(super) fn others_go(&mut self) {
        self.in_a_row = 0;
        self.most_in_a_row = 0;
    }
}

impl Steps {
    /// Whether a spawned task is alive.
    pub(in crate::run) fn lane_in_use(&self) -> bool {
        self.lane.alive() > 0
    }

    /// The most spawned tasks that were alive at once.
    pub(in crate::run) fn lane_most(&self) -> usize {
        self.lane.most
    }

    pub(in crate::run) fn lane_may_be_ready(&self) -> bool {
        self.lane.may_be_ready()
    }

    /// Learns what the last step did to the spawned tasks.
    pub(super) fn look_at_lane(&mut self) {
        let alive = self.lane.alive();
        if alive == 0 {
            if self.lane.may_be_ready() {
                self.lane_is_idle();
            }
            return;
        }
        let queued = self.lane.lane.as_ref().map_or(0, |lane| lane.queued());
        self.lane.most = self.lane.most.max(alive);
        self.lane.most_in_a_row = self.lane.most_in_a_row.max(alive);
        // Who they are cannot be seen; how many, and how many were woken, can.
        self.state.borrow_mut().history.mix((alive as u64) << 20 | queued as u64 | 1 << 43);
        if queued > 0 {
            self.lane.known = Known::Ready;
        }
        if self.lane.may_be_ready() && !self.ready.iter().any(|entry| entry.task == LANE) {
            self.ready.push(Ready { task: LANE, self_woken: false, barred: false });
        }
    }

    /// Gives the lane its turn, or asks whether to, where it is in front and unsure. `None` where it is not, or waits.
    pub(super) fn ask_for_lane(&mut self) -> Option<Flow> {
        self.lane.waits = false;
        self.lane.asked = Asked::Chosen;
        let in_front = self.ready.first().is_some_and(|entry| entry.task == LANE);
        if !in_front || self.lane.known != Known::Unsure {
            return None;
        }
        // In the heal phase nothing is asked, and an event that is due must not wait for the clock.
        if self.state.borrow().heal.begun {
            return Some(self.lane_alone());
        }
        if self.ready.len() < 2 {
            return None;
        }
        if !self.something_but_lane_and_clock() {
            return Some(self.lane_alone());
        }
        let mut state = self.state.borrow_mut();
        let position = state.tape.entries().len();
        let value = state.draw(ITS_TURN, Alternatives::Open { rest: Cost::Free });
        if state.decided.is_some() {
            return Some(Flow::Continue);
        }
        if value == 0 {
            self.lane.asked = Asked::First { position };
            return Some(Flow::PollLane);
        }
        self.lane.known = Known::Ready;
        self.lane.waits = true;
        None
    }

    /// Gives the lane its turn where nothing is asked; it leaves the list if nothing was ready.
    pub(super) fn lane_alone(&mut self) -> Flow {
        self.lane.asked = Asked::Alone;
        Flow::PollLane
    }

    fn something_but_lane_and_clock(&mut self) -> bool {
        self.list_choices();
        self.choices.iter().any(|choice| !matches!(choice, Choice::Lane | Choice::Clock))
    }

    /// What happens from now on is done by a spawned task.
    pub(in crate::run) fn lane_acts(&self) {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        state.beat();
        state.current_task = NAME.into();
        state.timeline.acts(NAME);
    }

    /// The lane had its turn. Tells the run's end, where it was none.
    pub(in crate::run) fn lane_had_its_turn(&mut self, turn: &LaneTurn) -> Option<Ending> {
        if let Asked::First { position } = self.lane.asked {
            let arity = if turn.polled { 2 } else { 1 };
            self.state.borrow_mut().close_open(position, arity);
        }
        if turn.polled {
            self.state.borrow_mut().steps += u32::from(self.lane.asked != Asked::Chosen);
            self.lane_polled(turn.panic.as_ref());
            return None;
        }
        let void = self.lane.asked == Asked::Chosen;
        self.lane_is_idle();
        void.then(|| Ending::Void { position: self.state.borrow().last_position() })
    }

    /// The clock was chosen, and a spawned task was ready instead: its poll is the step, unless the clock was to move
    /// although somebody else was ready.
    pub(in crate::run) fn lane_went_before_clock(&mut self, turn: &LaneTurn) -> Option<Ending> {
        if self.others_ready() {
            return Some(Ending::Void { position: self.state.borrow().last_position() });
        }
        self.lane_polled(turn.panic.as_ref());
        None
    }

    /// No spawned task is ready.
    pub(in crate::run) fn lane_is_idle(&mut self) {
        self.lane.known = Known::Idle;
        self.ready.retain(|entry| entry.task != LANE);
    }

    /// A spawned task was polled.
    pub(in crate::run) fn lane_polled(&mut self, panic: Option<&Caught>) {
        let in_a_row = self.lane.in_a_row + 1;
        let most_in_a_row = self.lane.most_in_a_row;
        self.lift_bars();
        (self.lane.in_a_row, self.lane.most_in_a_row) = (in_a_row, most_in_a_row);
        let alive = self.lane.alive();
        self.state.borrow_mut().history.mix(1 << 44);
        self.note_lane(|| format!("polls one spawned task ({alive} alive)"));
        if let Some(caught) = panic {
            self.report_lane_panic(caught);
        }
        // To the back of the list, behind what it woke.
        self.ready.retain(|entry| entry.task != LANE);
        self.lane.known = Known::Unsure;
        self.settle();
    }

    /// The clock moved beside spawned tasks, which may have woken some.
    pub(super) fn clock_moved_beside_lane(&mut self) {
        if self.lane.alive() > 0 && !self.lane.may_be_ready() {
            self.lane.known = Known::Unsure;
        }
    }

    pub(super) fn others_ready(&self) -> bool {
        self.ready.iter().any(|entry| entry.task != LANE)
    }

    pub(super) fn note_lane(&self, what: impl FnOnce() -> String) {
        let mut state = self.state.borrow_mut();
        let step = state.steps;
        state.timeline.note(step, NAME, what);
    }

    /// For the list of those who wait for ever.
    pub(super) fn lane_left_over(&self) -> String {
        match self.lane.alive() {
            0 => String::new(),
            alive => format!(", and {alive} of the tasks given to `tokio::spawn`"),
        }
    }

    /// A panic ends the task, and tokio hands it to whoever joins it; but nobody need do so.
    pub(super) fn report_lane_panic(&self, caught: &Caught) {
        self.note_lane(|| format!("a spawned task panics: {}", caught.message));
        let mut state = self.state.borrow_mut();
        state.history.mix_name("panic");
        state.fail(Failure {
            property: "panic".to_owned(),
            message: format!("a task of `tokio::spawn` panicked: {}", caught.message),
            location: caught.location.clone(),
        });
    }
}
