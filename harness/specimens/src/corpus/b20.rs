//! B20, stale-wiring (open-telemetry/opentelemetry-python#1276): a library that asked for its tracer before the
//! application had set the provider got the do-nothing one and kept it. Setting the provider later reached only
//! those who asked after that; everybody was wired, and nothing arrived.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use nevernone::{Scenario, any_moment, millis, require, sometimes, spawn};
use tokio::time::sleep;

use crate::Specimen;

/// The specimen.
pub const SPECIMEN: Specimen = Specimen {
    id: "B20",
    class: "stale-wiring",
    reference: "https://github.com/open-telemetry/opentelemetry-python/issues/1276",
    broken: || scenario("B20/broken", resolved_when_asked_for),
    fixed: || scenario("B20/fixed", resolved_when_used),
};

/// Counts what was delivered.
type Provider = Rc<Cell<u32>>;
type Global = Rc<RefCell<Option<Provider>>>;
type Tracer = Box<dyn Fn()>;

fn deliver(provider: Option<&Provider>) {
    if let Some(delivered) = provider {
        delivered.set(delivered.get() + 1);
    }
}

fn resolved_when_asked_for(global: &Global) -> Tracer {
    let provider = global.borrow().clone();
    Box::new(move || deliver(provider.as_ref()))
}

fn resolved_when_used(global: &Global) -> Tracer {
    let global = Rc::clone(global);
    Box::new(move || deliver(global.borrow().as_ref()))
}

fn scenario(name: &'static str, tracer: fn(&Global) -> Tracer) -> Scenario {
    Scenario::new(name, move || async move {
        let (global, delivered) = (Global::default(), Provider::default());
        let startup = spawn("application start", {
            let (global, delivered) = (Rc::clone(&global), Rc::clone(&delivered));
            async move {
                sleep(millis(10)).await;
                *global.borrow_mut() = Some(delivered);
            }
        });
        any_moment("a library asks for its tracer").await;
        sometimes("it asked before there was a provider", global.borrow().is_none());
        let emit = tracer(&global);
        startup.await;
        emit();
        require("what is emitted after the wiring is delivered", delivered.get() == 1);
    })
}
