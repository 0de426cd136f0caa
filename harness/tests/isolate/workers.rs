//! Several workers, each of which hands its parts of the tree to a copy of the process.

use std::num::NonZeroUsize;
use std::os::unix::process::parent_id;
use std::sync::Arc;
use std::time::Duration;
use std::{env, fs, process, thread};

use nevernone::campaign::{Options, Progress, check};
use nevernone::report::ScenarioReport;
use nevernone::{Scenario, Verdict, choose, event, fault, sometimes};

use crate::fresh;

fn by_two() -> Options {
    Options { jobs: NonZeroUsize::new(2), ..Options::default() }
}

/// Five places with three kinds of fault each: 1,024 runs, so that the tree is cut. Whether it is the last run of all, which
/// no probe comes to.
fn is_last() -> bool {
    let places = ["a", "b", "c", "d", "e"];
    let last = |place: &'static str| fault(place, &["x", "y", "z"]).is_some_and(|fault| fault.kind == "z");
    let lasts = places.into_iter().filter(|place| last(place)).count();
    sometimes("all of them", lasts == places.len());
    lasts == places.len()
}

fn large(end: impl Fn() + Clone + Send + Sync + 'static) -> Scenario {
    Scenario::new("large", move || {
        let end = end.clone();
        async move {
            if is_last() {
                end();
            }
        }
    })
    .faults(5)
    .isolated()
}

/// What must not depend on the workers.
fn told(report: &ScenarioReport) -> (Verdict, u64, String) {
    let failure = report.failure.as_ref().map(|failure| (&failure.message, &failure.token, failure.cost));
    (report.verdict, report.runs, format!("{:?} {:?} {failure:?}", report.sometimes, report.faults))
}

#[test]
fn two_workers_count_what_one_does() {
    fresh(|| {
        let one = check(&large(|| ()), &Options::default());
        let two = check(&large(|| ()), &by_two());
        assert_eq!((two.verdict, two.runs), (Verdict::Verified, 1_024), "{two:#?}");
        assert_eq!(told(&one), told(&two));
    });
}

#[test]
fn two_workers_find_the_failure_that_one_does() {
    fresh(|| {
        let fails = || large(|| panic!("all five"));
        let (one, two) = (check(&fails(), &Options::default()), check(&fails(), &by_two()));
        assert_eq!(one.verdict, Verdict::Failed, "{one:#?}");
        let failure = |report: &ScenarioReport| {
            let failure = report.failure.clone().expect("found");
            (failure.message, failure.token, failure.cost, failure.timeline.len())
        };
        assert_eq!(failure(&one), failure(&two));
        assert_eq!(failure(&two).2, 5);
    });
}

#[test]
fn what_is_uncontrolled_in_a_copy_is_told() {
    fresh(|| {
        // Each run has a process of its own, so it has a number of its own, and what follows is another history.
        let report = check(&large(|| event(&process::id().to_string())), &by_two());
        assert_eq!(report.verdict, Verdict::Incomplete, "{report:#?}");
        let told = &report.uncontrolled[0];
        assert!(told.contains("the process's own number") && !told.contains("thread-local"), "{told}");
    });
}

#[test]
fn what_only_a_copy_sees_is_not_lost() {
    fresh(|| {
        // In a copy, the run's parent is the copy.
        let origin = process::id();
        let report = check(&large(move || assert_eq!(parent_id(), origin, "somebody stands between")), &by_two());
        assert_eq!(report.verdict, Verdict::Incomplete, "{report:#?}");
        let told = &report.uncontrolled[0];
        assert!(told.contains("only the first search found this") && told.contains("somebody stands"), "{told}");
    });
}

#[test]
fn an_interrupt_ends_the_copies() {
    fresh(|| {
        // In a copy, the run's parent is the copy.
        let origin = process::id();
        let marker = env::temp_dir().join(format!("nevernone-interrupt-{origin}"));
        let progress = Arc::new(Progress::default());
        let (stopping, seen) = (Arc::clone(&progress), marker.clone());
        let stopper = thread::spawn(move || {
            while !seen.exists() {
                thread::yield_now();
            }
            stopping.stop();
        });
        let body = {
            let marker = marker.clone();
            move || {
                let marker = marker.clone();
                async move {
                    if is_last() && parent_id() != origin {
                        fs::write(&marker, "").expect("a temporary file");
                        loop {
                            thread::park();
                        }
                    }
                }
            }
        };
        let hangs = Scenario::new("hangs", body).faults(5).watchdog(Duration::from_secs(3_600)).isolated();
        let report = check(&hangs, &Options { progress, ..by_two() });
        stopper.join().expect("it ends");
        fs::remove_file(marker).expect("it was there");
        assert_eq!(report.verdict, Verdict::Incomplete, "{report:#?}");
        assert!(report.cut_short.iter().any(|reason| reason == "stopped by an interrupt"), "{report:#?}");
    });
}

#[test]
fn several_workers_fork_at_the_same_time() {
    let wide = || {
        Scenario::new("wide", || async {
            let (a, b) = (choose("a", 40), choose("b", 40));
            sometimes("the last of all", (a, b) == (39, 39));
            assert_eq!(std::collections::HashMap::from([(a, b)]).len(), 1);
        })
    };
    fresh(|| {
        let report = check(&wide().isolated(), &by_two());
        assert_eq!((report.verdict, report.runs), (Verdict::Verified, 1_600), "{report:?}");
    });
}
