//! A step that never returns on a thread that helps: deep in a late unit, where the search's own thread never comes.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use nevernone::campaign::{Options, check};
use nevernone::choice::token::Token;
use nevernone::{Scenario, Verdict, choose, fault};

/// The thread that leads the search, which is the first to execute anything.
static LEADER: OnceLock<ThreadId> = OnceLock::new();
/// Who hung, in order.
static HUNG: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// Lets the threads that were given up go in the end.
static RELEASED: AtomicBool = AtomicBool::new(false);

/// Never returns on any thread but the leader's, which waits a little for that each time, or it might have searched
/// everything before the helper began.
fn hang_on_a_helper() {
    let this = thread::current();
    let leads = *LEADER.get().expect("a run came before") == this.id();
    if !leads {
        HUNG.lock().unwrap().push(this.name().unwrap_or_default().to_owned());
    }
    let patience = Instant::now() + Duration::from_millis(1);
    let waited = || !HUNG.lock().unwrap().is_empty() || Instant::now() > patience;
    let over = || RELEASED.load(Ordering::Relaxed) || leads && waited();
    while !over() {
        thread::yield_now();
    }
}

#[test]
fn a_helpers_step_that_never_returns_is_told_by_name_with_a_token() {
    let body = || async {
        LEADER.get_or_init(|| thread::current().id());
        let late = choose("a", 40) >= 20;
        let _ = choose("b", 40);
        let faults = ["first", "second", "third"].map(|place| fault(place, &["err"]));
        if late && faults.iter().all(Option::is_some) {
            hang_on_a_helper();
        }
    };
    let scenario = Scenario::new("hangs on a helper", body).faults(3).watchdog(Duration::from_millis(500));
    let report = check(&scenario, &Options { jobs: NonZeroUsize::new(2), ..Options::default() });
    RELEASED.store(true, Ordering::Relaxed);
    assert_eq!(report.verdict, Verdict::Failed, "{report:?}");
    let failure = report.failure.expect("found");
    assert_eq!((failure.property.as_str(), failure.cost), ("watchdog", 3), "{failure:?}");
    assert!(failure.message.contains("did not return within 500ms"), "{}", failure.message);
    let token: Token = failure.token.parse().expect("a token");
    let faults = token.choices.iter().filter(|choice| choice.label.contains("fault")).count();
    assert_eq!((token.scenario.as_str(), faults), ("hangs on a helper", 3));
    let hung = HUNG.lock().unwrap().clone();
    // The helper, and whoever found out what it had been doing.
    assert_eq!(hung, ["nevernone-1", "nevernone-worker"]);
}
