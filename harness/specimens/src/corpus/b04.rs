//! B04, once (zesterer/spin-rs#32): whoever comes first marks the cell "running" and builds the value, the others wait
//! for the mark to change. A builder that panicked changed nothing: the mark stayed, and everybody who waited, or came
//! later, waited for ever.

use std::cell::Cell;
use std::rc::Rc;

use nevernone::{Scenario, fault, inject_panic, sometimes, spawn};
use tokio::sync::Notify;
use tokio::task::yield_now;

use super::Local;
use crate::Specimen;

/// The specimen.
pub const SPECIMEN: Specimen = Specimen {
    id: "B04",
    class: "once",
    reference: "https://github.com/zesterer/spin-rs/issues/32",
    broken: || scenario("B04/broken", |once| Box::pin(marked_until_built(once))),
    fixed: || scenario("B04/fixed", |once| Box::pin(marked_by_a_guard(once))),
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Empty,
    Running,
    Ready(u32),
}

#[derive(Default)]
struct Once {
    state: Cell<State>,
    changed: Notify,
    a_builder_panicked: Cell<bool>,
}

impl Once {
    fn change(&self, state: State) {
        self.state.set(state);
        self.changed.notify_waiters();
    }

    /// Waits for the value; `None` where it is the caller's turn to build it.
    async fn value_or_turn(&self) -> Option<u32> {
        loop {
            let changed = self.changed.notified();
            match self.state.get() {
                State::Ready(value) => return Some(value),
                State::Empty => {
                    self.state.set(State::Running);
                    return None;
                }
                State::Running => changed.await,
            }
        }
    }

    async fn build(&self) -> u32 {
        let panics = fault("settings.parse", &["panic"]).is_some();
        yield_now().await;
        if panics {
            self.a_builder_panicked.set(true);
            inject_panic();
        }
        7
    }
}

async fn marked_until_built(once: Rc<Once>) -> u32 {
    if let Some(value) = once.value_or_turn().await {
        return value;
    }
    let value = once.build().await;
    once.change(State::Ready(value));
    value
}

async fn marked_by_a_guard(once: Rc<Once>) -> u32 {
    if let Some(value) = once.value_or_turn().await {
        return value;
    }
    let mut leave = Leave { once: &once, to: State::Empty };
    let value = once.build().await;
    leave.to = State::Ready(value);
    value
}

/// Leaves "running" in whichever way the building ends.
struct Leave<'a> {
    once: &'a Once,
    to: State,
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.once.change(self.to);
    }
}

fn scenario(name: &'static str, get: fn(Rc<Once>) -> Local<u32>) -> Scenario {
    Scenario::new(name, move || async move {
        let once = Rc::new(Once::default());
        for caller in ["first caller", "second caller"] {
            let once = Rc::clone(&once);
            drop(spawn(caller, async move {
                let waits = once.state.get() == State::Running;
                sometimes("a caller came while another one built", waits);
                assert_eq!(get(Rc::clone(&once)).await, 7);
                let after_a_panic = once.a_builder_panicked.get();
                sometimes("who waited for a builder that panicked got the value", waits && after_a_panic);
            }));
        }
    })
}
