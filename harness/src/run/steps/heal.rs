//! From chaos to heal: when it happens, what happens then, and how steps are taken afterwards.

use super::Steps;
use super::choices::{Choice, IfNothingWakes};
use crate::ending::Failure;
use crate::run::context::Goal;
use crate::run::panics::catch;
#[cfg(feature = "net")]
use crate::run::tasks::FIRST_OUTBOX;
use crate::run::tasks::{LANE, Role};
use crate::run::waits::Wait;

impl Steps {
    /// Whether this is the idle point at which chaos ends.
    pub(in crate::run) fn chaos_is_over(&self) -> bool {
        if !self.ready.is_empty() {
            return false;
        }
        let state = self.state.borrow();
        if state.heal.begun {
            return false;
        }
        match state.rules.chaos_for {
            Some(length) => state.timeline.now >= length,
            None => state.heal.due || self.everybody_waits_for_others(),
        }
    }

    /// Whether every task that the run waits for waits in an `eventually`, or for a task that does, and every task that the
    /// code under test spawned. Where the lane is in use nobody knows: one of its tasks may be the startup, between two
    /// attempts.
    fn everybody_waits_for_others(&self) -> bool {
        if self.lane_in_use() {
            return false;
        }
        let mut eventually = false;
        for task in &self.tasks {
            if task.role == Role::Daemon || task.future.is_none() {
                continue;
            }
            if task.waits.is_empty() || !task.waits.iter().all(Wait::is_for_others) {
                return false;
            }
            eventually |= task.waits.iter().any(|wait| matches!(wait, Wait::Eventually(_)));
        }
        eventually
    }

    /// Begins the heal phase, between two steps: runs the hooks, and wakes whoever waits in an `eventually`, so that
    /// its time counts from here.
    pub(super) fn heal(&mut self) {
        let hooks = {
            let mut state = self.state.borrow_mut();
            let state = &mut *state;
            state.heal.begun = true;
            #[cfg(feature = "net")]
            state.network.heal();
            state.history.mix_name("heal");
            let step = state.steps;
            state.current_task = "heal".into();
            state
                .timeline
                .note_outside(step, "heal", || "begins: no faults and no other choices from here on".to_owned());
            std::mem::take(&mut state.heal.hooks)
        };
        for hook in hooks {
            if let Err(caught) = catch(hook) {
                self.state.borrow_mut().fail(Failure {
                    property: "panic".to_owned(),
                    message: format!("a hook of `on_heal` panicked: {}", caught.message),
                    location: caught.location,
                });
            }
        }
        for property in &self.state.borrow().properties {
            if let Goal::Once(waker) = &property.goal {
                waker.wake_by_ref();
            }
        }
    }

    /// The next step where there is no choice: who was ready first, else an event that is due, else time passes.
    pub(super) fn undisturbed(&mut self) -> Choice {
        self.if_nothing_wakes = IfNothingWakes::Stuck;
        if let Some(first) = self.ready.first() {
            return match first.task {
                LANE => Choice::Lane,
                #[cfg(feature = "net")]
                FIRST_OUTBOX.. => Choice::Packet(0),
                _ => Choice::Poll(0),
            };
        }
        if self.state.borrow().moments.is_empty() { Choice::Clock } else { Choice::Moment(0) }
    }
}
