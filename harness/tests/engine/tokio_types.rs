//! Unmodified tokio on stable Rust: how many orders its types allow, each number derived by hand, and all of them are
//! reached. Orders are what the scenario's own code sees, so they are fewer than runs: two runs that differ only where
//! nobody looks are one order.

mod cells_and_locks;
mod channels;
mod combinators;
mod time;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::future::Future;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use nevernone::explore::Bounds;
use nevernone::report::ScenarioReport;
use nevernone::{Scenario, Verdict};

use crate::search;

/// Enough for every scenario here; one that livelocks is cut short by it, and is not verified.
const STEPS: u32 = 100;

/// What one run sees, in order.
#[derive(Clone)]
struct Log {
    seen: Rc<RefCell<Vec<String>>>,
    complete: Arc<Mutex<BTreeSet<Vec<String>>>>,
}

impl Log {
    fn note(&self, what: impl Into<String>) {
        self.seen.borrow_mut().push(what.into());
    }

    /// That was the last of it. Runs that are void may end before they come here.
    fn end(&self) {
        self.complete.lock().unwrap().insert(self.seen.borrow().clone());
    }

    /// Notes something; the `last` one is the end.
    fn note_of(&self, last: usize, what: impl Into<String>) {
        self.note(what);
        if self.seen.borrow().len() == last {
            self.end();
        }
    }
}

/// Searches the whole tree within bounds and gives every complete order. Verified: it neither fails nor livelocks.
#[track_caller]
fn orders_within<F, Fut>(bounds: Bounds, body: F) -> (BTreeSet<Vec<String>>, ScenarioReport)
where
    F: Fn(Log) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + 'static,
{
    let complete = Arc::default();
    let into = Arc::clone(&complete);
    let scenario = Scenario::new("orders", move || body(Log { seen: Rc::default(), complete: Arc::clone(&into) }));
    let report = search(&scenario.within(Bounds { steps: STEPS, stalls: Some(0), ..bounds }));
    assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
    let orders = complete.lock().unwrap().clone();
    (orders, report)
}

/// The same without bounds on interleavings.
#[track_caller]
fn orders<F, Fut>(body: F) -> BTreeSet<Vec<String>>
where
    F: Fn(Log) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + 'static,
{
    orders_within(Bounds::unbounded(), body).0
}
