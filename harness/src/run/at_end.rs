//! What is judged once a run is over and everything in it has been dropped.

use std::cell::RefCell;
use std::rc::Rc;

use super::context::State;
use super::panics::catch;
use crate::ending::{Ending, Failure};

/// Gives the failure, if there is one.
pub(crate) type AtEnd = Box<dyn FnOnce() -> Option<Failure>>;

/// Judges a run that has passed so far. The first failure is told; the rest is dropped unasked.
pub(super) fn judge(state: &Rc<RefCell<State>>, ending: Ending) -> Ending {
    let judges = std::mem::take(&mut state.borrow_mut().at_end);
    if ending != Ending::Passed {
        let _ = catch(|| drop(judges));
        return ending;
    }
    state.borrow_mut().judging = true;
    let outcome = catch(|| judges.into_iter().find_map(|judge| judge()));
    state.borrow_mut().judging = false;
    match outcome {
        Ok(None) => Ending::Passed,
        Ok(Some(failure)) => Ending::Failed(failure),
        Err(caught) => Ending::Failed(Failure {
            property: "panic".to_owned(),
            message: format!("what is judged at the end of a run panicked: {}", caught.message),
            location: caught.location,
        }),
    }
}
