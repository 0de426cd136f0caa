//! N07, cancel (netra-systems/zen, `agent_websocket_bridge.py`): the state became "initializing", then the work was
//! awaited under a time-out. The time-out ends the work by cancelling it, which is no ordinary exception, so the
//! handler that would have reset the state never saw it. From then on every caller was told that somebody else was
//! at it.

use std::cell::Cell;
use std::rc::Rc;

use nevernone::{Scenario, cancellable, millis, require, sometimes};
use tokio::time::sleep;

use super::Local;
use crate::Specimen;

/// The specimen.
pub const SPECIMEN: Specimen = Specimen {
    id: "N07",
    class: "cancel",
    reference: "netra-systems/zen@aea702e02 agent_websocket_bridge.py:196",
    broken: || scenario("N07/broken", |bridge| Box::pin(reset_by_hand(bridge))),
    fixed: || scenario("N07/fixed", |bridge| Box::pin(reset_by_guard(bridge))),
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Uninitialized,
    Initializing,
    Active,
}

type Bridge = Rc<Cell<State>>;
type Initialized = Result<(), &'static str>;

async fn connect() {
    sleep(millis(20)).await;
}

async fn reset_by_hand(bridge: Bridge) -> Initialized {
    if bridge.get() == State::Initializing {
        return Err("somebody else is initializing");
    }
    bridge.set(State::Initializing);
    connect().await;
    bridge.set(State::Active);
    Ok(())
}

async fn reset_by_guard(bridge: Bridge) -> Initialized {
    if bridge.get() == State::Initializing {
        return Err("somebody else is initializing");
    }
    bridge.set(State::Initializing);
    let mut leave = Leave { bridge, to: State::Uninitialized };
    connect().await;
    leave.to = State::Active;
    Ok(())
}

/// Leaves "initializing" in whichever way the initialisation ends.
struct Leave {
    bridge: Bridge,
    to: State,
}

impl Drop for Leave {
    fn drop(&mut self) {
        self.bridge.set(self.to);
    }
}

fn scenario(name: &'static str, initialize: fn(Bridge) -> Local<Initialized>) -> Scenario {
    Scenario::new(name, move || async move {
        let bridge = Bridge::default();
        let first = cancellable("the first caller", initialize(Rc::clone(&bridge))).await;
        sometimes("the first caller's time ran out", first.is_err());
        if first.is_err() {
            let second = initialize(Rc::clone(&bridge)).await;
            require("a later attempt can succeed", second.is_ok());
        }
        require("the bridge is active then", bridge.get() == State::Active);
    })
}
