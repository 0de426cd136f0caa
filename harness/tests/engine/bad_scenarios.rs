//! Scenarios that are wrong themselves: each is told so, and none takes the process with it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use nevernone::{Scenario, Verdict, any_moment, cancellable, choose, spawn};
use tokio::task::yield_now;

use crate::search;

#[test]
fn a_body_that_panics_while_it_is_built_fails() {
    let report = search(&Scenario::new("built badly", || {
        assert!(std::env::var_os("THERE IS NO SUCH VARIABLE").is_some(), "no configuration");
        async {}
    }));
    let failure = report.failure.expect("found");
    assert_eq!((failure.property.as_str(), failure.file.as_deref()), ("panic", Some(file!())));
    assert!(failure.message.contains("no configuration"), "{}", failure.message);
}

#[test]
fn a_body_that_never_ends_is_cut_short() {
    let report = search(
        &Scenario::new("endless", || async {
            loop {
                yield_now().await;
            }
        })
        .steps(200),
    );
    assert_eq!(report.verdict, Verdict::Incomplete);
    assert_eq!(report.cut_short, ["a run was stopped after 200 steps"]);
    assert_eq!(report.uncontrolled, Vec::<String>::new());
}

/// Within the default bounds on costs, and within a time that everybody has.
fn is_given_up(steps: u32, body: impl Fn() + Send + Sync + 'static) {
    let body = std::sync::Arc::new(body);
    let scenario = Scenario::new("endless", move || {
        let body = std::sync::Arc::clone(&body);
        async move { body() }
    });
    let report = search(&scenario.steps(steps));
    assert_eq!((report.verdict, report.exit_code()), (Verdict::Incomplete, 3));
    let stopped = format!("a run was stopped after {steps} steps");
    assert_eq!(report.cut_short, [&stopped, "gave up after 100 runs that were stopped"]);
    assert_eq!((report.uncontrolled, report.complete_to_cost, report.estimate), (Vec::<String>::new(), None, None));
    assert!(report.advice.is_some_and(|advice| advice.contains("never ends")));
}

#[test]
fn two_tasks_that_never_end_are_given_up_though_their_tree_is_endless() {
    is_given_up(10_000, || {
        for name in ["left", "right"] {
            drop(spawn(name, async {
                loop {
                    yield_now().await;
                }
            }));
        }
    });
}

#[test]
fn tasks_that_start_tasks_without_bound_are_given_up() {
    fn starts_two() {
        drop(spawn("one", async { starts_two() }));
        drop(spawn("another", async { starts_two() }));
    }
    is_given_up(1_000, starts_two);
}

#[test]
fn a_task_that_draws_for_ever_is_given_up() {
    is_given_up(1_000, || {
        drop(spawn("draws", async {
            while choose("again", 2) < 2 {
                yield_now().await;
            }
        }));
    });
}

#[test]
fn a_body_that_waits_for_ever_is_stuck_and_named() {
    let report = search(&Scenario::new("stuck", || async {
        let () = spawn("waits for ever", std::future::pending()).await;
    }));
    let failure = report.failure.expect("found");
    assert_eq!(failure.property, "stuck");
    assert!(failure.message.contains("scenario, waits for ever"), "{}", failure.message);
}

#[test]
fn a_panic_in_the_destructor_of_what_only_a_property_holds_is_no_secret() {
    struct Angry;
    impl Drop for Angry {
        fn drop(&mut self) {
            // Not while another panic is on its way: that would end the process.
            assert!(std::thread::panicking(), "dropped with its connections open");
        }
    }
    let report = search(&Scenario::new("angry", || async {
        let angry = Angry;
        nevernone::always("holds it", move || {
            let _held = &angry;
            true
        });
    }));
    let failure = report.failure.expect("found");
    assert!(failure.message.contains("connections open"), "{}", failure.message);
}

#[test]
fn a_draw_from_nothing_fails_at_its_own_line() {
    let line = line!() + 1;
    let report = search(&Scenario::new("nothing to choose", || async { assert_eq!(choose("a", 0), 0) }));
    let failure = report.failure.expect("found");
    assert_eq!((failure.file.as_deref(), failure.line), (Some(file!()), Some(line)));
    assert!(failure.message.contains("the least arity is 1"), "{}", failure.message);
}

#[test]
fn outside_a_run_the_message_says_what_to_use() {
    let calls: [(&str, fn()); 8] = [
        ("choose", || assert_eq!(choose("a", 2), 0)),
        ("fault", || assert_eq!(nevernone::fault("a", &["err"]), None)),
        ("fault_at", || drop(nevernone::fault_at("a").ok(|| 1).err(|| 2))),
        ("spawn", || drop(spawn("a", async {}))),
        ("daemon", || drop(nevernone::daemon("a", async {}))),
        ("event", || nevernone::event("a")),
        ("sometimes", || nevernone::sometimes("a", true)),
        ("always", || nevernone::always("a", || true)),
    ];
    for (name, call) in calls {
        says_what_to_use(name, &catch_unwind(call).unwrap_err());
    }
}

#[test]
fn awaited_outside_a_run_the_message_says_what_to_use() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let moment = catch_unwind(AssertUnwindSafe(|| runtime.block_on(any_moment("a"))));
    says_what_to_use("any_moment", &moment.unwrap_err());
    let cancelled = catch_unwind(AssertUnwindSafe(|| runtime.block_on(cancellable("a", async {}))));
    says_what_to_use("cancellable", &cancelled.unwrap_err());
}

fn says_what_to_use(name: &str, payload: &Box<dyn std::any::Any + Send>) {
    let text = payload.downcast_ref::<&str>().map(ToString::to_string);
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default();
    assert!(text.contains("outside a run") && text.contains("#[nevernone::test]"), "{name}: {text}");
}
