//! The bridge: its state follows from what happened, and nobody is left in `Initializing`.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};

use loom::thread;
use nevernone::loom::{Gate, Model, Sometimes};
use nevernone_reference::bridge::{Bridge, BridgeState};
use nevernone_reference::manager::{
    BoxFuture, Candidate, CreateError, Limits, ManagerFactory, ManagerHandle, SharedCell, obtain,
};

use crate::support::{Factory, Hasty, block_on, follow};

pub(crate) const MODELS: &[Model] = &[
    Model::new("bridge/two_initializers", two_initializers)
        .claims("two that initialize get one manager, made once, and the bridge is active"),
    Model::new("bridge/reset_against_initialize", reset_against_initialize)
        .claims("a reset beside an initialization leaves the bridge active or as in the beginning, never in between")
        .sometimes(&RESET_FIRST)
        .sometimes(&RESET_LAST)
        .sometimes(&SEEN_INITIALIZING),
    Model::new("bridge/cancelled_against_initialize", cancelled_against_initialize)
        .claims("an initialization that is dropped strands nobody in Initializing, and the other one succeeds")
        .sometimes(&FINISHED_WHAT_WAS_BEGUN),
    Model::new("bridge/check_against_failure", check_against_failure)
        .claims("no check promotes a bridge that fails, though its cell is filled meanwhile")
        .sometimes(&CHECKED_BEFORE)
        .sometimes(&CHECKED_AFTER),
    Model::new("bridge/late_check_against_degraded", late_check_against_degraded)
        .claims("a check that began before the manager was closed and ends late does not promote what is degraded")
        .sometimes(&LATE_CHECK_WAS_GOOD)
        .sometimes(&LATE_CHECK_WAS_BAD),
    Model::new("bridge/check_against_reset", check_against_reset)
        .claims("a check of a manager that is reset meanwhile does not bring it back"),
];

fn bridge(cell: &SharedCell, factory: &Arc<Factory>) -> Bridge<Hasty> {
    let factory: Arc<Factory> = Arc::clone(factory);
    Bridge::new(Hasty, SharedCell::clone(cell), factory)
}

/// A bridge that has its manager.
fn active() -> (Bridge<Hasty>, ManagerHandle) {
    let bridge = bridge(&SharedCell::default(), &Factory::good());
    let manager = block_on(bridge.initialize()).unwrap();
    (bridge, manager)
}

/// Nobody is in the middle of anything: without its manager the bridge is as in the beginning.
fn assert_nobody_is_left(bridge: &Bridge<Hasty>) {
    bridge.reset();
    assert_eq!(bridge.state(), BridgeState::Uninitialized);
}

/// Shows: both callers hold the same manager, whoever made it. Not: callers whose factory has to wait (see the singleton's
/// models, whose cell this is).
fn two_initializers() {
    let factory = Factory::good();
    let bridge = bridge(&SharedCell::default(), &factory);
    let other = {
        let bridge = bridge.clone();
        thread::spawn(move || block_on(bridge.initialize()).unwrap())
    };
    let mine = block_on(bridge.initialize()).unwrap();
    assert_eq!(bridge.state(), BridgeState::Active);
    let theirs = other.join().unwrap();
    let _follower = follow(&mine);
    assert_eq!((theirs.connection_count(), factory.asked()), (1, 1));
    assert_eq!(bridge.state(), BridgeState::Active);
    assert_nobody_is_left(&bridge);
}

static RESET_FIRST: Sometimes = Sometimes::new("the reset came too early to undo anything");
static RESET_LAST: Sometimes = Sometimes::new("the reset undid the initialization");
static SEEN_INITIALIZING: Sometimes = Sometimes::new("the initialization was under way");

/// Shows: whatever the order, the state is one of the two ends. Not: that a reset stops an initialization: it does not.
fn reset_against_initialize() {
    let bridge = bridge(&SharedCell::default(), &Factory::good());
    let initializer = {
        let bridge = bridge.clone();
        thread::spawn(move || block_on(bridge.initialize()).unwrap())
    };
    SEEN_INITIALIZING.saw(bridge.state() == BridgeState::Initializing);
    bridge.reset();
    let manager = initializer.join().unwrap();
    manager.probe().unwrap();
    let state = bridge.state();
    RESET_FIRST.saw(state == BridgeState::Active);
    RESET_LAST.saw(state == BridgeState::Uninitialized);
    assert!(matches!(state, BridgeState::Active | BridgeState::Uninitialized), "{state:?}");
    assert_nobody_is_left(&bridge);
}

/// Waits for the gate, then makes a manager.
struct Gated(Gate);

impl ManagerFactory for Gated {
    fn create(&self) -> BoxFuture<'static, Result<Option<Candidate>, CreateError>> {
        let gate = self.0.clone();
        Box::pin(async move {
            gate.await;
            Ok(Some(Candidate::complete(Limits::default())))
        })
    }
}

static FINISHED_WHAT_WAS_BEGUN: Sometimes = Sometimes::new("the creation that was begun was handed over");

/// Shows: the guard of a dropped initialization is taken back, before, while and after another one works. Not: a drop in the
/// middle of a poll, which no thread can do.
fn cancelled_against_initialize() {
    let (cell, gate) = (SharedCell::default(), Gate::new());
    let bridge = Bridge::new(Hasty, SharedCell::clone(&cell), Arc::new(Gated(gate.clone())));
    let quitter = {
        let bridge = bridge.clone();
        thread::spawn(move || {
            let mut initialized = pin!(bridge.initialize());
            let poll = initialized.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            poll.is_ready()
        })
    };
    gate.open();
    let manager = block_on(bridge.initialize()).unwrap();
    let finished = quitter.join().unwrap();
    FINISHED_WHAT_WAS_BEGUN.saw(!finished && cell.generation() == 1);
    manager.probe().unwrap();
    assert_eq!(bridge.state(), BridgeState::Active);
    assert_nobody_is_left(&bridge);
}

static CHECKED_BEFORE: Sometimes = Sometimes::new("the check came before the failure");
static CHECKED_AFTER: Sometimes = Sometimes::new("the check came after the failure");

/// Shows: a check believes in no manager but the bridge's own, at any moment of a failing initialization or after it. Not:
/// waits between attempts, which are over at once here.
fn check_against_failure() {
    let cell = SharedCell::default();
    let bridge = bridge(&cell, &Factory::failing());
    let checker = {
        let bridge = bridge.clone();
        thread::spawn(move || bridge.health_check())
    };
    assert!(block_on(bridge.initialize()).is_err());
    // Somebody else of the same cell has more luck.
    block_on(obtain(&cell, &*Factory::good())).unwrap();
    let checked = checker.join().unwrap();
    CHECKED_BEFORE.saw(matches!(checked, BridgeState::Uninitialized | BridgeState::Initializing));
    CHECKED_AFTER.saw(checked == BridgeState::Failed);
    assert!(!matches!(checked, BridgeState::Active | BridgeState::Degraded), "{checked:?}");
    assert_eq!(bridge.health_check(), BridgeState::Failed);
    assert_nobody_is_left(&bridge);
}

static LATE_CHECK_WAS_GOOD: Sometimes = Sometimes::new("the other check found the manager well");
static LATE_CHECK_WAS_BAD: Sometimes = Sometimes::new("the other check found the manager closed");

/// Shows: of two checks the one that began later is believed. Not: a manager that comes back, which none does.
fn late_check_against_degraded() {
    let (bridge, manager) = active();
    let other = {
        let bridge = bridge.clone();
        thread::spawn(move || bridge.health_check())
    };
    manager.close_all(1001, "over");
    assert_eq!(bridge.health_check(), BridgeState::Degraded);
    let told = other.join().unwrap();
    LATE_CHECK_WAS_GOOD.saw(told == BridgeState::Active);
    LATE_CHECK_WAS_BAD.saw(told == BridgeState::Degraded);
    assert_eq!(bridge.state(), BridgeState::Degraded);
    assert!(bridge.degraded_because().is_some());
}

/// Shows: a check that spans a reset changes nothing. Not: a second manager, which one cell does not have.
fn check_against_reset() {
    let (bridge, _manager) = active();
    let checker = {
        let bridge = bridge.clone();
        thread::spawn(move || bridge.health_check())
    };
    bridge.reset();
    assert_eq!(bridge.state(), BridgeState::Uninitialized);
    let checked = checker.join().unwrap();
    assert!(matches!(checked, BridgeState::Active | BridgeState::Uninitialized), "{checked:?}");
    assert_eq!(bridge.state(), BridgeState::Uninitialized);
}
