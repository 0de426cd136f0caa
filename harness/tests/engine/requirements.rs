//! `require`: an assertion with a name of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use nevernone::{Scenario, Verdict, choose, require, spawn};

use crate::search;

#[test]
fn it_fails_by_its_name_at_the_callers_line() {
    let line = line!() + 1;
    let report = search(&Scenario::new("dice", || async { require("no six", choose("pips", 6) < 5) }));
    let failure = report.failure.expect("found");
    assert_eq!((failure.property.as_str(), failure.file.as_deref()), ("no six", Some(file!())));
    assert_eq!((failure.line, failure.message.as_str()), (Some(line), "does not hold"));
}

#[test]
fn what_holds_changes_nothing() {
    let report = search(&Scenario::new("holds", || async { require("always so", choose("a", 3) < 3) }));
    assert_eq!((report.verdict, report.runs), (Verdict::Verified, 3));
}

#[test]
fn the_task_and_the_run_end_there() {
    static WENT_ON: AtomicBool = AtomicBool::new(false);
    let report = search(&Scenario::new("ends", || async {
        drop(spawn("beside", async { WENT_ON.store(true, Ordering::SeqCst) }));
        require("first", false);
        WENT_ON.store(true, Ordering::SeqCst);
    }));
    assert_eq!(report.failure.expect("found").property, "first");
    assert!(!WENT_ON.load(Ordering::SeqCst), "code ran after it");
}

#[test]
fn catching_it_does_not_undo_it() {
    let report = search(&Scenario::new("caught", || async {
        let caught = catch_unwind(AssertUnwindSafe(|| require("here", false)));
        assert!(caught.is_err());
        require("a later one is not told", false);
    }));
    assert_eq!(report.failure.expect("found").property, "here");
}
