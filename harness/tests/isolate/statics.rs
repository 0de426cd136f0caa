//! What is process-wide is empty at the beginning of every run.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, OnceLock};

use nevernone::campaign::replay;
use nevernone::choice::token::Token;
use nevernone::{Ending, Scenario, Verdict, always, choose, event, fault, spawn};
use tokio::sync::OnceCell;
use tokio::task::yield_now;

use crate::{fresh, search, verified};

/// The incident's own pattern, over whatever cell it is given: two callers, and an initialiser that waits and may fail.
async fn two_callers(cell: &'static OnceCell<u32>) {
    let caller = |name| {
        spawn(name, async move {
            let create = || async {
                yield_now().await;
                if fault("create", &["err"]).is_some() { Err(()) } else { Ok(7) }
            };
            cell.get_or_try_init(create).await.copied()
        })
    };
    let (left, right) = (caller("left"), caller("right"));
    let _ = (left.await, right.await);
    event(if cell.initialized() { "filled" } else { "empty" });
}

fn static_cell() -> Scenario {
    static MANAGER: OnceCell<u32> = OnceCell::const_new();
    Scenario::new("static cell", || two_callers(&MANAGER))
}

fn local_cell() -> Scenario {
    Scenario::new("local cell", || two_callers(Box::leak(Box::new(OnceCell::new()))))
}

#[test]
fn a_static_cell_is_verified_with_exactly_the_runs_of_a_local_one() {
    fresh(|| {
        let isolated = verified(&static_cell().isolated());
        let local = verified(&local_cell());
        let told = |report: &nevernone::report::ScenarioReport| {
            (report.runs, report.executions, report.steps, report.faults.clone())
        };
        assert_eq!(told(&isolated), told(&local));
        assert_eq!(isolated.runs, 39);
        println!("{} executions, {:.0}/s", isolated.executions, isolated.runs_per_second);
        assert_eq!((isolated.isolation.as_deref(), local.isolation), (Some("process"), None));
        // What the local one's search is told beside: in one process the same test is not verified.
        let shared = search(&static_cell());
        assert_eq!(shared.verdict, Verdict::Incomplete);
        assert!(shared.uncontrolled[0].contains("static"), "{shared:?}");
    });
}

#[test]
fn thread_locals_lazy_cells_and_counters_are_fresh_too() {
    thread_local!(static LOCAL: Cell<bool> = const { Cell::new(false) });
    static LAZY: LazyLock<u32> = LazyLock::new(|| COUNT.fetch_add(1, Ordering::SeqCst));
    static ONCE: OnceLock<u32> = OnceLock::new();
    static COUNT: AtomicU32 = AtomicU32::new(0);
    fresh(|| {
        let captured = AtomicU32::new(0);
        let scenario = Scenario::new("fresh", move || {
            let earlier = captured.fetch_add(1, Ordering::SeqCst);
            async move {
                assert!(!LOCAL.replace(true), "the thread's own");
                assert_eq!(ONCE.set(choose("value", 3)), Ok(()));
                assert_eq!((*LAZY, COUNT.load(Ordering::SeqCst), earlier), (0, 1, 0));
            }
        });
        assert_eq!(verified(&scenario.isolated()).runs, 3);
    });
}

/// A static that is published before it is built.
fn published_early() -> Scenario {
    static PARTS: OnceLock<&'static str> = OnceLock::new();
    static READY: AtomicU32 = AtomicU32::new(0);
    Scenario::new("published early", || async {
        always("ready means wired", || READY.load(Ordering::SeqCst) == 0 || PARTS.get().is_some());
        let starts = spawn("startup", async {
            if fault("connect", &["err"]).is_some() {
                READY.store(1, Ordering::SeqCst);
                yield_now().await;
            }
            let _ = PARTS.set("wired");
            READY.store(1, Ordering::SeqCst);
        });
        starts.await;
    })
    .isolated()
}

#[test]
fn a_static_that_is_published_early_is_found_and_its_token_replays() {
    fresh(|| {
        let report = search(&published_early());
        assert_eq!(report.verdict, Verdict::Failed, "{report:#?}");
        let failure = report.failure.expect("found");
        assert_eq!((failure.property.as_str(), failure.cost), ("ready means wired", 1));
        assert!(failure.file.as_ref().is_some_and(|file| file.ends_with("statics.rs")) && failure.line.is_some());
        assert!(failure.explanation.least);
        assert!(failure.timeline.iter().any(|line| line.what.contains("fault at connect: err")), "{failure:?}");
        let token: Token = failure.token.parse().expect("a token");
        let again = replay(&published_early(), &token).expect("fits");
        assert_eq!((again.timeline, again.drifted), (failure.timeline, false));
        assert!(matches!(again.ending, Ending::Failed(failed) if failed.message == failure.message));
    });
}

#[test]
fn a_process_that_executed_code_under_test_is_refused() {
    fresh(|| {
        verified(&local_cell());
        let report = search(&static_cell().isolated());
        assert_eq!(report.verdict, Verdict::Incomplete);
        assert!(report.uncontrolled[0].contains("was executed by this process before"), "{report:?}");
        assert_eq!(report.runs, 0);
    });
}
