//! The executor: settles what the last step did, then takes the next one.
//!
//! `choices.rs` which steps are possible · `poll.rs` polling a task, whole or cut · `lane.rs` spawned tasks among the other
//! steps · `properties.rs` what must hold after each step · `upsets.rs` panics at an await, crashes, answers · `heal.rs` from
//! chaos to heal · `ending.rs` how a run ends · `leaks.rs` who is left then · `unseen.rs` whose panic nobody saw ·
//! `packets.rs` packets that arrive · `rest.rs` how long events of the outside world can be put off.

mod choices;
mod ending;
mod heal;
mod lane;
mod leaks;
#[cfg(feature = "net")]
mod packets;
mod poll;
mod properties;
mod rest;
mod unseen;
mod upsets;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::context::State;
use super::host::Flow;
use super::lane::Lane;
use super::panics::catch;
use super::tasks::{Ready, Role, Task, Wakes, waker};
use crate::choice::Cost;
use crate::ending::{CutShort, Ending};
use choices::{Choice, IfNothingWakes};
use lane::LaneState;

/// Takes a run's steps.
pub(in crate::run) struct Steps {
    state: Rc<RefCell<State>>,
    wakes: Arc<Wakes>,
    step_limit: u32,
    tasks: Vec<Task>,
    /// First-in-first-out by (step of the wake-up, task).
    ready: Vec<Ready>,
    /// Foreground tasks that have not ended.
    foreground: usize,
    lane: LaneState,
    /// Movements of the clock since a foreground task ran, or anything happened but polls.
    rested: u32,
    if_nothing_wakes: IfNothingWakes,
    /// How many turns are left to daemons and spawned tasks; `None` before the foreground has ended.
    last_turns: Option<u32>,
    /// What the last step polled, until it is settled.
    polled: Option<Polled>,
    // Kept from step to step, so that choosing allocates nothing.
    choices: Vec<Choice>,
    costs: Vec<Cost>,
    woken: Vec<u32>,
}

/// A poll that has just ended.
#[derive(Debug, Clone, Copy)]
struct Polled {
    task: u32,
    /// It was cut, and denied an operation.
    denied: bool,
}

impl Steps {
    pub(super) fn new(state: Rc<RefCell<State>>) -> Self {
        Steps {
            state,
            wakes: Arc::default(),
            step_limit: 0,
            tasks: Vec::new(),
            ready: Vec::new(),
            foreground: 0,
            lane: LaneState::default(),
            rested: 0,
            if_nothing_wakes: IfNothingWakes::Stuck,
            last_turns: None,
            polled: None,
            choices: Vec::new(),
            costs: Vec::new(),
            woken: Vec::new(),
        }
    }

    /// Gets ready for the next run, and tells whom its tasks' wakers are to tell. What the last one allocated stays.
    pub(super) fn begin(&mut self, step_limit: u32) -> Arc<Wakes> {
        self.step_limit = step_limit;
        self.tasks.clear();
        self.ready.clear();
        self.foreground = 0;
        self.polled = None;
        self.rested = 0;
        self.last_turns = None;
        self.wakes = Wakes::again(std::mem::take(&mut self.wakes));
        Arc::clone(&self.wakes)
    }

    /// The run's spawned tasks.
    pub(super) fn meet_lane(&mut self, lane: Rc<Lane>) {
        self.lane = LaneState::new(lane);
    }

    /// Settles the last step, then takes the next one.
    pub(super) fn take(&mut self) -> Flow {
        #[cfg(feature = "fail")]
        self.state.borrow_mut().settle_fail_points();
        self.deliver_answers();
        self.settle();
        self.check_properties();
        if let Some(ending) = self.ended() {
            let last_turn = if ending == Ending::Passed { self.last_turn() } else { None };
            return last_turn.unwrap_or_else(|| Flow::End(self.finish(ending)));
        }
        if self.chaos_is_over() {
            self.heal();
            return Flow::Continue;
        }
        if let Some(flow) = self.ask_for_lane() {
            return flow;
        }
        let choice = self.choose();
        {
            let mut state = self.state.borrow_mut();
            if state.decided.is_some() {
                return Flow::Continue;
            }
            state.steps += 1;
            state.beat();
        }
        match choice {
            Choice::Poll(place) => self.poll(place),
            Choice::Clock => return Flow::MoveClock,
            Choice::Lane => return Flow::PollLane,
            #[cfg(feature = "net")]
            Choice::Packet(place) => self.deliver(place),
            _ => self.disturb(choice),
        }
        Flow::Continue
    }

    /// Something happens that is neither a poll nor time.
    fn disturb(&mut self, choice: Choice) {
        self.is_disturbed();
        match choice {
            Choice::Cancel(place) => self.cancel(place),
            Choice::Panic(place) => self.panic_at_await(place),
            Choice::Crash(place) => self.crash(place),
            Choice::Moment(place) => self.fire(place),
            _ => {}
        }
    }

    /// How the run ended, if it did.
    fn ended(&self) -> Option<Ending> {
        let mut state = self.state.borrow_mut();
        if state.decided.is_some() {
            return state.decided.take();
        }
        if self.foreground == 0 {
            return Some(Ending::Passed);
        }
        let limit = self.step_limit;
        let reason = if self.only_background_runs() { CutShort::Background(limit) } else { CutShort::Steps(limit) };
        (state.steps >= limit).then_some(Ending::CutShort(reason))
    }

    /// The virtual time at which the clock stops although nothing is woken: the declared end of the chaos phase.
    pub(super) fn chaos_ends_at(&self) -> Option<Duration> {
        let state = self.state.borrow();
        let end = state.rules.chaos_for.filter(|_| !state.heal.begun)?;
        (state.timeline.now < end).then_some(end)
    }

    /// The clock moved, and woke something or came to the end of the chaos phase.
    pub(super) fn clock_moved(&mut self, now: Duration) {
        self.lift_bars();
        self.rests();
        self.clock_moved_beside_lane();
        let mut state = self.state.borrow_mut();
        state.history.mix(u64::try_from(now.as_nanos()).unwrap_or(u64::MAX));
        state.timeline.now = now;
        let beyond = state.rules.horizon.filter(|horizon| now > *horizon && state.decided.is_none());
        if let Some(horizon) = beyond {
            state.decided = Some(Ending::CutShort(CutShort::Horizon(horizon)));
        }
        let step = state.steps;
        state.timeline.note_outside(step, "clock", || format!("moves to {now:?}"));
    }

    /// Admits what the last step spawned and woke.
    fn settle(&mut self) {
        self.wakes.take_into(&mut self.woken);
        let mut guard = self.state.borrow_mut();
        let state = &mut *guard;
        let polled = self.polled.take();
        let mut woke_itself = None;
        for &id in &self.woken {
            let task = &mut self.tasks[id as usize];
            if task.future.is_none() || task.ready {
                continue;
            }
            state.history.mix(u64::from(id));
            task.ready = true;
            match polled {
                Some(Polled { task, denied }) if task == id => {
                    woke_itself = Some(Ready { task: id, self_woken: true, barred: denied });
                }
                _ => self.ready.push(Ready { task: id, self_woken: false, barred: false }),
            }
        }
        for new in state.new_tasks.drain(..) {
            let id = u32::try_from(self.tasks.len()).unwrap_or(u32::MAX);
            state.history.mix(u64::from(id) | 1 << 40);
            // Tasks that are alike but for their names show the order in which they were started by nothing else.
            state.history.mix_name(&new.name);
            self.foreground += usize::from(new.role == Role::Foreground);
            let waker = waker(id, &self.wakes);
            self.tasks.push(Task {
                name: new.name,
                role: new.role,
                incarnation: new.incarnation,
                future: Some(new.future),
                waker,
                waits: Vec::new(),
                suspension: None,
                ready: true,
                denied: false,
            });
            self.ready.push(Ready { task: id, self_woken: false, barred: false });
        }
        drop(guard);
        #[cfg(feature = "net")]
        self.look_at_network();
        self.look_at_lane();
        self.ready.extend(woke_itself);
    }

    /// Another step is taken: what was barred or overtaken before it no longer is.
    fn lift_bars(&mut self) {
        self.lane.others_go();
        self.ready.iter_mut().for_each(|entry| entry.barred = false);
    }

    fn cancel(&mut self, place: usize) {
        self.lift_bars();
        let cancelled = {
            let mut state = self.state.borrow_mut();
            let cancelled = state.cancellables.remove(place);
            state.history.mix(place as u64 | 1 << 41);
            let step = state.steps;
            state.timeline.acts(&cancelled.name);
            state.timeline.note_outside(step, &cancelled.name, || "is dropped by its caller".to_owned());
            state.upsets.current = cancelled.incarnation;
            cancelled
        };
        let outcome = catch(|| {
            if let Some(target) = cancelled.target.upgrade() {
                target.cancel();
            }
        });
        self.state.borrow_mut().upsets.current = None;
        if let Err(caught) = outcome {
            self.report_panic_of(&cancelled.name, &caught);
        }
    }

    fn fire(&mut self, place: usize) {
        self.lift_bars();
        let waker = {
            let mut state = self.state.borrow_mut();
            let moment = state.moments.remove(place);
            state.history.mix(place as u64 | 1 << 42);
            let step = state.steps;
            state.timeline.note_outside(step, &moment.name, || "happens now".to_owned());
            moment.waker
        };
        waker.wake();
    }
}
