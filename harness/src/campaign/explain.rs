//! From a failure that a search found to one that can be told: reduced, confirmed, explained.

use std::sync::Arc;
use std::time::Instant;

use super::marks::{self, Marks};
use super::reduce::{Effort, Smallest, smallest};
use super::search::Search;
use super::trials::{Failing, Trials};
use crate::choice::Tape;
use crate::explore::Bounds;
use crate::report::{DrawMark, Explanation, Inevitable, RunSize};
use crate::run::isolate::WATCHDOG;

/// What the search that found a failure has done.
#[derive(Debug, Clone, Copy)]
pub(super) struct Searched {
    /// It went through everything, so that the failure is the least already.
    pub(super) everything: bool,
    pub(super) bounds: Bounds,
}

/// Reduces the failure, executes it twice more, and finds out what in it matters, for as long as the search's limits leave.
/// What could not be found out in time is not told; the failure is.
pub(super) fn explain(search: &mut Search<'_>, searched: Searched) {
    if search.scenario.isolated && search.found.as_ref().is_some_and(|found| found.failure.property == WATCHDOG) {
        // Each execution takes the watchdog's whole time; what a thread that hangs leaves is not explained either.
        return search.confirm_failure(searched.bounds.steps);
    }
    let (limits, begun) = (Arc::clone(search.limits), Instant::now());
    let trials = Trials::new(search.scenario, searched.bounds.steps);
    let mut trials = trials.until(move || limits.explained_enough(begun));
    let mut explanation = Explanation::default();
    if searched.everything {
        explanation.least = search.cut_short.is_empty();
    } else {
        reduce(search, &mut trials, searched.bounds, &mut explanation);
    }
    search.confirm_failure(searched.bounds.steps);
    let Some(found) = &mut search.found else { return };
    match marks::find(&mut trials, &found.failing(), searched.bounds) {
        Ok(marks) => note(&mut explanation, &marks, &found.tape, &found.draw_steps),
        Err(what) => search.note_uncontrolled(what, None),
    }
    explanation.executions = trials.executed();
    if let Some(found) = &mut search.found {
        found.explanation = explanation;
    }
}

fn reduce(search: &mut Search<'_>, trials: &mut Trials<'_>, bounds: Bounds, explanation: &mut Explanation) {
    let Some(found) = &mut search.found else { return };
    let effort = if search.cut_short.is_empty() { Effort::FULL } else { Effort::LITTLE };
    let from = RunSize::of(&found.tape);
    let Smallest { failing, least, others } =
        smallest(trials, found.failing(), bounds, search.complete_to_cost, effort);
    explanation.least = least;
    explanation.reduced_from = Some(from).filter(|_| failing.tape.values() != found.tape.values());
    explanation.also_failed = others;
    let Failing { failure, tape, history, steps } = failing;
    (found.failure, found.tape, found.history, found.steps) = (failure, tape, history, steps);
}

fn note(explanation: &mut Explanation, marks: &Marks, tape: &Tape, steps: &[u32]) {
    let step = |draw: usize| steps.get(draw).copied().unwrap_or_default();
    explanation.inevitable =
        Some(Inevitable { step: marks.inevitable_after.checked_sub(1).map_or(0, step), certainty: marks.certainty });
    let marked = marks.draws.iter().map(|(draw, others, certainty)| DrawMark {
        draw: *draw,
        label: tape.entries()[*draw].label.to_string(),
        step: step(*draw),
        others: *others,
        certainty: *certainty,
    });
    explanation.draws = marked.collect();
}
