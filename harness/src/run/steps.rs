//! The executor: which steps are possible, which one is taken, and what it did.
//!
//! Alternatives are listed in one fixed order: the ready tasks, first-in-first-out; the clock; cancellations; events
//! of the outside world. So alternative 0 is always what an undisturbed first-come-first-served loop would do.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::budget;
use super::context::{Goal, State};
use super::ending::{CutShort, Ending, Failure};
use super::panics::{Caught, catch};
use super::tasks::{Ready, Role, Task, Wakes, waker};
use crate::choice::{Alternatives, Cost, Kind, Label};

const NEXT: Label = Label { kind: Kind::Next, name: "" };
const CUT: Label = Label { kind: Kind::Cut, name: "" };

/// What the host does after a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Flow {
    /// Take another one.
    Continue,
    /// Let time pass.
    MoveClock,
    /// The run is over.
    End(Ending),
}

/// One alternative at a scheduling point.
#[derive(Debug, Clone, Copy)]
enum Choice {
    /// Poll the task at this place of the ready list.
    Poll(usize),
    /// Move the clock to the next timer.
    Clock,
    /// Drop the cancellable future at this place.
    Cancel(usize),
    /// Let the event at this place happen.
    Moment(usize),
}

/// What a movement of the clock that woke nothing means.
#[derive(Debug, Clone, Copy)]
enum IfNothingWakes {
    /// Something else could have been chosen at this draw: the choice was none.
    Void { position: usize },
    /// Nothing else was possible: the run is stuck.
    Stuck,
}

/// Takes a run's steps.
pub(super) struct Steps {
    state: Rc<RefCell<State>>,
    wakes: Arc<Wakes>,
    step_limit: u32,
    tasks: Vec<Task>,
    /// First-in-first-out by (step of the wake-up, task).
    ready: Vec<Ready>,
    /// Foreground tasks that have not ended.
    foreground: usize,
    if_nothing_wakes: IfNothingWakes,
    // Kept from step to step, so that choosing allocates nothing.
    choices: Vec<Choice>,
    costs: Vec<Cost>,
    woken: Vec<u32>,
}

impl Steps {
    pub(super) fn new(state: Rc<RefCell<State>>, wakes: Arc<Wakes>, step_limit: u32) -> Self {
        Steps {
            state,
            wakes,
            step_limit,
            tasks: Vec::new(),
            ready: Vec::new(),
            foreground: 0,
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
        self.list_choices();
        let choice = self.choose();
        if self.state.borrow().decided.is_some() {
            return Flow::Continue;
        }
        self.state.borrow_mut().steps += 1;
        match choice {
            Choice::Poll(place) => self.poll(place),
            Choice::Cancel(place) => self.cancel(place),
            Choice::Moment(place) => self.fire(place),
            Choice::Clock => return Flow::MoveClock,
        }
        Flow::Continue
    }

    /// The clock moved and woke something.
    pub(super) fn clock_moved(&mut self, now: Duration) {
        self.lift_bars();
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
                "nothing will ever wake again, and these have not ended: {}. The usual causes are a lock taken in two \
                 orders, a notification sent before anybody waited, and a dependency that never answers without a \
                 timeout around it",
                names.join(", ")
            ),
            location: None,
        })
    }

    /// Ends the run: drops what is left of its tasks, and looks for panics that nobody observed.
    pub(super) fn finish(&mut self, ending: Ending) -> Ending {
        let mut ending = ending;
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
        let mut state = self.state.borrow_mut();
        if let (Ending::Passed, Some(decided)) = (&ending, state.decided.take()) {
            ending = decided;
        }
        ending
    }

    /// Admits what the last step spawned and woke. `polled` is the task that the step polled.
    fn settle(&mut self, polled: Option<u32>) {
        self.wakes.take_into(&mut self.woken);
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
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
        self.ready.extend(woke_itself);
    }

    fn lift_bars(&mut self) {
        self.ready.iter_mut().for_each(|entry| entry.barred = false);
    }

    fn list_choices(&mut self) {
        self.choices.clear();
        self.costs.clear();
        for (place, entry) in self.ready.iter().enumerate().filter(|(_, entry)| !entry.barred) {
            let overtakes = entry.self_woken && place > 0;
            self.choices.push(Choice::Poll(place));
            self.costs.push(if overtakes { Cost::Preemption } else { Cost::Free });
        }
        self.choices.push(Choice::Clock);
        self.costs.push(if self.ready.is_empty() { Cost::Free } else { Cost::Stall });
        let state = self.state.borrow();
        for (place, cancellable) in state.cancellables.iter().enumerate() {
            if cancellable.target.upgrade().is_some_and(|target| target.is_pending()) {
                self.choices.push(Choice::Cancel(place));
                self.costs.push(Cost::Cancellation);
            }
        }
        for place in 0..state.moments.len() {
            self.choices.push(Choice::Moment(place));
            self.costs.push(Cost::Free);
        }
    }

    fn choose(&mut self) -> Choice {
        let mut state = self.state.borrow_mut();
        // A single alternative that costs something is asked for all the same, so that the bounds can refuse it: where
        // only a task that was just cut is ready, nothing is left but a stall.
        let forced = self.costs[..] == [Cost::Free];
        let value = if forced { 0 } else { state.draw(NEXT, Alternatives::Listed(&self.costs)) };
        let something_else_could_happen = !self.ready.is_empty() || !state.moments.is_empty();
        self.if_nothing_wakes = if something_else_could_happen {
            IfNothingWakes::Void { position: state.last_position() }
        } else {
            IfNothingWakes::Stuck
        };
        self.choices[value as usize]
    }

    fn poll(&mut self, place: usize) {
        let entry = self.ready.remove(place);
        self.lift_bars();
        let index = entry.task as usize;
        self.tasks[index].ready = false;
        let (Some(position), cut) = self.draw_cut(index) else { return };
        let Some(mut future) = self.tasks[index].future.take() else { return };
        if let Some(operations) = cut {
            budget::leave(operations);
        }
        let polled = {
            let mut cx = Context::from_waker(&self.tasks[index].waker);
            catch(|| future.as_mut().poll(&mut cx))
        };
        let used = budget::used();
        let ended = !matches!(polled, Ok(Poll::Pending));
        if ended {
            if let Err(caught) = catch(|| drop(future)).and(polled) {
                self.report_panic(index, &caught);
            }
            self.foreground -= usize::from(self.tasks[index].role == Role::Foreground);
        } else {
            self.tasks[index].future = Some(future);
        }
        let denied = self.record_poll(index, cut, position, used, ended);
        self.settle(Some(entry.task));
        if denied && let Some(last) = self.ready.iter_mut().find(|ready| ready.task == entry.task) {
            last.barred = true;
        }
    }

    /// Asks whether the poll that follows is cut, and after how many operations: any number from 0, but after a cut
    /// at least one, or two tasks could deny themselves the same operation for ever. Without a position the explorer
    /// refused, and the run is over.
    fn draw_cut(&mut self, index: usize) -> (Option<usize>, Option<u32>) {
        let mut state = self.state.borrow_mut();
        state.current_task.clone_from(&self.tasks[index].name);
        let position = state.tape.entries().len();
        let value = state.draw(CUT, Alternatives::Open { rest: Cost::Preemption });
        let answered = state.tape.entries().len() > position;
        let cut = value.checked_sub(1).map(|value| value + self.tasks[index].least_cut());
        (answered.then_some(position), cut)
    }

    /// Writes down what a poll did, and tells whether a cut denied it something.
    fn record_poll(&mut self, index: usize, cut: Option<u32>, position: usize, used: u32, ended: bool) -> bool {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        // What a cut burnt beforehand was not used by the poll.
        let operations = cut.map_or(used, |left| (used + left).saturating_sub(budget::full()));
        // A poll that did not use up what the cut left it was whole, and the cut was none; so was one whose task was
        // not woken meanwhile, since tokio wakes whom it denies an operation.
        let denied = cut.is_some_and(|left| operations >= left && self.wakes.contains(index));
        if !denied && !state.is_double(position) {
            state.tape.normalise(position);
            state.tape.close(position, 1 + operations.saturating_sub(self.tasks[index].least_cut()));
        }
        self.tasks[index].denied = denied;
        state
            .history
            .mix(u64::from(operations) << 32 | u64::from(ended) << 31 | u64::from(denied) << 30 | index as u64);
        let step = state.steps;
        let name = &self.tasks[index].name;
        state.timeline.note(step, name, || describe_poll(denied.then_some(operations), operations, ended));
        denied
    }

    fn report_panic(&self, index: usize, caught: &Caught) {
        let mut state = self.state.borrow_mut();
        let name = &self.tasks[index].name;
        state.history.mix_name("panic");
        let step = state.steps;
        state.timeline.note(step, name, || format!("panics: {}", caught.message));
        if !caught.injected {
            state.fail(Failure {
                property: "panic".to_owned(),
                message: format!("`{name}` panicked: {}", caught.message),
                location: caught.location.clone(),
            });
        }
    }

    fn cancel(&mut self, place: usize) {
        self.lift_bars();
        let cancelled = {
            let mut state = self.state.borrow_mut();
            let cancelled = state.cancellables.remove(place);
            state.history.mix(place as u64 | 1 << 41);
            let step = state.steps;
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

    /// Runs every property. They are taken out meanwhile: a property is code of the scenario and may end up here.
    fn check_properties(&mut self) {
        let mut properties = {
            let mut state = self.state.borrow_mut();
            if state.properties.is_empty() {
                return;
            }
            std::mem::take(&mut state.properties)
        };
        properties.retain_mut(|property| {
            let held = catch(|| (property.holds)());
            let mut state = self.state.borrow_mut();
            let failure = |message: String| Failure {
                property: property.name.clone().into_owned(),
                message,
                location: Some(property.caller.into()),
            };
            match (held, &property.goal) {
                (Ok(Some(true)), Goal::Once(waker)) => {
                    waker.wake_by_ref();
                    return false;
                }
                (Ok(Some(false)), Goal::Always) => state.fail(failure("does not hold".to_owned())),
                (Err(caught), _) => state.fail(failure(format!("the property panicked: {}", caught.message))),
                _ => {}
            }
            true
        });
        let mut state = self.state.borrow_mut();
        properties.append(&mut state.properties);
        state.properties = properties;
    }
}

fn describe_poll(cut_after: Option<u32>, operations: u32, ended: bool) -> String {
    let what = match cut_after {
        Some(operations) => format!("is cut after {operations} operations"),
        None => format!("runs ({operations} operations)"),
    };
    if ended { format!("{what} and ends") } else { what }
}
