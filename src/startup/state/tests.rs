//! The state machine alone: orders of calls that one thread's futures never produce, and several threads do.

use std::sync::Arc;
use std::task::{Context, Waker};

use crate::contain::wakers::{Count, bomb};

use super::{Busy, Core, Phase, Stop};

type Tested = Core<u32, &'static str>;

fn core() -> Tested {
    Core::new(Arc::new(1))
}

fn phase(core: &Tested) -> Phase<&'static str> {
    core.look(|state| state.phase.clone())
}

/// A start that a stop overtook, with the stop's undoing ended.
fn overtaken() -> (Tested, u64) {
    let core = core();
    let (number, _) = core.begin().unwrap();
    let Stop::Undo(undo) = core.begin_stop() else { panic!("a start was under way") };
    assert_eq!(*undo, 1);
    core.end_stop(Arc::new(2));
    (core, number)
}

#[test]
fn a_start_that_was_stopped_can_neither_go_on_nor_publish_nor_fail() {
    let (core, number) = overtaken();
    assert!(!core.publish(number, "stale"));
    assert!(!core.fail(number, None));
    assert_eq!((phase(&core), core.is_current(number)), (Phase::Idle, false));
}

#[test]
fn a_start_that_was_stopped_does_not_disturb_its_successor() {
    let (core, stale) = overtaken();
    let (number, generation) = core.begin().unwrap();
    assert_eq!(*generation, 2, "the next start has parts of its own");
    assert!(!core.publish(stale, "stale"));
    assert!(!core.fail(stale, None));
    assert!(core.publish(number, "fresh"));
    assert_eq!(phase(&core), Phase::Ready("fresh"));
}

#[test]
fn a_start_that_failed_says_why_until_the_next_one() {
    let core = core();
    let (number, _) = core.begin().unwrap();
    assert!(core.fail(number, Some("planned".to_owned())));
    assert_eq!(phase(&core), Phase::Stopping, "nobody starts while it is undone");
    assert_eq!(core.begin().unwrap_err(), Busy::Stopping);
    core.end_stop(Arc::new(2));
    assert_eq!(core.look(|state| state.last_failure.clone()).as_deref(), Some("planned"));
    core.begin().unwrap();
    assert_eq!(core.look(|state| state.last_failure.clone()), None);
}

#[test]
fn of_two_stops_that_drain_one_undoes() {
    let core = core();
    let (number, _) = core.begin().unwrap();
    assert!(core.publish(number, "ready"));
    let (Stop::Drain(one), Stop::Drain(two)) = (core.begin_stop(), core.begin_stop()) else { panic!("it was ready") };
    assert_eq!(phase(&core), Phase::Draining("ready"));
    assert!(core.end_drain(&one));
    assert!(!core.end_drain(&two));
    core.end_stop(Arc::new(2));
    assert!(!core.end_drain(&two), "nor does it undo the successor");
}

#[test]
fn everybody_who_waits_for_a_stop_is_woken_although_one_waker_panics() {
    let core = core();
    core.begin().unwrap();
    let Stop::Undo(_) = core.begin_stop() else { panic!("a start was under way") };
    let count = Arc::new(Count::default());
    for waker in [bomb(), Waker::from(Arc::clone(&count))] {
        assert!(core.poll_stopped(&mut Context::from_waker(&waker)).is_pending());
    }
    core.end_stop(Arc::new(2));
    assert_eq!(count.woken(), 1);
}
