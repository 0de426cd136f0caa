//! What is no function of the choices, and shows little of it.

use std::cell::Cell;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};

use nevernone::{Scenario, always, cancellable, choose, event, fault, spawn};
use tokio::sync::mpsc;
use tokio::task::yield_now;

use super::Lie;

pub(super) const LIES: &[Lie] = &[
    Lie { name: "hash_map_fan_out", scenario: hash_map_fan_out, causes: &["HashMap"] },
    Lie { name: "hash_map_of_senders", scenario: hash_map_of_senders, causes: &["HashMap"] },
    Lie { name: "hash_map_at_cost_three", scenario: hash_map_at_cost_three, causes: &["HashMap"] },
    Lie { name: "order_of_addresses", scenario: order_of_addresses, causes: &["address"] },
    Lie { name: "addresses_that_repeat", scenario: addresses_that_repeat, causes: &["address"] },
    Lie { name: "random_destructor", scenario: random_destructor, causes: &["rand"] },
    Lie { name: "random_property", scenario: random_property, causes: &["rand", "not again"] },
    Lie { name: "second_execution_alone_fails", scenario: second_execution_alone_fails, causes: &["static"] },
];

/// A coin that is none of the explorer's.
fn coin() -> bool {
    RandomState::new().hash_one(0_u8) & 1 == 0
}

/// Tasks that are all alike, but for their names, in the order of a map.
fn hash_map_fan_out(name: &'static str) -> Scenario {
    Scenario::new(name, || async {
        let agents: HashMap<u32, u32> = (0..8).map(|key| (key, key)).collect();
        for agent in agents.into_values() {
            drop(spawn(format!("agent {agent}"), async {}));
        }
    })
    .preemptions(0)
    .cost(0)
}

/// Each receiver is told, in the order of a map, by an operation that can be cut.
fn hash_map_of_senders(name: &'static str) -> Scenario {
    Scenario::new(name, || async {
        let mut senders = HashMap::new();
        for client in 0..3 {
            let (send, mut receive) = mpsc::channel(1);
            senders.insert(client, send);
            drop(spawn("client", async move { while receive.recv().await.is_some() {} }));
        }
        yield_now().await;
        for send in senders.values() {
            send.send(()).await.expect("a client");
        }
    })
    .preemptions(1)
}

fn hash_map_at_cost_three(name: &'static str) -> Scenario {
    Scenario::new(name, || async {
        let _ = (choose("which", 40), choose("other", 25));
        let faults = [fault("first", &["err"]), fault("second", &["err"])];
        let cancelled = cancellable("retry", yield_now()).await.is_err();
        if cancelled && faults.iter().all(Option::is_some) {
            let parts: HashMap<u32, u32> = (0..8).map(|key| (key, key)).collect();
            for part in parts.into_values() {
                event(&format!("cleans up {part}"));
            }
        }
    })
}

/// Agents are asked in the order of their addresses, as in a `BTreeMap` of pointers.
fn order_of_addresses(name: &'static str) -> Scenario {
    Scenario::new(name, || async {
        let mut agents: Vec<Rc<Cell<u32>>> = (0..6).map(|agent| Rc::new(Cell::new(agent))).collect();
        agents.sort_by_key(Rc::as_ptr);
        for agent in agents {
            event(&format!("agent {}", agent.get()));
        }
    })
}

/// Freed in the reverse order, so an allocator that is left alone gives every run of a process the same addresses.
fn addresses_that_repeat(name: &'static str) -> Scenario {
    Scenario::new(name, || async {
        if fault("place", &["err"]).is_none() {
            return;
        }
        let (left, right) = (Box::new([0_u8; 40]), Box::new([1_u8; 40]));
        event(if std::ptr::from_ref(&*left) < std::ptr::from_ref(&*right) { "left first" } else { "right first" });
    })
}

/// Tells its end, or does not.
struct Ends;

impl Drop for Ends {
    fn drop(&mut self) {
        if coin() {
            event("closed in time");
        }
    }
}

fn random_destructor(name: &'static str) -> Scenario {
    Scenario::new(name, || async {
        let ends = Ends;
        drop(nevernone::daemon("holds it", async move {
            let _ends = ends;
            std::future::pending::<()>().await;
        }));
    })
}

fn random_property(name: &'static str) -> Scenario {
    Scenario::new(name, || async {
        always("mostly", || (0..5).any(|_| coin()));
        yield_now().await;
    })
}

/// Holds in every execution but the second one of all, which is a repetition, and changes nothing else.
fn second_execution_alone_fails(name: &'static str) -> Scenario {
    static EXECUTIONS: AtomicU32 = AtomicU32::new(0);
    Scenario::new(name, || async {
        let execution = EXECUTIONS.fetch_add(1, Ordering::SeqCst);
        always("not the second", move || execution != 1);
    })
}
