//! B16, swallow (containers/common#186): the default configuration was loaded under a run-once latch, and the error
//! was a local variable of the closure's caller. The first caller got the error; for every later one the closure did
//! not run, its own error variable stayed empty, and it got "no error" together with no configuration.

use std::cell::RefCell;
use std::rc::Rc;

use nevernone::{Scenario, fault, require, sometimes, spawn};
use tokio::sync::OnceCell;
use tokio::task::yield_now;

use super::Local;
use crate::Specimen;

/// The specimen.
pub const SPECIMEN: Specimen = Specimen {
    id: "B16",
    class: "swallow",
    reference: "https://github.com/containers/common/pull/186",
    broken: || scenario("B16/broken", |defaults| Box::pin(error_in_a_local(defaults))),
    fixed: || scenario("B16/fixed", |defaults| Box::pin(outcome_in_the_cell(defaults))),
};

#[derive(Debug, Clone)]
struct Config;

#[derive(Debug, Clone)]
struct Unreadable;

/// The value and the error are two things, as they were there.
type Loaded = (Option<Config>, Option<Unreadable>);

#[derive(Default)]
struct Defaults {
    latch: OnceCell<()>,
    config: RefCell<Option<Config>>,
    outcome: OnceCell<Result<Config, Unreadable>>,
}

async fn load() -> Result<Config, Unreadable> {
    let unreadable = fault("config.load", &["unreadable"]).is_some();
    yield_now().await;
    if unreadable { Err(Unreadable) } else { Ok(Config) }
}

async fn error_in_a_local(defaults: Rc<Defaults>) -> Loaded {
    let mut error = None;
    let run_once = async {
        match load().await {
            Ok(config) => *defaults.config.borrow_mut() = Some(config),
            Err(failed) => error = Some(failed),
        }
    };
    defaults.latch.get_or_init(|| run_once).await;
    (defaults.config.borrow().clone(), error)
}

async fn outcome_in_the_cell(defaults: Rc<Defaults>) -> Loaded {
    match defaults.outcome.get_or_init(load).await {
        Ok(config) => (Some(config.clone()), None),
        Err(error) => (None, Some(error.clone())),
    }
}

fn scenario(name: &'static str, get: fn(Rc<Defaults>) -> Local<Loaded>) -> Scenario {
    Scenario::new(name, move || async move {
        let defaults = Rc::new(Defaults::default());
        for caller in ["pull", "push"] {
            let defaults = Rc::clone(&defaults);
            drop(spawn(caller, async move {
                let (config, error) = get(defaults).await;
                sometimes("a caller is told the error", error.is_some());
                require("there is a configuration or an error", config.is_some() || error.is_some());
            }));
        }
    })
}
