//! `require`: an assertion with a name of its own.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use nevernone::{Scenario, Verdict, choose, never, require, spawn};
use tokio::task::yield_now;

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
    let report = search(&Scenario::new("ends", || async {
        let after = Rc::new(Cell::new(false));
        let seen = Rc::clone(&after);
        never("something ran after it", move || seen.get());
        drop(spawn("beside", {
            let after = Rc::clone(&after);
            async move {
                yield_now().await;
                after.set(true);
            }
        }));
        require("first", false);
        after.set(true);
    }));
    assert_eq!(report.failure.expect("found").property, "first");
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
