//! N14, partial (netra-systems/zen, `agent_execution_registry.py`): the wiring of each agent could fail with a warning,
//! and the check afterwards asked for one wired agent out of eight. Whoever was sent to one of the others talked to
//! nobody, behind a registry that called itself ready.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use nevernone::{Scenario, always, any_moment, fault, sometimes, spawn, watch};
use tokio::task::yield_now;

use super::Local;
use crate::Specimen;

/// The specimen.
pub const SPECIMEN: Specimen = Specimen {
    id: "N14",
    class: "partial",
    reference: "netra-systems/zen@aea702e02 agent_execution_registry.py:633",
    broken: || scenario("N14/broken", |registry| Box::pin(warn_and_go_on(registry))),
    fixed: || scenario("N14/fixed", |registry| Box::pin(all_or_none(registry))),
};

const AGENTS: [&str; 8] =
    ["triage", "data", "optimization", "actions", "reporting", "data_helper", "synthetic_data", "corpus_admin"];

#[derive(Default)]
struct Registry {
    wired: RefCell<Vec<&'static str>>,
    ready: Cell<bool>,
}

#[derive(Debug)]
struct Refused;

async fn wire(_agent: &str) -> Result<(), Refused> {
    let refused = fault("agent.wire", &["refused"]).is_some();
    yield_now().await;
    if refused { Err(Refused) } else { Ok(()) }
}

async fn warn_and_go_on(registry: Rc<Registry>) -> Result<(), Refused> {
    for agent in AGENTS {
        if wire(agent).await.is_ok() {
            registry.wired.borrow_mut().push(agent);
        }
    }
    registry.ready.set(!registry.wired.borrow().is_empty());
    if registry.ready.get() { Ok(()) } else { Err(Refused) }
}

async fn all_or_none(registry: Rc<Registry>) -> Result<(), Refused> {
    let mut wired = Vec::new();
    for agent in AGENTS {
        wire(agent).await?;
        wired.push(agent);
    }
    registry.wired.replace(wired);
    registry.ready.set(true);
    Ok(())
}

fn scenario(name: &'static str, start: fn(Rc<Registry>) -> Local<Result<(), Refused>>) -> Scenario {
    Scenario::new(name, move || async move {
        let registry = Rc::new(Registry::default());
        let all_wired = |registry: &Rc<Registry>| registry.wired.borrow().len() == AGENTS.len();
        always("ready means that every agent is wired", watch(&registry, move |r| !r.ready.get() || all_wired(r)));
        let starting = spawn("startup", start(Rc::clone(&registry)));
        any_moment("a request arrives").await;
        sometimes("a request overtook the wiring", !registry.ready.get());
        let started = starting.await;
        sometimes("one agent refused, and the startup said so", started.is_err());
        sometimes("every agent is wired", registry.ready.get());
    })
}
