//! Log lines as properties.

use std::sync::{Arc, Barrier};
use std::thread;

use nevernone::campaign::{Options, check};
use nevernone::{Scenario, Verdict, choose, daemon, fault, logs, spawn};
use tokio::task::yield_now;

use crate::{green, red};

/// One callsite, of whoever calls.
fn say(what: &str) {
    tracing::warn!(agents = 8, wired = "none", "manager set to {what}");
}

#[test]
fn a_line_is_its_level_its_target_its_message_and_its_fields() {
    green(&Scenario::new("lines", || async {
        say("be seen by nobody, since nobody has asked yet");
        assert_eq!(logs::lines(), Vec::<String>::new());
        say("None");
        tracing::trace!(target: "elsewhere", "quiet");
        tracing::info_span!("a span", is = "no line").in_scope(|| ());
        let expected = ["WARN engine::logs: manager set to None agents=8 wired=\"none\"", "TRACE elsewhere: quiet"];
        assert_eq!(logs::lines(), expected);
        yield_now().await;
        assert_eq!(logs::lines().len(), 2, "kept for the run, and for no other run");
        let _ = choose("a", 3);
    }));
}

#[test]
fn a_forbidden_line_fails_after_its_step_at_the_line_that_forbids_it() {
    let line = line!() + 3;
    let scenario = |says: &'static str| {
        Scenario::new("forbidden", move || async move {
            logs::forbid("set to None");
            spawn("wiring", async move {
                if fault("factory", &["nothing"]).is_some() {
                    say(says);
                }
                yield_now().await;
            })
            .await;
        })
    };
    green(&scenario("a manager"));
    let failure = red(&scenario("None"), "forbidden log line: set to None", (file!(), line));
    assert!(failure.message.contains("WARN engine::logs: manager set to None agents=8"), "{}", failure.message);
    assert_eq!((failure.cost, failure.steps), (1, 2), "after its step, not at the end");
    // The line stands in the story as well.
    assert!(failure.timeline.iter().any(|entry| entry.actor == "wiring" && entry.what.starts_with("logs WARN")));
}

#[test]
fn what_is_logged_while_tasks_are_dropped_is_not_forgotten() {
    struct Says(&'static str);
    impl Drop for Says {
        fn drop(&mut self) {
            say(self.0);
        }
    }
    let scenario = |says: &'static str| {
        Scenario::new("last words", move || async move {
            logs::forbid("set to None");
            logs::require("set to");
            let last_words = Says(says);
            drop(daemon("agent", async move {
                let _last_words = last_words;
                std::future::pending::<()>().await;
            }));
        })
    };
    green(&scenario("rest"));
    let failure = crate::search(&scenario("None")).failure.expect("found");
    assert_eq!(failure.property, "forbidden log line: set to None");
}

#[test]
fn a_required_line_that_nobody_logs_fails_at_the_end() {
    let line = line!() + 3;
    let scenario = |attempts: u32| {
        Scenario::new("required", move || async move {
            logs::require("on attempt 2");
            for attempt in 1..=attempts {
                yield_now().await;
                tracing::debug!("validated on attempt {attempt}");
            }
        })
    };
    green(&scenario(2));
    let failure = red(&scenario(1), "required log line: on attempt 2", (file!(), line));
    assert!(failure.message.contains("none of the 1 lines"), "{}", failure.message);
}

#[test]
fn workers_do_not_hear_each_other() {
    // `tracing` remembers for the whole process who is interested in a callsite, and dispatches by thread: here the same
    // callsite is met at the same time by workers that ask for it and by workers that do not.
    let barrier = Arc::new(Barrier::new(4));
    let worker = |asks: bool| {
        let barrier = Arc::clone(&barrier);
        thread::spawn(move || {
            let scenario = Scenario::new("one of four", move || async move {
                if asks {
                    logs::capture();
                }
                let said = choose("how often", 5);
                for _ in 0..said {
                    say("something");
                    yield_now().await;
                }
                let heard = if asks { said as usize } else { 0 };
                assert_eq!(logs::lines().len(), heard);
            });
            barrier.wait();
            (0..10).all(|_| check(&scenario, &Options::default()).verdict == Verdict::Verified)
        })
    };
    let workers = [true, false, true, false].map(worker);
    for worker in workers {
        assert!(worker.join().expect("no worker panics"));
    }
}
