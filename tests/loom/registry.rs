//! The registry: whoever reads it finds every agent wired to one manager, or none wired at all.

use loom::sync::Arc;
use loom::thread;
use nevernone::loom::{Model, Sometimes};
use nevernone_reference::agents::{Agent, AgentName};
use nevernone_reference::manager::{Connection, Limits, ManagerHandle, Outcome};
use nevernone_reference::registry::{Registry, Wired};
use nevernone_reference::tools::ToolDispatcher;

use crate::support::{follow, manager, numbers, send};

pub(crate) const MODELS: &[Model] = &[
    Model::new("registry/wiring_against_dispatch", wiring_against_dispatch)
        .claims("a reader finds no agent wired, or all of them and the dispatcher, to a manager that delivers")
        .sometimes(&FOUND_NONE)
        .sometimes(&FOUND_ALL),
    Model::new("registry/rewiring_against_dispatch", rewiring_against_dispatch)
        .claims("a reader finds the former manager or the next one, in every agent, and never one of each")
        .sometimes(&FOUND_THE_FORMER)
        .sometimes(&FOUND_THE_NEXT),
    Model::new("registry/rewiring_against_rewiring", rewiring_against_rewiring)
        .claims("of two that wire at one time one wins in every agent")
        .sometimes(&MINE_STAYED)
        .sometimes(&THEIRS_STAYED),
    Model::new("registry/unwiring_against_dispatch", unwiring_against_dispatch)
        .claims("a reader finds all agents wired or none, and what it found goes on delivering")
        .sometimes(&UNWIRED_FIRST)
        .sometimes(&UNWIRED_LATER),
    Model::new("registry/refused_wiring_against_dispatch", refused_wiring_against_dispatch)
        .claims("a manager that is refused takes nothing from anybody"),
];

/// Two agents and the dispatcher: the least of which a part could be wired.
fn registry() -> Arc<Registry> {
    let agents = [AgentName::Actions, AgentName::SyntheticData].map(|name| Agent { name, tool: None });
    Arc::new(Registry::new(agents.to_vec(), ToolDispatcher::default()).unwrap())
}

/// As many events as a dispatch through a registry sends: one for each agent, and the dispatcher's.
const ALL: usize = 3;

/// A manager, and a connection by which it is known.
fn followed() -> (ManagerHandle, Connection) {
    let manager = manager(Limits::default());
    let follower = follow(&manager);
    (manager, follower)
}

/// What a dispatch does: finds the wiring and sends through all that hold it.
fn dispatch(registry: &Registry) -> bool {
    let counted = registry.wired();
    assert!(counted == 0 || counted == registry.total(), "{counted} agents are wired");
    let wired = registry.current();
    wired.as_ref().map(send_through_all);
    wired.is_some()
}

fn send_through_all(wired: &Wired) {
    assert_eq!(wired.agents().len() + 1, ALL);
    for agent in wired.agents() {
        assert_eq!(send(&agent.manager, 1), Outcome::Delivered(1));
    }
    assert_eq!(send(&wired.dispatcher().manager, 1), Outcome::Delivered(1));
}

/// How many events reached each of them.
fn received<const N: usize>(followers: [&mut Connection; N]) -> [usize; N] {
    followers.map(|follower| numbers(follower).len())
}

static FOUND_NONE: Sometimes = Sometimes::new("the reader came before the wiring");
static FOUND_ALL: Sometimes = Sometimes::new("the reader came after the wiring");

/// Shows: the whole wiring becomes visible in one step. Not: eight agents, which are the same list made longer.
fn wiring_against_dispatch() {
    let (manager, mut follower) = followed();
    let registry = registry();
    let reader = {
        let registry = Arc::clone(&registry);
        thread::spawn(move || dispatch(&registry))
    };
    registry.wire(Some(manager)).unwrap();
    let found = reader.join().unwrap();
    FOUND_NONE.saw(!found);
    FOUND_ALL.saw(found);
    assert_eq!(received([&mut follower]), [if found { ALL } else { 0 }]);
    assert_eq!(registry.wired(), registry.total());
}

static FOUND_THE_FORMER: Sometimes = Sometimes::new("the reader found the former manager");
static FOUND_THE_NEXT: Sometimes = Sometimes::new("the reader found the next manager");

/// Shows: no reader holds a mixture of two managers, and none finds a gap between them. Not: the former manager's end, which
/// is its owner's affair.
fn rewiring_against_dispatch() {
    let ((former, mut one), (next, mut two)) = (followed(), followed());
    let registry = registry();
    registry.wire(Some(former)).unwrap();
    let reader = {
        let registry = Arc::clone(&registry);
        thread::spawn(move || dispatch(&registry))
    };
    registry.wire(Some(next)).unwrap();
    assert!(reader.join().unwrap());
    let received = received([&mut one, &mut two]);
    FOUND_THE_FORMER.saw(received == [ALL, 0]);
    FOUND_THE_NEXT.saw(received == [0, ALL]);
    assert!(received == [ALL, 0] || received == [0, ALL], "{received:?}");
}

static MINE_STAYED: Sometimes = Sometimes::new("the first thread's manager stayed");
static THEIRS_STAYED: Sometimes = Sometimes::new("the other thread's manager stayed");

/// Shows: each caller is given the wiring that it made, and the registry keeps one of the two. Not: which one.
fn rewiring_against_rewiring() {
    let ((mine, mut one), (theirs, mut two)) = (followed(), followed());
    let registry = registry();
    let other = {
        let registry = Arc::clone(&registry);
        thread::spawn(move || send_through_all(&registry.wire(Some(theirs)).unwrap()))
    };
    send_through_all(&registry.wire(Some(mine)).unwrap());
    other.join().unwrap();
    assert_eq!(received([&mut one, &mut two]), [ALL, ALL]);
    assert!(dispatch(&registry));
    let received = received([&mut one, &mut two]);
    MINE_STAYED.saw(received == [ALL, 0]);
    THEIRS_STAYED.saw(received == [0, ALL]);
    assert!(received == [ALL, 0] || received == [0, ALL], "{received:?}");
}

static UNWIRED_FIRST: Sometimes = Sometimes::new("the reader came after the unwiring");
static UNWIRED_LATER: Sometimes = Sometimes::new("the reader came before the unwiring");

/// Shows: runs keep the wiring that they began with. Not: a manager that is closed meanwhile (see the startup's models).
fn unwiring_against_dispatch() {
    let (manager, mut follower) = followed();
    let registry = registry();
    registry.wire(Some(manager)).unwrap();
    let reader = {
        let registry = Arc::clone(&registry);
        thread::spawn(move || dispatch(&registry))
    };
    registry.unwire();
    assert_eq!(registry.wired(), 0);
    let found = reader.join().unwrap();
    UNWIRED_FIRST.saw(!found);
    UNWIRED_LATER.saw(found);
    assert_eq!(received([&mut follower]), [if found { ALL } else { 0 }]);
    assert!(registry.current().is_none());
}

/// Shows: neither `None` nor a manager that was closed is ever seen by a reader, not for a moment. Not: what they are told,
/// which the tests of the registry do.
fn refused_wiring_against_dispatch() {
    let ((good, mut follower), (closed, _follower)) = (followed(), followed());
    closed.close_all(1001, "over");
    let registry = registry();
    registry.wire(Some(good)).unwrap();
    let reader = {
        let registry = Arc::clone(&registry);
        thread::spawn(move || dispatch(&registry))
    };
    assert!(registry.wire(None).is_err());
    assert!(registry.wire(Some(closed)).is_err());
    assert!(reader.join().unwrap());
    assert_eq!(received([&mut follower]), [ALL]);
}
