//! The executor: settles what the last step did, then takes the next one.
//!
//! `choices.rs` which steps are possible · `poll.rs` polling a task, whole or cut · `lane.rs` spawned tasks among the other
//! steps · `properties.rs` what must hold after each step.

mod choices;
mod lane;
mod poll;
mod properties;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::context::State;
use super::host::Flow;
use super::lane::Lane;
use super::panics::{Caught, catch};
use super::tasks::{Ready, Role, Task, Wakes, waker};
use crate::choice::Cost;
use crate::ending::{CutShort, Ending, Failure};
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
    if_nothing_wakes: IfNothingWakes,
    // Kept from step to step, so that choosing allocates nothing.
    choices: Vec<Choice>,
    costs: Vec<Cost>,
    woken: Vec<u32>,
}

impl Steps {
    pub(super) fn new(state: Rc<RefCell<State>>, wakes: Arc<Wakes>, lane: Rc<Lane>, step_limit: u32) -> Self {
        Steps {
            state,
            wakes,
            step_limit,
            tasks: Vec::new(),
            ready: Vec::new(),
            foreground: 0,
            lane: LaneState::new(lane),
            if_nothing_wakes: IfNothingWakes::Stuck,
            choices: Vec::new(),
            costs: Vec::new(),
            woken: Vec::new(),
        }
    }

    /// Settles the last step, then takes the next one.
    pub(super) fn take(&mut self) -> Flow {
        self.settle(None);
        self.check_properties();
        let decided = self.state.borrow_mut().decided.take();
        if let Some(ending) = decided {
            return Flow::End(ending);
        }
        if self.foreground == 0 {
            return Flow::End(Ending::Passed);
        }
        if self.state.borrow().steps >= self.step_limit {
            return Flow::End(Ending::CutShort(CutShort::Steps(self.step_limit)));
        }
        if let Some(flow) = self.ask_for_lane() {
            return flow;
        }
        self.list_choices();
        let choice = self.choose();
        if self.state.borrow().decided.is_some() {
            return Flow::Continue;
        }
        {
            let mut state = self.state.borrow_mut();
            state.steps += 1;
            state.pulse.beat();
        }
        match choice {
            Choice::Poll(place) => self.poll(place),
            Choice::Cancel(place) => self.cancel(place),
            Choice::Moment(place) => self.fire(place),
            Choice::Clock => return Flow::MoveClock,
            Choice::Lane => return Flow::PollLane,
        }
        Flow::Continue
    }

    /// The clock moved and woke something.
    pub(super) fn clock_moved(&mut self, now: Duration) {
        self.lift_bars();
        self.clock_moved_beside_lane();
        let mut state = self.state.borrow_mut();
        state.history.mix(u64::try_from(now.as_nanos()).unwrap_or(u64::MAX));
        state.timeline.now = now;
        let step = state.steps;
        state.timeline.note(step, "clock", || format!("moves to {now:?}"));
    }

    /// The clock was moved and nothing will ever wake.
    pub(super) fn nothing_will_wake(&self) -> Ending {
        if let IfNothingWakes::Void { position } = self.if_nothing_wakes {
            return Ending::Void { position };
        }
        let waiting = self.tasks.iter().filter(|task| task.role == Role::Foreground && task.future.is_some());
        let names: Vec<&str> = waiting.map(|task| &*task.name).collect();
        Ending::Failed(Failure {
            property: "stuck".to_owned(),
            message: format!(
                "nothing will ever wake again, and these have not ended: {}{}. The usual causes are a lock taken in two \
                 orders, a notification sent before anybody waited, and a dependency that never answers without a \
                 timeout around it",
                names.join(", "),
                self.lane_left_over()
            ),
            location: None,
        })
    }

    /// Ends the run: drops what is left of its tasks, and looks for panics that nobody observed.
    pub(super) fn finish(&mut self, mut ending: Ending) -> Ending {
        for index in 0..self.tasks.len() {
            let future = self.tasks[index].future.take();
            if let Err(caught) = catch(|| drop(future)) {
                self.report_panic(index, &caught);
            }
        }
        let leftovers = {
            let mut state = self.state.borrow_mut();
            let state = &mut *state;
            // A place that the code never came to was declared all the same: its name may be misspelt.
            for site in &state.sites {
                site.kinds.get().iter().for_each(|kind| state.tally.fault((site.place, kind), false));
            }
            (
                std::mem::take(&mut state.new_tasks),
                std::mem::take(&mut state.moments),
                std::mem::take(&mut state.cancellables),
                std::mem::take(&mut state.properties),
                std::mem::take(&mut state.sites),
            )
        };
        let _ = catch(|| drop(leftovers));
        self.or_decided(&mut ending);
        ending
    }

    /// The runtime has dropped the spawned tasks that were left; `panic` is what a destructor of theirs did.
    pub(super) fn runtime_ended(&mut self, left: usize, panic: Option<&Caught>, mut ending: Ending) -> Ending {
        if left > 0 {
            self.note_lane(|| format!("the runtime drops what is left ({left} spawned tasks)"));
        }
        if let Some(caught) = panic {
            self.report_lane_panic(caught);
        }
        let leftovers = {
            let mut state = self.state.borrow_mut();
            (std::mem::take(&mut state.new_tasks), std::mem::take(&mut state.moments))
        };
        let _ = catch(|| drop(leftovers));
        self.or_decided(&mut ending);
        ending
    }

    /// What was decided after a run had passed is its ending.
    fn or_decided(&self, ending: &mut Ending) {
        let decided = self.state.borrow_mut().decided.take();
        if let (Ending::Passed, Some(decided)) = (&*ending, decided) {
            *ending = decided;
        }
    }

    /// Admits what the last step spawned and woke. `polled` is the task that the step polled.
    fn settle(&mut self, polled: Option<u32>) {
        self.wakes.take_into(&mut self.woken);
        let mut guard = self.state.borrow_mut();
        let state = &mut *guard;
        let mut woke_itself = None;
        for &id in &self.woken {
            let task = &mut self.tasks[id as usize];
            if task.future.is_none() || task.ready {
                continue;
            }
            state.history.mix(u64::from(id));
            task.ready = true;
            let entry = Ready { task: id, self_woken: polled == Some(id), barred: false };
            if entry.self_woken {
                woke_itself = Some(entry);
            } else {
                self.ready.push(entry);
            }
        }
        for new in state.new_tasks.drain(..) {
            let id = u32::try_from(self.tasks.len()).unwrap_or(u32::MAX);
            state.history.mix(u64::from(id) | 1 << 40);
            self.foreground += usize::from(new.role == Role::Foreground);
            let waker = waker(id, &self.wakes);
            self.tasks.push(Task {
                name: new.name,
                role: new.role,
                future: Some(new.future),
                waker,
                ready: true,
                denied: false,
            });
            self.ready.push(Ready { task: id, self_woken: false, barred: false });
        }
        drop(guard);
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
            state.timeline.note(step, &cancelled.name, || "is dropped by its caller".to_owned());
            cancelled
        };
        let outcome = catch(|| {
            if let Some(target) = cancelled.target.upgrade() {
                target.cancel();
            }
        });
        if let Err(caught) = outcome {
            self.report_panic(0, &caught);
        }
    }

    fn fire(&mut self, place: usize) {
        self.lift_bars();
        let waker = {
            let mut state = self.state.borrow_mut();
            let moment = state.moments.remove(place);
            state.history.mix(place as u64 | 1 << 42);
            let step = state.steps;
            state.timeline.note(step, &moment.name, || "happens now".to_owned());
            moment.waker
        };
        waker.wake();
    }
}
