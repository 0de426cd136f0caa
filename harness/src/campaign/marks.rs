//! Which of a failing run's answers matter, and from where on nothing helps.
//!
//! For each draw, from the last to the first: every run that begins as the failing one and answers this draw in another
//! way. Where all of them fail, the answer does not matter; and the failure is inevitable from the last answer on that
//! does. So one walk over the draws tells both. Of an answer that matters it is also found out whether it does by itself:
//! with what follows as it was, as in Hypothesis' "or any other value".

use std::cell::RefCell;
use std::rc::Rc;

use super::trials::{Failing, Next, Trials, Unmoved};
use crate::choice::Tape;
use crate::ending::Ending;
use crate::explore::{Bounds, Exhaustive, Explorer, Mended, Random, Spent};
use crate::report::{Certainty, Others};
use crate::run::Finished;
use crate::uncontrolled::Uncontrolled;

/// Executions for all draws together.
const EXECUTIONS: u64 = 20_000;

/// Executions for one draw, before its continuations are sampled instead.
const EXECUTIONS_FOR_ONE: u64 = 2_000;

/// So many continuations are a sample.
const SAMPLE: u64 = 1_000;

/// What was found out about a failing run.
pub(super) struct Marks {
    /// The draws that have other answers, what became of those, and how it is known.
    pub(super) draws: Vec<(usize, Others, Option<Certainty>)>,
    /// After that many draws every continuation fails.
    pub(super) inevitable_after: usize,
    /// How that is known.
    pub(super) certainty: Certainty,
}

/// The runs beside a failing one, from one draw on.
enum Beside {
    /// The bounds admit no other answer.
    None,
    /// All of them fail.
    Fail(Certainty),
    /// One does not, or it could not be found out.
    Open,
}

/// Finds out.
///
/// # Errors
/// Where a run is no function of its choices.
pub(super) fn find(trials: &mut Trials<'_>, failing: &Failing, bounds: Bounds) -> Result<Marks, Uncontrolled> {
    trials.grant(EXECUTIONS);
    let length = failing.tape.entries().len();
    // The failing run itself is one of the continuations.
    let own = Certainty { continuations: 1, all_run: true };
    let mut marks = Marks { draws: Vec::new(), inevitable_after: length, certainty: own };
    let mut inevitable = true;
    let mut tape = failing.tape.clone();
    for position in (0..length).rev() {
        match beside(trials, &mut tape, position, bounds)? {
            Beside::None => {}
            Beside::Fail(certainty) => {
                marks.draws.push((position, Others::Fail, Some(certainty)));
                if inevitable {
                    marks.certainty = marks.certainty.and(certainty);
                }
            }
            Beside::Open => {
                let alone = alone(trials, &tape, position, bounds)?;
                let others = if alone.is_some() { Others::FailAlone } else { Others::Matter };
                marks.draws.push((position, others, alone));
                inevitable = false;
            }
        }
        if inevitable {
            marks.inevitable_after = position;
        }
    }
    marks.draws.reverse();
    Ok(marks)
}

/// The runs that begin as `tape` does, and answer the draw at `position` in another way. What they show of the number of
/// alternatives at earlier cuts is written into `tape`.
fn beside(trials: &mut Trials<'_>, tape: &mut Tape, position: usize, bounds: Bounds) -> Result<Beside, Uncontrolled> {
    let explorer = Exhaustive::beside(tape.prefix(position + 1), bounds);
    let explorer: Rc<RefCell<dyn Explorer>> = Rc::new(RefCell::new(Unmoved(explorer)));
    let mut continuations = 0;
    while continuations < EXECUTIONS_FOR_ONE {
        let arities = RefCell::new(&mut *tape);
        let read = |finished: Finished<'_>| {
            arities.borrow_mut().learn_arities(finished.tape, position);
            matches!(finished.ending, Ending::Failed(_))
        };
        match trials.next(&explorer, read) {
            Next::Ran(true) => continuations += 1,
            Next::NoMore if continuations == 0 => return Ok(Beside::None),
            Next::NoMore => return Ok(Beside::Fail(Certainty { continuations, all_run: true })),
            Next::Ran(false) | Next::Spent => return Ok(Beside::Open),
            Next::Uncontrolled(reason) => return Err(reason),
        }
    }
    sampled(trials, tape, position, bounds)
}

/// As [`beside`], at random.
fn sampled(trials: &mut Trials<'_>, tape: &Tape, position: usize, bounds: Bounds) -> Result<Beside, Uncontrolled> {
    let others = others(tape, position, &bounds);
    let each = SAMPLE.div_ceil(others.len().max(1) as u64);
    let mut continuations = 0;
    for value in others {
        let mut prefix = tape.prefix(position + 1);
        prefix.entry_mut(position).value = value;
        let walk = Random::beneath(&prefix, position as u64, bounds, each);
        let explorer: Rc<RefCell<dyn Explorer>> = Rc::new(RefCell::new(walk));
        loop {
            match trials.next(&explorer, |finished| matches!(finished.ending, Ending::Failed(_))) {
                Next::Ran(true) => continuations += 1,
                Next::NoMore => break,
                Next::Ran(false) | Next::Spent => return Ok(Beside::Open),
                Next::Uncontrolled(reason) => return Err(reason),
            }
        }
    }
    Ok(if continuations == 0 { Beside::Open } else { Beside::Fail(Certainty { continuations, all_run: false }) })
}

/// Whether every other answer at `position` fails where the rest is answered as it was, as far as it fits.
fn alone(
    trials: &mut Trials<'_>,
    tape: &Tape,
    position: usize,
    bounds: Bounds,
) -> Result<Option<Certainty>, Uncontrolled> {
    let mut continuations = 0;
    for value in others(tape, position, &bounds) {
        let mut wishes = tape.values();
        wishes[position] = value;
        let explorer: Rc<RefCell<dyn Explorer>> = Rc::new(RefCell::new(Mended::new(wishes, bounds)));
        // An answer that turned out to be none is no other answer.
        let read = |finished: Finished<'_>| {
            let other = finished.tape.values().get(position) == Some(&value);
            other.then_some(matches!(finished.ending, Ending::Failed(_)))
        };
        match trials.next(&explorer, read) {
            Next::Ran(Some(true)) => continuations += 1,
            Next::Ran(None) | Next::NoMore => {}
            Next::Ran(Some(false)) | Next::Spent => return Ok(None),
            Next::Uncontrolled(reason) => return Err(reason),
        }
    }
    Ok(Some(Certainty { continuations, all_run: true }).filter(|_| continuations > 0))
}

/// The other answers that the bounds admit.
fn others(tape: &Tape, position: usize, bounds: &Bounds) -> Vec<u32> {
    let spent = Spent::of_prefix(tape, position);
    let entry = &tape.entries()[position];
    let admitted = |value: &u32| spent.over(tape.cost(position, *value), bounds).is_none();
    (0..entry.arity).filter(|value| *value != entry.value).filter(admitted).collect()
}
