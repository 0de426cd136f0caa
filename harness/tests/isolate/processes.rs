//! A run that ends its process is a failure with a name and a token, and ends nothing else.

use std::hint::black_box;
use std::process::{Command, abort, exit, id};
use std::time::Duration;

use nevernone::campaign::replay;
use nevernone::choice::token::Token;
use nevernone::report::FailureReport;
use nevernone::{Ending, Scenario, Verdict, choose, fault, spawn};

use crate::{fresh, search};

/// Comes to `end` after a fault, in a task of its own.
fn ends(end: fn()) -> Scenario {
    Scenario::new("ends", move || async move {
        let _ = choose("a", 3);
        let failed = fault("connect", &["err"]).is_some();
        let startup = spawn("startup", async move {
            if failed {
                end();
            }
        });
        startup.await;
    })
    .watchdog(Duration::from_millis(400))
    .isolated()
}

/// Searches, replays the token that was found, and gives the failure.
#[track_caller]
fn found(scenario: &Scenario, property: &str) -> FailureReport {
    let report = search(scenario);
    assert_eq!(report.verdict, Verdict::Failed, "{report:#?}");
    let failure = report.failure.expect("found");
    assert_eq!((failure.property.as_str(), failure.cost), (property, 1), "{}", failure.message);
    assert!(failure.timeline.iter().any(|line| line.what.contains("fault at connect: err")), "{failure:?}");
    let token: Token = failure.token.parse().expect("a token");
    let again = replay(scenario, &token).expect("fits");
    let Ending::Failed(told) = again.ending else { panic!("{:?}", again.ending) };
    assert_eq!(
        (told.message, again.timeline, again.drifted),
        (failure.message.clone(), failure.timeline.clone(), false)
    );
    failure
}

#[test]
fn an_exit_is_told_with_its_code() {
    fresh(|| {
        let failure = found(&ends(|| exit(3)), "process");
        assert!(
            failure.message.starts_with("a step of `startup` ended the process: exit code 3"),
            "{}",
            failure.message
        );
        assert!(failure.explanation.least && failure.steps > 1);
        let failure = found(&ends(|| exit(0)), "process");
        assert!(failure.message.contains("exit code 0"), "{}", failure.message);
    });
}

#[test]
fn an_abort_is_told_as_such() {
    fresh(|| {
        let failure = found(&ends(|| abort()), "process");
        assert!(failure.message.contains("signal 6 (SIGABRT); an abort, a stack overflow"), "{}", failure.message);
    });
}

#[test]
fn memory_that_is_not_its_own_is_told_by_its_signal() {
    fn fault() {
        // std's own handler, which looks for stack overflows, lets the first one pass: memory is touched again, and a signal
        // from outside does not come again.
        loop {
            let kill = Command::new("kill").args(["-SEGV", &id().to_string()]).status();
            assert!(kill.expect("there is a `kill`").success());
        }
    }
    fresh(|| {
        let failure = found(&ends(fault), "process");
        assert!(failure.message.contains("signal 11 (SIGSEGV)"), "{}", failure.message);
    });
}

#[test]
fn a_stack_overflow_is_no_end_of_the_search() {
    #[expect(unconditional_recursion, reason = "that is the point")]
    fn overflow(depth: u64) -> u64 {
        let block = black_box([depth; 512]);
        overflow(depth + 1) + block[7]
    }
    fresh(|| {
        let failure = found(&ends(|| assert_ne!(black_box(overflow(0)), 0)), "process");
        assert!(failure.message.contains("SIGABRT"), "{}", failure.message);
    });
}

#[test]
fn a_step_that_does_not_return_is_killed_and_told() {
    fresh(|| {
        let failure = found(&ends(|| while black_box(true) {}), "watchdog");
        let told = "a step of `startup` did not return within 400ms of real time, and the run's process was killed";
        assert!(failure.message.starts_with(told), "{}", failure.message);
        // Each execution would take the watchdog's whole time.
        assert_eq!(failure.explanation.executions, 0);
    });
}
