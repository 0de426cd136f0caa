//! Wirings that fail at any agent.

use std::sync::{Arc, Mutex, OnceLock, Weak};

use nevernone::{any_moment, inject_panic, never, sometimes, spawn, watch};

use crate::agents::{Agent, AgentName};
use crate::manager::{Candidate, Limits, ManagerHandle};
use crate::registry::{Registry, Wired, WiringError};
use crate::tools::{Prepared, Tool, ToolDispatcher};

/// A tool that takes a seat for each agent, if the explorer lets it. In the middle of a wiring it looks at the registry:
/// that is a reader at the one moment that no step of the run shows.
#[derive(Default)]
struct Seats {
    /// Who sits, in the order in which they sat down; a wiring that replaces another holds a second seat for each.
    taken: Arc<Mutex<Vec<AgentName>>>,
    registry: OnceLock<Weak<Registry>>,
}

/// One agent's seat.
struct Seat {
    agent: AgentName,
    taken: Arc<Mutex<Vec<AgentName>>>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().expect("nobody panics with it");
        let place = taken.iter().rposition(|agent| *agent == self.agent).expect("it sat");
        // Of two seats of one agent, the later one counts: so it holds for a wiring that failed beside one that stays, too.
        let is_last = place + 1 == taken.len();
        taken.remove(place);
        drop(taken);
        nevernone::require("seats are given back in reverse", is_last);
    }
}

impl Seats {
    fn count(&self) -> usize {
        self.taken.lock().expect("nobody panics with it").len()
    }
}

impl Tool for Seats {
    fn name(&self) -> &'static str {
        "seats"
    }

    fn prepare(&self, agent: AgentName, manager: &ManagerHandle) -> Result<Prepared, String> {
        let registry = self.registry.get().and_then(Weak::upgrade).expect("it is there while it is wired");
        let seen = registry.current();
        let wired = seen.as_ref().map_or(0, |wired| wired.agents().len());
        nevernone::require("nobody sees some wired", matches!(wired, 0 | 8));
        nevernone::require("the manager delivers before an agent has it", manager.probe().is_ok());
        match nevernone::fault("tool.prepare", &["error", "panic"]).map(|fault| fault.kind) {
            None => {
                self.taken.lock().expect("nobody panics with it").push(agent);
                Ok(Prepared::held(Seat { agent, taken: Arc::clone(&self.taken) }))
            }
            Some("error") => Err("no seat is free".to_owned()),
            Some(_) => inject_panic(),
        }
    }

    fn run(&self, text: &str) -> Result<serde_json::Value, String> {
        Ok(text.into())
    }
}

fn manager() -> ManagerHandle {
    Candidate::complete(Limits::default()).validate().expect("a complete candidate is valid")
}

/// Every agent has its seat, and nobody else; or nobody has anything.
fn is_all_or_none(registry: &Registry, seats: &Seats) -> bool {
    seats.count() == if registry.wired() == 0 { 0 } else { registry.total() }
}

/// A wiring and a second one, each of which may fail at any agent, and an unwiring at any moment: whatever comes first, all
/// agents are wired or none is, with all that their tools took for them or nothing.
pub(super) async fn kth_agent_fails() {
    let seats = Arc::new(Seats::default());
    let agents = AgentName::ALL.map(|name| Agent { name, tool: Some("seats") }).to_vec();
    let tools = ToolDispatcher::new([Arc::clone(&seats) as Arc<dyn Tool>]);
    let registry = Arc::new(Registry::new(agents, tools).expect("eight agents with a tool that is there"));
    seats.registry.set(Arc::downgrade(&registry)).expect("set once");
    let both = (Arc::clone(&registry), Arc::clone(&seats));
    never("some have what the others have not", watch(&both, |(registry, seats)| !is_all_or_none(registry, seats)));

    let wire = |name: &'static str| {
        let (registry, manager) = (Arc::clone(&registry), manager());
        spawn(name, async move {
            let before = registry.wired();
            let wired = registry.wire(Some(manager)).map(drop);
            assert_eq!(
                registry.wired(),
                if wired.is_ok() { 8 } else { before },
                "a wiring that failed changed something"
            );
            wired
        })
    };
    let (first, second) = (wire("a wiring"), wire("another wiring"));
    any_moment("the agents are unwired").await;
    let held = registry.current();
    registry.unwire();
    assert_eq!(seats.count(), held.as_ref().map_or(0, |wired| wired.agents().len()), "a run keeps what it was given");
    assert!(held.as_ref().is_none_or(delivers));
    drop(held);
    assert!(is_all_or_none(&registry, &seats));

    let (first, second) = (first.await, second.await);
    sometimes("the first agent failed", failed_at(&first) == Some(1));
    sometimes("the last agent failed", failed_at(&first) == Some(8));
    sometimes("a wiring was replaced in spite of a failure before", first.is_err() && second.is_ok());
    let rewired = registry.wire(Some(manager()));
    sometimes("a wiring succeeded where one had failed", first.is_err() && rewired.is_ok());
    assert!(registry.current().as_ref().is_none_or(delivers));
    drop(rewired);
    registry.unwire();
    assert_eq!(seats.count(), 0, "not everything was given back");
}

fn delivers(wired: &Wired) -> bool {
    wired.agents().len() == 8 && wired.agents().iter().all(|agent| agent.manager.probe().is_ok())
}

/// The number of the agent at which it failed, which the error names.
fn failed_at(wired: &Result<(), WiringError>) -> Option<usize> {
    let Err(WiringError::SetUp { agent, number, total, .. }) = wired else {
        assert!(wired.is_ok(), "{wired:?}");
        return None;
    };
    assert_eq!((AgentName::ALL[number - 1], *total), (*agent, 8));
    Some(*number)
}
