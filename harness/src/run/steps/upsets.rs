//! Steps that befall a task from outside: a panic at an await, a crash, the answer of a dependency.

use super::Steps;
use crate::ending::Ending;
use crate::run::panics::catch;
use crate::run::tasks::{FIRST_OUTBOX, NewTask, Role};
use crate::uncontrolled::Uncontrolled;

impl Steps {
    /// Lets the future at `place` panic where it waits. Its task is polled in this very step, woken or not, so that
    /// the panic goes on through whatever encloses the future; a task that is not the run's own is woken, and panics
    /// when it is polled next.
    pub(super) fn panic_at_await(&mut self, place: usize) {
        self.lift_bars();
        let (waker, task, panicked) = {
            let mut state = self.state.borrow_mut();
            let state = &mut *state;
            state.history.mix(place as u64 | 1 << 43);
            let point = &mut state.upsets.panic_points[place];
            point.struck = true;
            state.timeline.note(state.steps, &point.name, || "panics at its await".to_owned());
            (point.waker.clone(), point.task, state.upsets.panicked)
        };
        // What stands between the task and the future may poll only what was woken, as `FuturesUnordered` does.
        if let Some(waker) = waker {
            waker.wake();
        }
        let Some(task) = task else { return };
        self.settle();
        self.poll_at_once(task);
        let mut state = self.state.borrow_mut();
        let undecided = matches!(state.decided, None | Some(Ending::Failed(_)));
        if state.upsets.panicked == panicked && undecided {
            // The poll did not come to the future, as where a biased `select!` has another branch ready. Not the draw
            // that chose the panic: under another answer inside the poll it may.
            let position = state.last_position();
            state.decided = Some(Ending::Void { position });
        }
    }

    /// Drops every task of the incarnation at `place`, newest first, and starts it again.
    pub(super) fn crash(&mut self, place: usize) {
        self.lift_bars();
        if self.lane_in_use() {
            // Whose they are cannot be seen, and a process that crashes takes its own with it.
            self.state.borrow_mut().decided.get_or_insert(Ending::Uncontrolled(Uncontrolled::CrashBesideLane));
            return;
        }
        let owner = {
            let mut state = self.state.borrow_mut();
            let state = &mut *state;
            state.history.mix(place as u64 | 1 << 44);
            // What a destructor spawns goes down as well.
            state.upsets.current = Some(place);
            let crashed = &state.upsets.incarnations[place];
            state.timeline.acts(&crashed.name);
            state.timeline.note(state.steps, &crashed.name, || "crashes, and starts again".to_owned());
            std::rc::Rc::clone(&crashed.owner)
        };
        if let Err(caught) = catch(|| owner.crash()) {
            let name = self.state.borrow().upsets.incarnations[place].name.clone();
            self.report_panic_of(&name, &caught);
        }
        for index in (0..self.tasks.len()).rev() {
            if self.state.borrow().upsets.belongs(self.tasks[index].incarnation, place) {
                self.drop_task(index);
            }
        }
        self.drop_spawned_by(place);
        let tasks = &self.tasks;
        self.ready.retain(|entry| entry.task >= FIRST_OUTBOX || tasks[entry.task as usize].future.is_some());
        let future = owner.start();
        let mut state = self.state.borrow_mut();
        state.upsets.current = None;
        state.upsets.incarnations[place].polled = false;
        let name = state.upsets.incarnations[place].name.clone();
        state.new_tasks.push(NewTask { name, role: Role::Foreground, future, incarnation: Some(place) });
    }

    fn drop_task(&mut self, index: usize) {
        let Some(future) = self.tasks[index].future.take() else { return };
        self.foreground -= usize::from(self.tasks[index].role == Role::Foreground);
        if let Err(caught) = catch(|| drop(future)) {
            self.report_panic(index, &caught);
        }
    }

    /// Drops what destructors spawned while the incarnation went down.
    fn drop_spawned_by(&mut self, place: usize) {
        loop {
            let spawned = {
                let mut state = self.state.borrow_mut();
                let state = &mut *state;
                let goes_down = |new: &NewTask| state.upsets.belongs(new.incarnation, place);
                let Some(at) = state.new_tasks.iter().position(goes_down) else { return };
                state.new_tasks.remove(at)
            };
            // A destructor that panics was told by its own task, or is one of a task that never ran.
            let _ = catch(|| drop(spawned));
        }
    }

    /// Lets the answers arrive that were asked for in the last step: whoever waits is woken from outside, not by itself.
    pub(super) fn deliver_answers(&mut self) {
        let answers = self.state.borrow_mut().upsets.take_answers();
        if !answers.is_empty() && self.polled.is_some() {
            // Whom the poll woke, itself perhaps, was woken before them.
            self.settle();
        }
        for (_, waker) in answers {
            waker.wake();
        }
    }
}
