//! Which run this thread executes, if any.

use std::cell::RefCell;
use std::rc::Rc;

use super::context::State;
use super::misplaced;

thread_local! {
    static CURRENT: RefCell<Option<Rc<RefCell<State>>>> = const { RefCell::new(None) };
}

/// Leaves the run when dropped.
pub(super) struct Entered;

impl Drop for Entered {
    fn drop(&mut self) {
        let Some(left) = CURRENT.take() else { return };
        let identity = left.try_borrow_mut().ok().and_then(|mut state| state.identity.take());
        if let Some(identity) = identity {
            identity.end();
        }
    }
}

/// Makes `state` the run of this thread.
pub(super) fn enter(state: &Rc<RefCell<State>>) -> Entered {
    let previous = CURRENT.replace(Some(Rc::clone(state)));
    assert!(previous.is_none(), "a nevernone run was started from within a nevernone run; runs do not nest");
    Entered
}

/// Reads and writes the current run's state.
///
/// # Panics
/// Outside a run, and inside a property: the message says which, and what to do.
#[track_caller]
pub(crate) fn with<R>(f: impl FnOnce(&mut State) -> R) -> R {
    // The handle is cloned out, so that a destructor that `f` runs may come here again.
    let Some(current) = CURRENT.try_with(|current| current.borrow().clone()).ok().flatten() else {
        misplaced::outside()
    };
    let Ok(mut state) = current.try_borrow_mut() else { misplaced::amid_the_engine() };
    if state.judging {
        drop(state);
        misplaced::in_a_property()
    }
    f(&mut state)
}

/// Like [`with`]; `None` outside a run, or where the run's state is in use. Properties may be being asked.
pub(crate) fn try_with<R>(f: impl FnOnce(&mut State) -> R) -> Option<R> {
    // As above.
    let current = CURRENT.try_with(|current| current.borrow().clone()).ok().flatten()?;
    let mut state = current.try_borrow_mut().ok()?;
    Some(f(&mut state))
}
