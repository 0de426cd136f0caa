//! Where a run's own process and the search in its parent meet: what the one may do to the other, and what not.

use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, id};
use std::time::{Duration, Instant};

use nevernone::campaign::{SingleRun, run_once};
use nevernone::choice::{Draw, Kind, Tape};
use nevernone::explore::{Explorer, Refusal};
use nevernone::{Ending, Scenario, choose};
use tokio::task::yield_now;

use crate::{FRESH, fresh};

/// Answers 0 in the process that made it, and in any other what it is told to, or the last alternative there is.
struct Answers {
    home: u32,
    elsewhere: fn() -> u32,
}

impl Explorer for Answers {
    fn begin(&mut self) -> bool {
        true
    }

    fn choose(&mut self, _: usize, draw: &Draw<'_>) -> Result<u32, Refusal> {
        let last = draw.arity().unwrap_or(1).saturating_sub(1);
        Ok(if id() == self.home { 0 } else { (self.elsewhere)().min(last) })
    }

    fn end(&mut self, _: &Tape, _: &Ending) -> Result<(), Refusal> {
        Ok(())
    }
}

#[track_caller]
fn led(scenario: Scenario, elsewhere: fn() -> u32) -> SingleRun {
    run_once(&scenario.isolated(), Answers { home: id(), elsewhere }).expect("it begins")
}

/// The simplest run.
#[track_caller]
fn once(scenario: Scenario) -> SingleRun {
    led(scenario, || 0)
}

fn draws() -> Scenario {
    Scenario::new("draws", || async {
        let _ = choose("value", 2);
    })
}

#[test]
fn a_run_may_take_longer_than_a_step_may() {
    let slow = Scenario::new("slow", || async {
        for _ in 0..10 {
            let begun = Instant::now();
            while begun.elapsed() < Duration::from_millis(100) {}
            yield_now().await;
        }
    });
    fresh(|| assert_eq!(once(slow.watchdog(Duration::from_millis(400))).ending, Ending::Passed));
}

#[test]
fn a_run_that_has_too_much_to_tell_is_named_and_the_next_one_is_executed() {
    let long_names = |how_many| {
        Scenario::new("long names", move || async move {
            let name: &str = "x".repeat(1 << 20).leak();
            for _ in 0..how_many {
                let _ = choose(name, 2);
            }
        })
    };
    fresh(|| {
        let told = format!("{:?}", once(long_names(70)).ending);
        assert!(told.contains("a run has more to tell than there is memory for it"), "{told}");
        assert_eq!(once(long_names(1)).ending, Ending::Passed);
    });
}

#[test]
fn an_explorer_that_answers_otherwise_in_the_runs_process_is_named() {
    fresh(|| {
        let told = format!("{:?}", led(draws(), || 1).ending);
        assert!(told.contains("in one way in the run's own process and in another outside"), "{told}");
        assert_eq!(once(draws()).ending, Ending::Passed);
    });
}

/// Cuts every poll after one operation, and hears nothing of what came of it.
struct Cuts;

impl Explorer for Cuts {
    fn begin(&mut self) -> bool {
        true
    }

    fn choose(&mut self, _: usize, draw: &Draw<'_>) -> Result<u32, Refusal> {
        Ok(u32::from(draw.label.kind == Kind::Cut))
    }

    fn end(&mut self, _: &Tape, _: &Ending) -> Result<(), Refusal> {
        Ok(())
    }
}

#[test]
fn a_cut_that_denied_nothing_is_none_in_the_parent_either() {
    fresh(|| {
        let token = |scenario| run_once(&scenario, Cuts).expect("it begins").token.to_string();
        let (isolated, shared) = (token(draws().isolated()), token(draws()));
        assert!(isolated == shared && !isolated.contains("cut"), "{isolated}, and in one process {shared}");
    });
}

#[test]
fn a_panic_of_the_explorer_itself_comes_back() {
    fresh(|| {
        let panic = catch_unwind(AssertUnwindSafe(|| led(draws(), || panic!("at a loss")))).expect_err("it panics");
        assert_eq!(panic.downcast_ref::<String>().map(String::as_str), Some("at a loss"));
    });
}

#[test]
fn an_interrupt_is_nothing_to_a_run() {
    // Ctrl-C reaches every process of a terminal; the parent alone ends the search, and reports.
    fresh(|| {
        let scenario = Scenario::new("signals", || async {
            for signal in ["-INT", "-TERM"] {
                let kill = Command::new("kill").args([signal, &id().to_string()]).status();
                assert!(kill.expect("there is a `kill`").success());
            }
        });
        assert_eq!(once(scenario).ending, Ending::Passed);
    });
}

#[test]
fn a_run_flushes_nothing_of_its_parents() {
    const HALF: &str = "half a line";
    let name = "edges::a_run_flushes_nothing_of_its_parents";
    if std::env::var(FRESH).is_ok_and(|asked| asked == name) {
        // To the process's own output, not to what the harness captures.
        write!(std::io::stdout(), "{HALF}").expect("written");
        assert_eq!(once(Scenario::new("empty", || async {})).ending, Ending::Passed);
        return println!();
    }
    let program = std::env::current_exe().expect("a test knows its own program");
    let output = Command::new(program).args([name, "--exact", "--nocapture"]).env(FRESH, name).output();
    let out = String::from_utf8(output.expect("the program starts").stdout).expect("text");
    assert_eq!((out.matches(HALF).count(), out.contains("1 passed")), (1, true), "{out}");
}
