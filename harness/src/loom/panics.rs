//! Every panic of a model is heard, also one that the code under test caught: it would catch loom's own as well.

use std::panic::PanicHookInfo;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Model, PLANNED};

/// The message of the runner's own panic, by which it leaves a search: loom has no other way out.
pub(super) const CUT: &str = "cut by the runner";

/// The panics that no model planned, in the order in which they were raised. Listens until it is dropped.
pub(super) struct Panics {
    heard: Arc<Mutex<Heard>>,
}

#[derive(Default)]
struct Heard {
    /// Messages that the model at hand plans.
    planned: &'static [&'static str],
    unplanned: Vec<String>,
}

impl Panics {
    /// Listens, in place of the hook that prints.
    pub(super) fn listen() -> Self {
        let heard = Arc::new(Mutex::new(Heard::default()));
        let list = Arc::clone(&heard);
        std::panic::set_hook(Box::new(move |panic| {
            let message = message(panic);
            let mut heard = list.lock().unwrap_or_else(PoisonError::into_inner);
            if ![PLANNED, CUT].contains(&message) && !heard.planned.contains(&message) {
                let place = panic.location().map_or_else(String::new, ToString::to_string);
                let report = format!("{message} ({place})");
                // At once as well: a panic in a destructor that runs while unwinding aborts the process.
                eprintln!("a panic that no model planned: {report}");
                heard.unplanned.push(report);
            }
        }));
        Self { heard }
    }

    /// Forgets what was heard, and allows what this model plans.
    pub(super) fn expect(&self, model: &Model) {
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner) =
            Heard { planned: model.plans, unplanned: Vec::new() };
    }

    /// Whether something was heard since, for those who execute the model.
    pub(super) fn any(&self) -> impl Fn() -> bool + Send + Sync + 'static {
        let heard = Arc::clone(&self.heard);
        move || !heard.lock().unwrap_or_else(PoisonError::into_inner).unplanned.is_empty()
    }

    /// What was heard since.
    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.heard.lock().unwrap_or_else(PoisonError::into_inner).unplanned)
    }
}

impl Drop for Panics {
    fn drop(&mut self) {
        drop(std::panic::take_hook());
    }
}

fn message<'a>(panic: &'a PanicHookInfo<'_>) -> &'a str {
    let payload = panic.payload();
    let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without text")
}
