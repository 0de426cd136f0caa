//! The registry belongs to the process: what keeps runs apart, and what is off.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use nevernone::campaign::{Options, check};
use nevernone::{Scenario, Verdict, fail_point, millis, sometimes};
use tokio::time::sleep;

use crate::{connect, search, verified};

fn driving(name: &'static str) -> Scenario {
    let scenario = Scenario::new(name, || async {
        fail_point("shared").returns(&["refused"]);
        let mut failed = 0;
        for _ in 0..5 {
            failed += u32::from(connect("shared").is_err());
            sleep(millis(1)).await;
        }
        sometimes("twice", failed == 2);
    });
    scenario.faults(2)
}

#[test]
fn searches_side_by_side_meet_nobody_else_s_faults() {
    let drives_none = || {
        let scenario = Scenario::new("drives none", || async {
            let way = nevernone::choose("way", 2_000);
            assert_eq!(connect("shared"), Ok(()), "on way {way}");
        });
        scenario
    };
    let stop = Arc::new(AtomicBool::new(false));
    let until = Arc::clone(&stop);
    let beside = thread::spawn(move || {
        let mut searches = 0;
        while !until.load(Ordering::Relaxed) || searches == 0 {
            assert_eq!(verified(&drives_none()).runs, 2_000);
            searches += 1;
        }
    });
    let many = thread::spawn(|| {
        let jobs = std::num::NonZeroUsize::new(2);
        check(&driving("on two threads"), &Options { jobs, ..Options::default() })
    });
    for _ in 0..10 {
        // None, one of five, two of five.
        assert_eq!(verified(&driving("one of many")).runs, 1 + 5 + 10);
    }
    let many = many.join().unwrap();
    assert_eq!((many.verdict, many.runs), (Verdict::Verified, 1 + 5 + 10));
    stop.store(true, Ordering::Relaxed);
    beside.join().unwrap();
    assert_eq!(connect("shared"), Ok(()), "outside a run it is off");
}

#[test]
fn a_thread_of_its_own_draws_nothing() {
    let scenario = Scenario::new("a thread", || async {
        fail_point("threads").panics();
        let elsewhere = thread::spawn(|| connect("threads")).join().unwrap();
        assert_eq!(elsewhere, Ok(()));
    });
    let report = search(&scenario);
    // Nobody of the run came there.
    assert_eq!((report.verdict, report.runs), (Verdict::Vacuous, 1));
}

#[test]
fn a_property_comes_to_a_point_that_is_off() {
    let scenario = Scenario::new("looks", || async {
        fail_point("looks").returns(&["refused"]);
        nevernone::always("reachable", || connect("looks").is_ok());
        sleep(millis(1)).await;
    });
    assert_eq!(search(&scenario).verdict, Verdict::Vacuous);
}

#[test]
fn a_point_that_no_code_has_is_told() {
    let scenario = Scenario::new("misspelt", || async {
        fail_point("db.conect").returns(&["refused"]);
        assert_eq!(connect("db.connect"), Ok(()));
    });
    let report = search(&scenario);
    assert_eq!(report.verdict, Verdict::Vacuous);
    let story = nevernone::report::terminal::story(&report, "");
    assert!(story.contains("no code came to `db.conect`"), "{story}");
}

#[test]
fn a_thread_that_hangs_behind_a_return_keeps_nobody_waiting() {
    let scenario = Scenario::new("hangs", || async {
        fail_point("hangs").returns(&["refused"]);
        while connect("hangs").is_err() {
            loop {
                thread::park();
            }
        }
    });
    let report = search(&scenario.watchdog(Duration::from_millis(300)));
    let failure = report.failure.expect("found");
    assert_eq!((failure.property.as_str(), failure.cost), ("watchdog", 1), "{}", failure.message);
    assert!(failure.token.contains("fault@hangs"), "{}", failure.token);
    assert_eq!(verified(&driving("afterwards")).runs, 16);
}

#[test]
fn texts_that_would_be_read_as_something_else_are_refused() {
    for (texts, told) in [(&["a->b"][..], "`fail` reads two actions"), (&["panic"], "use `panics`")] {
        let report = search(&Scenario::new("refused", move || async move {
            fail_point("refuses").returns(texts);
        }));
        let message = report.failure.expect("refused").message;
        assert!(message.contains(told), "{message}");
    }
}
