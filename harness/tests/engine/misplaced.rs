//! The API called where no run can answer: each place is told by what it is, with what to do instead.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, mpsc};

use nevernone::campaign::{Options, check};
use nevernone::{Run, Scenario, Verdict, always, balanced, choose, event, never};

use crate::search;

/// What a call that panics says.
fn told(call: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(call)).expect_err("refused");
    let literal = payload.downcast_ref::<&str>().map(ToString::to_string);
    literal.or_else(|| payload.downcast_ref::<String>().cloned()).expect("a text")
}

#[track_caller]
fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "no `{part}` in: {text}");
    }
}

#[tokio::test]
async fn a_tokio_test_is_told_to_become_a_nevernone_test() {
    let text = told(|| event("a request arrives"));
    says(&text, &["outside a run", "as under `#[tokio::test]`. Replace that by `#[nevernone::test]`"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_multi_thread_tokio_test_and_its_workers_are_told_so() {
    let text = tokio::spawn(async { told(|| event("a request arrives")) }).await.unwrap();
    says(&text, &["outside a run", "multi-thread tokio runtime", "#[nevernone::test]"]);
}

#[test]
fn a_plain_test_is_told_to_become_a_nevernone_test() {
    let text = told(|| event("a request arrives"));
    // Whether other tests execute runs just now is anybody's guess.
    let alone = text.contains("nothing in this process executes one");
    assert!(alone || text.contains("this thread executes none, although others do"), "{text}");
    says(&text, &["outside a run", "#[nevernone::test] async fn"]);
}

/// What `call` leaves in the slot when it is called in a run.
fn told_in_a_run(call: impl Fn(mpsc::Sender<String>) + Send + Sync + 'static) -> String {
    let call = Arc::new(call);
    let (sender, received) = mpsc::channel();
    let sender = Mutex::new(sender);
    let scenario = Scenario::new("starts a thread", move || {
        call(sender.lock().unwrap().clone());
        async {}
    });
    check(&scenario, &Options { max_executions: Some(1), ..Options::default() });
    received.recv().expect("told")
}

#[test]
fn a_thread_that_a_run_starts_is_told_to_become_a_task() {
    let text = told_in_a_run(|told_to| {
        let thread = std::thread::spawn(move || told_to.send(told(|| assert_eq!(choose("a", 2), 0))));
        thread.join().unwrap().unwrap();
    });
    says(&text, &["outside a run", "does not belong to the run", "`nevernone::spawn` instead"]);
}

#[test]
fn blocking_work_is_told_to_be_done_inline() {
    let text = told_in_a_run(|told_to| {
        // The run waits for it with its one thread, so that it is there before the runtime goes.
        let (done, end) = mpsc::channel();
        drop(tokio::task::spawn_blocking(move || {
            told_to.send(told(|| event("blocking"))).unwrap();
            done.send(()).unwrap();
        }));
        end.recv().unwrap();
    });
    says(&text, &["outside a run", "a thread of `spawn_blocking`", "inline under test"]);
}

#[test]
fn a_runtime_that_a_run_starts_is_told_that_there_is_one_already() {
    let text = told_in_a_run(|told_to| {
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
            runtime.block_on(async { tokio::spawn(async move { told_to.send(told(|| event("a"))).unwrap() }).await })
        });
        thread.join().unwrap().unwrap();
    });
    says(&text, &["outside a run", "Inside a run start no runtime", "`nevernone::spawn`"]);
}

#[test]
fn a_property_that_calls_the_api_is_told_to_look_only() {
    let draws = || Scenario::new("draws in a property", || async { always("looks", || choose("a", 2) == 0) });
    let tells = || {
        let looks = || {
            event("a");
            false
        };
        Scenario::new("tells in a property", move || async move { never("looks", looks) })
    };
    let counts = || {
        Scenario::new("counts at the end", || async {
            let calls = std::cell::Cell::new(0);
            balanced("permits", move || {
                calls.set(calls.get() + 1);
                if calls.get() > 1 {
                    nevernone::sometimes("looked", true);
                }
            });
        })
    };
    for scenario in [draws(), tells(), counts()] {
        let report = search(&scenario);
        assert_eq!(report.verdict, Verdict::Failed, "{report:#?}");
        let message = report.failure.unwrap().message;
        says(&message, &["a property must not call nevernone's API", "call `sometimes` from the body"]);
    }
}

/// Keeps the handle of the first run that it is given.
#[derive(Default)]
struct Kept(Mutex<Option<Run>>);

impl Kept {
    fn get_or_keep(&self) -> Run {
        self.0.lock().unwrap().get_or_insert_with(nevernone::run).clone()
    }
}

#[test]
fn a_handle_that_outlived_its_run_is_told_so_in_the_next_one_and_outside() {
    let kept = Arc::<Kept>::default();
    let keeps = Arc::clone(&kept);
    let report = search(&Scenario::new("keeps its handle", move || {
        let run = keeps.get_or_keep();
        async move {
            if choose("which run", 2) == 1 {
                run.event("a later one");
            }
        }
    }));
    let failure = report.failure.expect("the second run has the first one's handle");
    says(&failure.message, &["was used after its run had ended", "take `nevernone::run()` in the body"]);
    assert_eq!(failure.file.as_deref(), Some(file!()), "the line that used it");
    let text = told(|| kept.get_or_keep().event("afterwards"));
    says(&text, &["was used after its run had ended"]);
}

#[test]
fn a_handle_on_another_thread_is_told_so() {
    let text = told_in_a_run(|told_to| {
        let run = nevernone::run();
        run.event("here it is fine");
        std::thread::spawn(move || told_to.send(told(|| run.event("there")))).join().unwrap().unwrap();
    });
    says(&text, &["from another thread than its run's", "`Run::spawn`"]);
}

#[test]
fn a_handle_is_refused_in_another_thread_s_run_and_its_moments_too() {
    let text = told_in_a_run(|told_to| {
        let run = nevernone::run();
        let other = Scenario::new("somebody else's", move || {
            let (run, told_to) = (run.clone(), told_to.clone());
            async move {
                let mut moment = Box::pin(run.any_moment("a request"));
                let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
                told_to.send(told(|| assert!(moment.as_mut().poll(&mut cx).is_ready()))).unwrap();
                assert!(told(|| run.event("a")).contains("another thread"));
            }
        });
        // A run of another thread, while this one's goes on.
        let report = std::thread::spawn(move || check(&other, &Options::default())).join().unwrap();
        assert_eq!(report.uncontrolled, Vec::<String>::new());
        assert!(report.failure.is_none(), "{report:#?}");
    });
    says(&text, &["from another thread than its run's"]);
}
