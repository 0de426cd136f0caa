//! What armed points did since they were armed, entered into the tape.

use super::registry::{self, Action};
use super::{FailPoints, Planned};
use crate::choice::{Alternatives, Cost, Draw, Kind, Label};
use crate::ending::Ending;
use crate::run::context::State;
use crate::uncontrolled::Uncontrolled;

/// Hits of one point since it was armed that have not entered the tape.
struct Since {
    point: &'static str,
    /// Those that were counted.
    left: usize,
    /// There were more.
    more: bool,
    /// Those behind the planned ones, all of which went on.
    extra: Vec<Planned>,
}

impl State {
    /// Settles before a draw; what was planned to happen before it, and did not, ends the run.
    pub(in crate::run) fn settle_before_draw(&mut self) {
        self.settle_fail_points();
        if let Some(missed) = self.missed_fail_point(false) {
            self.decided = Some(missed);
        }
    }

    /// An open draw whose explorer heard of it in the execution before, or of an execution that is abandoned.
    pub(in crate::run) fn close_untold(&mut self, position: usize, arity: u32) {
        self.tape.close(position, arity);
    }

    /// Before the next draw, and after each step.
    pub(in crate::run) fn settle_fail_points(&mut self) {
        let points = &self.fail_points;
        if points.again || points.settling || points.points.iter().all(|point| point.armed.is_empty()) {
            return;
        }
        self.fail_points.settling = true;
        let mut since = self.fail_points.count_hits();
        while self.settle_next(&mut since) {}
        self.fail_points.settling = false;
        if self.fail_points.again {
            return;
        }
        if let Some(overflown) = since.iter_mut().find(|since| since.more) {
            // Their draws said "go on", but what came after them was not counted.
            self.fail_points.plan_hits(std::mem::take(&mut overflown.extra));
            self.execute_again();
            return;
        }
        for Since { point, .. } in since {
            self.fail_points.configure(point);
        }
    }

    /// Enters one hit, if there is one left to enter.
    fn settle_next(&mut self, since: &mut [Since]) -> bool {
        let here = self.tape.entries().len();
        let planned = self.fail_points.plan.get(self.fail_points.met).copied().filter(|next| next.position == here);
        let points = &self.fail_points;
        let is_next = |since: &&mut Since| match planned {
            Some(planned) => planned.point == since.point,
            // A hit that is planned for later is not one that went on by itself.
            None => !points.is_next_planned(since.point),
        };
        let mut next = since.iter_mut().filter(|since| since.left > 0).filter(is_next);
        let Some(hit) = next.next() else { return false };
        if let Some(other) = next.next() {
            let order = Uncontrolled::FailPointOrder(hit.point.to_owned(), other.point.to_owned());
            self.decided = Some(Ending::Uncontrolled(order));
            return false;
        }
        hit.left -= 1;
        match planned {
            Some(planned) => self.enter_planned(planned),
            None => self.enter_extra(hit),
        }
        !self.fail_points.again
    }

    /// Enters a hit whose draw was answered in an earlier execution.
    fn enter_planned(&mut self, planned: Planned) {
        self.fail_points.met += 1;
        let Some(point) = self.fail_points.point(planned.point) else { return };
        point.hits += 1;
        let kinds = point.kinds.clone();
        // As it was asked then: by now the code that was hit has gone on.
        let Some(entry) = self.fail_points.retrace.entries().get(planned.position) else { return };
        let (history, value) = (entry.history, entry.value);
        self.tally.came_to(planned.point);
        self.tally.declare(planned.point, &kinds);
        let alternatives = alternatives(&kinds);
        let draw = Draw { label: Label { kind: Kind::Fault, name: planned.point }, alternatives, history };
        self.record(&draw, value);
        if let Some(kind) = (value as usize).checked_sub(1).and_then(|index| kinds.get(index)) {
            self.tally.fired((planned.point, kind));
            self.note(|| format!("fault at {}: {kind}", planned.point));
        }
    }

    /// Draws for a hit that went on. If it should not have, the run is executed again.
    fn enter_extra(&mut self, since: &mut Since) {
        let name = since.point;
        let Some(point) = self.fail_points.point(name) else { return };
        point.hits += 1;
        let (hit, kinds) = (point.hits, point.kinds.clone());
        let position = self.tape.entries().len();
        // A failure later in the step does not undo what came before it.
        let failed = self.decided.take_if(|ending| matches!(ending, Ending::Failed(_)));
        let value = crate::fault::draw(self, name, &kinds).map_or(0, |fault| fault.index + 1);
        if self.decided.is_none() {
            self.decided = failed;
        }
        let Some(point) = self.fail_points.point(name) else { return };
        let action = point.action(u32::try_from(value).unwrap_or(0));
        since.extra.push(Planned { point: name, hit, action, position });
        if action != Action::GoesOn {
            self.fail_points.plan_hits(std::mem::take(&mut since.extra));
            self.execute_again();
        }
    }

    /// A planned hit that did not come, before the draw that came after it or before the end of the run.
    pub(in crate::run) fn missed_fail_point(&self, at_end: bool) -> Option<Ending> {
        let points = &self.fail_points;
        let missed = points.plan.get(points.met).filter(|_| !points.again && !points.settling)?;
        let due = at_end || missed.position == self.tape.entries().len();
        due.then(|| {
            let point = missed.point;
            Ending::Uncontrolled(Uncontrolled::Draw(format!(
                "the fail point `{point}` was hit in one execution and not in the next, after the same choices"
            )))
        })
    }
}

impl FailPoints {
    fn count_hits(&mut self) -> Vec<Since> {
        let armed = self.points.iter().filter(|point| !point.armed.is_empty());
        armed
            .map(|point| {
                let counted = registry::hits_since(point.name, &point.armed);
                let left = counted.unwrap_or(point.armed.len() + registry::COUNTED);
                Since { point: point.name, left, more: counted.is_none(), extra: Vec::new() }
            })
            .collect()
    }

    fn plan_hits(&mut self, hits: Vec<Planned>) {
        self.plan.extend(hits);
        self.plan.sort_by_key(|planned| planned.position);
    }
}

fn alternatives(kinds: &[&str]) -> Alternatives<'static> {
    Alternatives::FirstFree { arity: u32::try_from(kinds.len()).unwrap_or(u32::MAX - 1) + 1, rest: Cost::Fault }
}
