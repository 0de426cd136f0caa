//! The incident as it was.

use std::time::Duration;

use nevernone::{any_moment, eventually, sometimes, spawn};

use super::client::tail;
use crate::agents::AgentName;
use crate::event::ThreadId;
use crate::legacy::LooseSupervisor;
use crate::manager::{Candidate, Limits};

/// A complete manager with a client attached, and a supervisor from the factory that builds graphs out of nothing
/// (N18), whose registry took `None` for a manager and said so at INFO (N01). Every check is green, the request is
/// accepted, and nothing arrives.
pub(super) async fn none_wired() {
    let manager = Candidate::complete(Limits::default()).validate().expect("a complete candidate");
    let thread = ThreadId::new("thread").expect("a valid name");
    let supervisor = LooseSupervisor::from_factory();
    assert!(supervisor.is_healthy(), "every check was green");
    let heard = spawn("client", tail(&manager, thread.clone()));
    any_moment("a request arrives").await;
    let accepted = supervisor.run(AgentName::Triage, &thread, "hello").is_some();
    sometimes("the request was accepted", accepted);
    let arrived = std::rc::Rc::new(std::cell::Cell::new(false));
    let listener = spawn("listener", {
        let arrived = arrived.clone();
        async move { arrived.set(!heard.await.is_empty()) }
    });
    eventually("an accepted request's events reach its thread", Duration::from_secs(5), move || arrived.get()).await;
    listener.await;
}
