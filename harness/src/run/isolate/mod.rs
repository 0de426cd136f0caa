//! A process for each run: whatever is process-wide, a `OnceLock`, a thread-local, an atomic, is as empty at the beginning of
//! every run as it was when the program began, and a run that ends its process ends nothing else.
//!
//! The parent forks where it would have executed the run. The child executes it, in the same way as ever, with its copy of
//! the explorer, and records it in shared memory as it goes (`record.rs`). When the child has ended, however it did, the
//! parent takes the record over, and goes on as if it had executed the run itself; so that every explorer, doubled run,
//! reduction and replay works as it does without.
//!
//! The parent must never execute code under test itself: its children would find what that left. [`Apart::of`] sees to it.

#[cfg_attr(not(unix), path = "nowhere.rs")]
mod sys;

mod copy;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod getrandom;
mod record;
#[cfg(unix)]
mod region;
mod seeds;
mod tallies;
mod wire;

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::panics::text;
use super::{Body, RunOptions, Runner};
use crate::choice::Tape;
use crate::ending::{Ending, Failure};
use crate::explore::{Again, Explorer};
use crate::scenario::Scenario;
use crate::uncontrolled::Uncontrolled;
pub(crate) use copy::{Heard, in_a_copy};
pub(super) use record::Record;
use record::{Told, take_over};
#[cfg(unix)]
use region::Region;
pub(crate) use seeds::are_fixed as seeds_are_fixed;
#[cfg(not(unix))]
use sys::Region;
use sys::{End, Forked, Leaving};
pub(crate) use sys::{die_with_parent, leave_no_core};

/// The property that fails where a run ends its process.
pub(crate) const PROCESS: &str = "process";

/// The property that fails where a step does not return.
pub(crate) const WATCHDOG: &str = "watchdog";

/// Code under test was executed by this very process. Relaxed: a flag that is only ever raised; a search that begins at the
/// same moment on another thread looks again at each of its runs.
static SOILED: AtomicBool = AtomicBool::new(false);

/// Whether runs can have processes of their own here, and this process executed no code under test yet.
pub(crate) fn is_possible() -> bool {
    cfg!(unix) && !SOILED.load(Ordering::Relaxed)
}

/// How the runs of an isolated scenario are executed.
pub(super) struct Apart {
    region: Result<Arc<Region>, String>,
    watchdog: Duration,
    bytes: Vec<u8>,
    leaving: Leaving,
}

impl Apart {
    /// `None` for a scenario whose runs share this process.
    pub(super) fn of(scenario: &Scenario) -> Option<Self> {
        if !scenario.isolated {
            SOILED.store(true, Ordering::Relaxed);
            return None;
        }
        prepare_this_thread();
        let region = region_of_this_thread().map_err(|error| {
            format!("`isolate = \"process\"` is not available here, so that nothing was executed: {error}")
        });
        Some(Apart { region, watchdog: scenario.watchdog, bytes: Vec::new(), leaving: Leaving::default() })
    }
}

thread_local! {
    /// What the thread keeps for its next runner.
    static REGION: RefCell<Option<Arc<Region>>> = const { RefCell::new(None) };
}

fn region_of_this_thread() -> std::io::Result<Arc<Region>> {
    REGION.with_borrow_mut(|known| match known {
        Some(region) => Ok(Arc::clone(region)),
        None => Ok(Arc::clone(known.insert(Arc::new(Region::new()?)))),
    })
}

/// Does once what every child would have to do again: one empty run, which is nobody's code. Speed is the lesser reason: a
/// child must not meet a first-time initialisation that another thread was in the middle of when this one forked, since
/// nobody would ever finish its copy.
fn prepare_this_thread() {
    thread_local! {
        static PREPARED: Cell<bool> = const { Cell::new(false) };
    }
    if PREPARED.replace(true) {
        return;
    }
    seeds::pin_this_thread();
    sys::warm_name_service();
    let explorer: Rc<RefCell<dyn Explorer>> = Rc::new(RefCell::new(Again::new(Tape::default())));
    let options = RunOptions { step_limit: 10, timeline: false };
    Runner::default().run(&|| Box::pin(async {}), &explorer, options, |_| ());
}

impl Runner {
    /// Executes a run in a process of its own.
    pub(super) fn run_apart(&mut self, apart: &mut Apart, body: &Body, options: RunOptions) -> (Ending, usize) {
        let Apart { region, watchdog, bytes, leaving } = apart;
        let region = match region {
            Ok(_) if SOILED.load(Ordering::Relaxed) => return (soiled(), 0),
            Ok(region) => region,
            Err(reason) => return (unavailable(reason.clone()), 0),
        };
        region.clear();
        let child = match sys::fork(region) {
            Ok(Forked::Child) => self.be_the_child(region, body, options),
            Ok(Forked::Parent(child)) => child,
            Err(error) => return (no_process(&error), 0),
        };
        let end = match child.wait(region, *watchdog, leaving) {
            Ok(end) => end,
            Err(error) => return (no_process(&error), 0),
        };
        if !region.copy_into(bytes) {
            return (unavailable("a run has more to tell than there is memory for it".to_owned()), 0);
        }
        match take_over(&mut self.state.borrow_mut(), bytes) {
            Told::Ended(ending, lane) => (ending, lane),
            Told::Broken(message) => resume_unwind(Box::new(message)),
            Told::Interrupted(acting) => (interrupted(&end, &acting, *watchdog), 0),
        }
    }

    fn be_the_child(&mut self, region: &Arc<Region>, body: &Body, options: RunOptions) -> ! {
        seeds::fix_all();
        let record = Rc::new(Record::new(Arc::clone(region)));
        // Unwind safety: nothing is looked at afterwards.
        let executed = catch_unwind(AssertUnwindSafe(|| {
            {
                let mut state = self.state.borrow_mut();
                state.recorder = Some(Rc::clone(&record));
                state.timeline.witness = Some(record.clone());
            }
            let (ending, lane) = self.run_here(body, options);
            record.end(&self.state.borrow(), &ending, lane);
        }));
        if let Err(panic) = executed {
            record.broken(&text(&*panic));
        }
        sys::leave(region)
    }
}

fn unavailable(reason: String) -> Ending {
    Ending::Uncontrolled(Uncontrolled::Isolation(reason))
}

fn soiled() -> Ending {
    unavailable(
        "a scenario without `isolate = \"process\"` was executed by this process before, so that its statics are not \
         empty any more; search isolated scenarios first, or in a process of their own, as `#[nevernone::test]` does"
            .to_owned(),
    )
}

fn no_process(error: &std::io::Error) -> Ending {
    unavailable(format!("the operating system has no process for a run: {error}"))
}

/// What a process that ended before its run did shows.
fn interrupted(end: &End, acting: &str, limit: Duration) -> Ending {
    let (property, message) = match end {
        End::Left => return unavailable("a run's process left before its run had ended".to_owned()),
        End::Hung => (WATCHDOG, hung(limit, acting, "the run's process was killed")),
        End::Exited(status) => (PROCESS, format!("a step of `{acting}` ended the process: {}", sys::told(*status))),
    };
    Ending::Failed(Failure { property: property.to_owned(), message, location: None })
}

/// What is told of a step that never returns.
pub(crate) fn hung(limit: Duration, acting: &str, done: &str) -> String {
    format!(
        "a step of `{acting}` did not return within {limit:?} of real time, and {done}. The usual causes are a \
         `std::sync::Mutex` held across an await, an endless loop without an await, and blocking I/O"
    )
}
