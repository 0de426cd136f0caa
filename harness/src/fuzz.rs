//! A fuzzer's bytes as one run, and the law that every run has to keep. A byte of 0 is the simplest answer, the next bytes
//! are the other answers, and what is left out is simplest: so mutations change one choice, and minimising makes the story
//! shorter.
//!
//! # A target over a scenario of your own
//!
//! Put the scenario where both your tests and the target can call it, say into a library of your test code. A target is one
//! call then, and its corpus is replayed by an ordinary test, which needs neither nightly nor a fuzzer:
//!
//! ```
//! use nevernone::{Scenario, fuzz, spawn};
//!
//! // In the library that both share.
//! fn two_tasks() -> Scenario {
//!     Scenario::new("two-tasks", || async {
//!         let first = spawn("first", tokio::task::yield_now());
//!         tokio::task::yield_now().await;
//!         first.await;
//!     })
//! }
//!
//! // What the target does with an input.
//! fn target(bytes: &[u8]) -> bool {
//!     fuzz::one_input(&two_tasks(), bytes).is_some()
//! }
//!
//! // What the test does with the corpus: the law of each, and no two of them for one case.
//! let corpus: [&[u8]; 2] = [&[], &[0, 1, 1, 1]];
//! let cases: Vec<_> = corpus.iter().filter_map(|bytes| fuzz::one_input(&two_tasks(), bytes)).collect();
//! assert_eq!(cases.len(), corpus.len());
//! assert_ne!(cases[0], cases[1], "two inputs, two cases");
//! # assert!(target(&[1, 2, 3]));
//! ```
//!
//! With `cargo fuzz init`, and this feature for the fuzz package, `fuzz/fuzz_targets/startup.rs` is five lines:
//!
//! ```text
//! #![no_main]
//! use std::sync::LazyLock;
//! static SCENARIO: LazyLock<nevernone::Scenario> = LazyLock::new(my_service_tests::two_tasks);
//! libfuzzer_sys::fuzz_target!(|bytes: &[u8]| { nevernone::fuzz::one_input(&SCENARIO, bytes); });
//! ```
//!
//! `cargo +stable fuzz run -s none startup` needs no nightly. What it finds is told with the story and the token of the run,
//! which replays it as any other token does.
//!
//! # Panics in the code under test
//!
//! A fuzzing engine aborts the process in the panic hook that it installs at its start. The framework's own hook comes
//! later, with the first run, and keeps panics inside a run to itself; so code under test may panic and be caught, and
//! only a broken law aborts.

use crate::campaign::{self, SingleRun};
use crate::choice::token::Token;
use crate::ending::Ending;
use crate::explore::{Bounds, Bytes, Replay};
use crate::report::terminal;
use crate::scenario::Scenario;

/// What an input may spend, whatever the scenario's own bounds are: any faults, and more of everything else than an
/// exhaustive search can afford. Stalls stay few, since a clock that always runs ahead hides everything but timeouts.
pub const BOUNDS: Bounds = Bounds {
    faults: None,
    preemptions: Some(8),
    cancellations: Some(3),
    panics: Some(2),
    stalls: Some(2),
    crashes: Some(2),
    cost: None,
    // Not read by `Bytes`: the scenario's own step limit holds.
    steps: 10_000,
};

/// Executes the one run that the bytes stand for, and its token once more. Gives the token, which tells one case from
/// another; `None` in the rare case that every answer at some draw turned out to be none, so that there is no run.
///
/// # Panics
/// With the whole story and the token, where the run fails, is cut short, is not a function of its choices, or where
/// its token replays to anything else. If called within a tokio runtime or within a run.
pub fn one_input(scenario: &Scenario, bytes: &[u8]) -> Option<Token> {
    one_input_within(scenario, BOUNDS, bytes)
}

/// The same within other bounds than [`BOUNDS`]: for a scenario whose properties allow for no stall, say. Kept inputs
/// belong to the bounds that they were found within, since a byte counts among the alternatives that these admit.
///
/// # Panics
/// As [`one_input`].
pub fn one_input_within(scenario: &Scenario, bounds: Bounds, bytes: &[u8]) -> Option<Token> {
    let run = execute(scenario, Bytes::new(bytes, bounds));
    match &run.ending {
        Ending::Void { .. } => return None,
        Ending::Passed => {}
        Ending::Failed(failure) => broken(scenario, &run, &format!("{}: {}", failure.property, failure.message)),
        Ending::CutShort(reason) => broken(scenario, &run, &format!("cut short: {reason}")),
        Ending::Uncontrolled(reason) => broken(scenario, &run, &format!("uncontrolled: {reason}")),
    }
    let again = execute(scenario, Replay::new(run.token.clone()));
    if (&again.ending, &again.token) != (&run.ending, &run.token) {
        let replayed = format!("uncontrolled: its token replays to {:?}, as {}", again.ending, again.token);
        broken(scenario, &run, &replayed);
    }
    Some(run.token)
}

fn execute(scenario: &Scenario, explorer: impl crate::explore::Explorer + 'static) -> SingleRun {
    campaign::run_once(scenario, explorer).expect("an explorer that was not asked before has a run")
}

/// Tells a run that breaks the law, with its timeline as far as it can be executed again.
fn broken(scenario: &Scenario, run: &SingleRun, what: &str) -> ! {
    let timeline = match campaign::replay(scenario, &run.token) {
        Ok(replayed) if replayed.ending == run.ending => {
            terminal::timeline(&replayed.timeline) + &terminal::stuck(&replayed.stuck)
        }
        Ok(replayed) => format!("  executed again, the run ends as {:?}\n", replayed.ending),
        Err(reason) => format!("  {reason}\n"),
    };
    panic!(
        "{}: {what}\n{timeline}  replay: `replay '{}'` of the program that lists this \
         scenario, or the token as NEVERNONE_REPLAY beside the scenario's test",
        scenario.name(),
        run.token
    );
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::one_input;
    use crate::{Scenario, choose, fault, spawn};

    fn told(scenario: &Scenario, bytes: &[u8]) -> String {
        let panic = catch_unwind(AssertUnwindSafe(|| one_input(scenario, bytes))).expect_err("the law is broken");
        panic.downcast_ref::<String>().expect("a formatted message").clone()
    }

    #[test]
    fn a_failing_run_is_told_whole() {
        let scenario = Scenario::new("fragile", || async {
            assert_eq!(fault("connect", &["refused", "late"]).map(|fault| fault.kind), None, "no database");
        });
        // Which step comes next, whether its poll is cut, and the fault.
        assert!(one_input(&scenario, &[0, 0, 0]).is_some());
        let story = told(&scenario, &[0, 0, 1]);
        for part in ["fragile: panic", "no database", "fault at connect: refused", "replay 'nn1:fragile:"] {
            assert!(story.contains(part), "`{part}` is not in:\n{story}");
        }
    }

    #[test]
    fn a_caught_panic_is_no_failure() {
        let scenario = Scenario::new("contained", || async {
            let caught = catch_unwind(|| assert_eq!(1 + 1, 3, "caught by the code under test"));
            assert!(caught.is_err());
        });
        assert!(one_input(&scenario, &[]).is_some());
    }

    #[test]
    fn a_run_that_is_no_function_of_its_bytes_is_told() {
        let executions = AtomicU32::new(0);
        let executions: &'static AtomicU32 = Box::leak(Box::new(executions));
        let scenario = Scenario::new("leaky", move || async move {
            // The static is what an earlier run left behind; the second execution draws another number of times.
            for _ in 0..executions.fetch_add(1, Ordering::Relaxed) {
                drop(spawn("more", async {}));
            }
            choose("value", 2);
        });
        let story = told(&scenario, &[]);
        assert!(story.contains("leaky: uncontrolled"), "{story}");
    }
}
