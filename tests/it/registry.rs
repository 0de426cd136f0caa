//! What one relies on when the registry wires: all or none, never `None`, and nobody sees the middle.

mod set_up;

use nevernone_reference::{
    agents::{Agent, AgentName},
    event::EventKind,
    manager::{Outcome as Sent, Part},
    registry::{Registry, RegistryError, WiringError},
    tools::ToolDispatcher,
};
use tracing_test::traced_test;

use crate::support::{Client, event, manager, thread};

fn registry() -> Registry {
    Registry::new(Agent::standard(), ToolDispatcher::standard()).unwrap()
}

#[test]
#[traced_test]
fn every_agent_and_the_dispatcher_get_the_one_manager() {
    let (registry, manager) = (registry(), manager());
    assert_eq!((registry.wired(), registry.total()), (0, 8));
    let wired = registry.wire(Some(manager.clone())).unwrap();
    assert_eq!((registry.wired(), registry.total()), (8, 8));
    let mut client = Client::attach(&manager, "thread");
    let each = wired.agents().iter().map(|agent| &agent.manager).chain([&wired.dispatcher().manager]);
    for handle in each {
        assert_eq!(handle.send_to_thread(&thread("thread"), event(1)), Sent::Delivered(1));
    }
    assert_eq!(client.events().len(), 9);
    assert!(logs_contain("registry.wired") && logs_contain("wired to 8/8 agents"));
}

#[test]
#[traced_test]
fn none_is_refused_with_what_is_missing_what_breaks_and_where_to_look() {
    let registry = registry();
    let refused = registry.wire(None).unwrap_err();
    assert_eq!(refused, WiringError::NoManager { agents: 8 });
    let text = refused.to_string();
    for part in ["WebSocketManager is None", "agent events", "real-time chat", "8/8 agents", "startup order"] {
        assert!(text.contains(part), "{part} is not in: {text}");
    }
    assert_eq!(registry.wired(), 0);
    assert!(logs_contain("registry.refused") && logs_contain("ERROR"));
    assert!(!logs_contain("set to None"));
}

#[test]
fn a_manager_that_does_not_deliver_is_refused_and_the_former_wiring_stays() {
    let (registry, former, closed) = (registry(), manager(), manager());
    registry.wire(Some(former.clone())).unwrap();
    closed.close_all(1001, "gone");
    let refused = registry.wire(Some(closed)).unwrap_err();
    assert_eq!(refused, WiringError::Incomplete { missing: vec![Part::SendToThread] });
    assert!(
        refused.to_string().contains("send_to_thread") && refused.to_string().contains("startup order"),
        "{refused}"
    );
    let wired = registry.current().unwrap();
    let _client = Client::attach(&former, "thread");
    assert_eq!(wired.agents()[0].manager.send_to_thread(&thread("thread"), event(1)), Sent::Delivered(1));
}

#[test]
fn unwiring_takes_the_manager_from_all_and_wiring_again_gives_it_back() {
    let registry = registry();
    registry.wire(Some(manager())).unwrap();
    registry.unwire();
    assert_eq!(registry.wired(), 0);
    registry.wire(Some(manager())).unwrap();
    assert_eq!(registry.wired(), 8);
}

#[test]
fn no_reader_on_any_thread_sees_some_wired() {
    let (registry, manager) = (registry(), manager());
    // Changes, not looks: so each reader has looked while the registry was being wired, however busy the machine is.
    let look = || {
        let (mut changes, mut before) = (0, 0);
        while changes < 50 {
            let wired = registry.wired();
            assert!(matches!(wired, 0 | 8), "{wired} of 8 wired");
            let seen = registry.current().map(|wired| wired.agents().len());
            assert!(matches!(seen, None | Some(8)), "{seen:?}");
            changes += u32::from(wired != before);
            before = wired;
        }
    };
    std::thread::scope(|scope| {
        let readers = [(); 4].map(|()| scope.spawn(look));
        while readers.iter().any(|reader| !reader.is_finished()) {
            registry.wire(Some(manager.clone())).unwrap();
            registry.unwire();
        }
    });
}

#[test]
fn agents_that_are_wired_anew_are_never_seen_without_a_manager() {
    let (registry, manager) = (registry(), manager());
    registry.wire(Some(manager.clone())).unwrap();
    let look = || (0..20_000).for_each(|_| assert!(registry.current().is_some(), "for a moment nobody was wired"));
    std::thread::scope(|scope| {
        let readers = [(); 2].map(|()| scope.spawn(look));
        while readers.iter().any(|reader| !reader.is_finished()) {
            registry.wire(Some(manager.clone())).unwrap();
        }
    });
}

#[test]
fn a_registry_that_could_not_serve_is_refused_before_anything_is_wired() {
    let tools = ToolDispatcher::standard();
    assert_eq!(Registry::new(vec![], tools.clone()).unwrap_err(), RegistryError::NoAgents);
    let agent = |name, tool| Agent { name, tool };
    let twice = vec![agent(AgentName::Data, None), agent(AgentName::Data, None)];
    let duplicate = RegistryError::Duplicate { agent: AgentName::Data };
    assert_eq!(Registry::new(twice, tools.clone()).unwrap_err(), duplicate);
    let oracle = vec![agent(AgentName::Triage, Some("oracle"))];
    let unknown = RegistryError::UnknownTool { agent: AgentName::Triage, tool: "oracle" };
    assert_eq!(Registry::new(oracle, tools).unwrap_err(), unknown);
}

#[test]
fn a_wiring_that_a_run_holds_outlives_the_unwiring() {
    let (registry, manager) = (registry(), manager());
    let wired = registry.wire(Some(manager.clone())).unwrap();
    let mut client = Client::attach(&manager, "thread");
    registry.unwire();
    let outcome = wired.agent(AgentName::Actions).unwrap().manager.send_to_thread(&thread("thread"), event(1));
    assert_eq!(outcome, Sent::Delivered(1));
    assert_eq!(crate::support::kinds(&client.events()), [EventKind::ProgressUpdate]);
}
