//! Agents whose tools prepare for them: all or none, and what was taken is given back in reverse.

use std::sync::{Arc, Mutex};

use nevernone_reference::{
    manager::ManagerHandle,
    tools::{Prepared, Tool},
};

use super::*;

/// A tool that notes for whom it prepares and what is given back, and fails for one agent.
#[derive(Default)]
struct Desk {
    notes: Arc<Mutex<Vec<String>>>,
    fails_for: Mutex<Option<AgentName>>,
    panics: bool,
}

struct Drawer(AgentName, Arc<Mutex<Vec<String>>>);

impl Drop for Drawer {
    fn drop(&mut self) {
        self.1.lock().unwrap().push(format!("-{}", self.0));
    }
}

impl Tool for Desk {
    fn name(&self) -> &'static str {
        "desk"
    }

    fn prepare(&self, agent: AgentName, manager: &ManagerHandle) -> Result<Prepared, String> {
        manager.probe().unwrap();
        if *self.fails_for.lock().unwrap() == Some(agent) {
            assert!(!self.panics, "the lock is rusty");
            return Err("the drawer is locked".to_owned());
        }
        self.notes.lock().unwrap().push(format!("+{agent}"));
        Ok(Prepared::held(Drawer(agent, Arc::clone(&self.notes))))
    }

    fn run(&self, text: &str) -> Result<serde_json::Value, String> {
        Ok(text.into())
    }
}

impl Desk {
    fn notes(&self) -> String {
        std::mem::take(&mut *self.notes.lock().unwrap()).join(" ")
    }
}

/// Three agents with a desk, and one that uses no tool.
fn desks(panics: bool) -> (Registry, Arc<Desk>) {
    let desk = Arc::new(Desk { panics, ..Desk::default() });
    let with_desk = |name| Agent { name, tool: Some("desk") };
    let bare = Agent { name: AgentName::Actions, tool: None };
    let agents = vec![with_desk(AgentName::Triage), bare, with_desk(AgentName::Data), with_desk(AgentName::Reporting)];
    (Registry::new(agents, ToolDispatcher::new([Arc::clone(&desk) as Arc<dyn Tool>])).unwrap(), desk)
}

#[test]
#[traced_test]
fn an_agent_that_cannot_be_set_up_is_named_and_what_others_took_is_given_back_in_reverse() {
    let (registry, desk) = desks(false);
    *desk.fails_for.lock().unwrap() = Some(AgentName::Reporting);
    let refused = registry.wire(Some(manager())).unwrap_err();
    let cause = "the drawer is locked".to_owned();
    assert_eq!(refused, WiringError::SetUp { agent: AgentName::Reporting, number: 4, total: 4, cause });
    insta::assert_snapshot!(refused, @"agent reporting (4/4) could not be set up: the drawer is locked; agents are wired all or none, so no agent got this manager, and what the agents before it had taken was given back: fix the cause, then wire again");
    assert_eq!((registry.wired(), desk.notes()), (0, "+triage +data -data -triage".to_owned()));
    assert!(logs_contain("registry.refused") && !logs_contain("registry.wired"));

    *desk.fails_for.lock().unwrap() = None;
    registry.wire(Some(manager())).unwrap();
    assert_eq!((registry.wired(), desk.notes()), (4, "+triage +data +reporting".to_owned()));
}

#[test]
fn a_wiring_that_fails_leaves_the_former_one_with_what_it_holds() {
    let (registry, desk) = desks(false);
    let former = manager();
    registry.wire(Some(former.clone())).unwrap();
    *desk.fails_for.lock().unwrap() = Some(AgentName::Data);
    desk.notes();
    registry.wire(Some(manager())).unwrap_err();
    assert_eq!(desk.notes(), "+triage -triage");
    let mut client = Client::attach(&former, "thread");
    let outcome = registry.current().unwrap().agents()[3].manager.send_to_thread(&thread("thread"), event(1));
    assert_eq!((outcome, client.events().len()), (Sent::Delivered(1), 1));
}

#[test]
fn a_tool_that_panics_while_it_prepares_is_an_error_like_any_other() {
    let (registry, desk) = desks(true);
    *desk.fails_for.lock().unwrap() = Some(AgentName::Data);
    let refused = registry.wire(Some(manager())).unwrap_err();
    let WiringError::SetUp { number: 3, cause, .. } = refused else { panic!("{refused}") };
    assert_eq!(cause, "the tool desk panicked: the lock is rusty");
    assert_eq!((registry.wired(), desk.notes()), (0, "+triage -triage".to_owned()));
}

#[test]
fn what_tools_took_is_held_until_the_last_run_lets_go_of_the_wiring() {
    let (registry, desk) = desks(false);
    let run = registry.wire(Some(manager())).unwrap();
    registry.unwire();
    assert_eq!(desk.notes(), "+triage +data +reporting");
    drop(run);
    assert_eq!(desk.notes(), "-reporting -data -triage");
}

#[test]
fn a_new_wiring_takes_its_own_before_the_former_one_gives_its_back() {
    let (registry, desk) = desks(false);
    registry.wire(Some(manager())).unwrap();
    desk.notes();
    registry.wire(Some(manager())).unwrap();
    assert_eq!(desk.notes(), "+triage +data +reporting -reporting -data -triage");
}

#[test]
fn no_reader_on_any_thread_sees_a_wiring_that_fails() {
    let (registry, desk) = desks(false);
    let manager = manager();
    // Wirings that succeed, seen: so each reader has looked while others failed, however busy the machine is.
    let look = || {
        let (mut changes, mut before) = (0, 0);
        while changes < 50 {
            let wired = registry.current().map_or(0, |wired| wired.agents().len());
            assert!(matches!(wired, 0 | 4), "{wired} of 4 wired");
            changes += u32::from(wired != before);
            before = wired;
        }
    };
    std::thread::scope(|scope| {
        let readers = [(); 4].map(|()| scope.spawn(look));
        while readers.iter().any(|reader| !reader.is_finished()) {
            for fails_for in [Some(AgentName::Triage), Some(AgentName::Reporting), None] {
                *desk.fails_for.lock().unwrap() = fails_for;
                assert_eq!(registry.wire(Some(manager.clone())).is_ok(), fails_for.is_none());
            }
            registry.unwire();
        }
    });
    drop(registry);
    let notes = desk.notes();
    assert_eq!(notes.matches('+').count(), notes.matches('-').count(), "something was not given back");
}
