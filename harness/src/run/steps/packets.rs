//! Packets among the other steps: each link of a connection is ready while it holds one that can arrive, and a step lets
//! the next of it arrive.
//!
//! A connection's direction stands in the ready list like a task, behind the tasks that became ready in the same step, and
//! goes to the back after each packet. Choosing it is always free, and so is choosing a task before it: packets take as
//! long as they take. No time passes while one can arrive, unless that is paid for; what is held is not ready.

use super::Steps;
use crate::fault;
use crate::run::network::{Fate, Later};
use crate::run::tasks::{FIRST_OUTBOX, Ready};

impl Steps {
    /// Admits packets that can arrive from now on, and lets go of those that no longer can.
    pub(super) fn look_at_network(&mut self) {
        let mut guard = self.state.borrow_mut();
        let state = &mut *guard;
        let ready = std::cell::RefCell::new(&mut self.ready);
        let history = &mut state.history;
        state.network.look_at_outboxes(
            |end| {
                let task = FIRST_OUTBOX + u32::try_from(end).unwrap_or(0);
                history.mix(u64::from(task) | 1 << 45);
                ready.borrow_mut().push(Ready { task, self_woken: false, barred: false });
            },
            |end| {
                let task = FIRST_OUTBOX + u32::try_from(end).unwrap_or(0);
                ready.borrow_mut().retain(|entry| entry.task != task);
            },
        );
    }

    /// The next packet of the outbox at `place` of the ready list arrives, or meets what can happen on its way.
    pub(super) fn deliver(&mut self, place: usize) {
        let entry = self.ready.remove(place);
        self.lift_bars();
        let end = (entry.task - FIRST_OUTBOX) as usize;
        let mut later = Later::default();
        {
            let mut guard = self.state.borrow_mut();
            let state = &mut *guard;
            let Some(arrival) = state.network.next_arrival(end, state.timeline.wanted) else { return };
            state.timeline.acts(arrival.link);
            let fault = fault::draw_untold(state, arrival.link, &arrival.kinds);
            if state.decided.is_some() {
                return;
            }
            let fate = fault.map_or(Fate::Arrives, |fault| Fate::of(fault.kind));
            state.history.mix(u64::from(entry.task) | 1 << 46);
            let step = state.steps;
            state.timeline.note_outside(step, arrival.link, || arrival.told(fate));
            state.network.arrive(end, fate, &mut later);
        }
        later.happen();
    }
}
