//! Draws: what the state of a run asks its explorer, and what it does with the answers.

use super::context::State;
use crate::choice::{Alternatives, Draw, Entry, Kind, Label};
use crate::ending::Ending;
use crate::explore::{ClosedCut, Refusal};
use crate::uncontrolled::Uncontrolled;

impl State {
    /// Asks the explorer, and records the answer. In the heal phase nobody is asked and nothing is recorded.
    pub(crate) fn draw(&mut self, label: Label, alternatives: Alternatives<'_>) -> u32 {
        if self.decided.is_some() || self.heal.begun {
            return 0;
        }
        let Some(explorer) = &self.explorer else { return 0 };
        let draw = Draw { label, alternatives, history: self.history };
        let position = self.tape.entries().len();
        let answer = explorer.borrow_mut().choose(position, &draw);
        if let Some(record) = &self.record {
            record.drawn(&draw, self.steps, answer.as_ref().ok().copied());
        }
        match answer {
            Ok(value) => {
                self.tape.record(&draw, value);
                // Choosing a step belongs to the step that is chosen.
                self.timeline.drawn(self.steps + u32::from(label.kind == Kind::Next));
                self.pulse.draw(position, value);
                // A cut may turn out to be none, so it enters the history when its poll has ended.
                if label.kind != Kind::Cut {
                    self.history.mix(u64::from(label.kind as u8) << 32 | u64::from(value));
                }
                if label.kind != Kind::Next && label.kind != Kind::Cut {
                    self.history.mix_name(label.name);
                }
                value
            }
            Err(Refusal::NothingAdmitted) => {
                self.decided = Some(Ending::Void { position: position.saturating_sub(1) });
                0
            }
            Err(refusal @ Refusal::Changed(_)) => {
                self.decided = Some(Ending::Uncontrolled(Uncontrolled::Draw(refusal.to_string())));
                0
            }
        }
    }

    /// Says how many alternatives an open draw had, once its first was executed.
    pub(super) fn close_open(&mut self, position: usize, arity: u32) {
        if self.heal.begun {
            return;
        }
        if let Some(record) = &self.record {
            record.closed(position, arity);
        }
        self.tape.close(position, arity);
        let Some(explorer) = &self.explorer else { return };
        let alternatives = Alternatives::FirstFree { arity, rest: self.tape.cost(position, 1) };
        let Entry { label, history, .. } = self.tape.entries()[position];
        let cut = ClosedCut { position, draw: Draw { label, alternatives, history } };
        if explorer.borrow_mut().cut_closed(&cut).is_err() && self.decided.is_none() {
            self.decided = Some(Ending::Void { position });
        }
    }

    /// Says that the cut at `position` denied nothing, of a poll that had `arity` alternatives.
    pub(super) fn cut_was_void(&mut self, position: usize, arity: u32) {
        let Some(explorer) = &self.explorer else { return };
        if let Some(record) = &self.record {
            record.was_void(position, arity);
        }
        // A failure in this poll is the uncut run's as well.
        let undecided = matches!(self.decided, None | Some(Ending::Failed(_)));
        if explorer.borrow_mut().cut_was_void(position).is_err() && undecided {
            // Not the cut's own position: under another answer inside the poll it may deny something.
            self.decided = Some(Ending::Void { position: self.last_position() });
            return;
        }
        self.tape.normalise(position);
        self.tape.close(position, arity);
    }

    /// Another step is taken.
    pub(super) fn beat(&self) {
        self.pulse.beat();
        if let Some(record) = &self.record {
            record.beat();
        }
    }

    /// The position of the draw that was answered last.
    pub(super) fn last_position(&self) -> usize {
        self.tape.entries().len().saturating_sub(1)
    }
}
