//! A run's draws: who answers them, and where they are written down.

use super::context::State;
use crate::choice::{Alternatives, Draw, Entry, Kind, Label};
use crate::ending::Ending;
use crate::explore::{ClosedCut, Refusal};
use crate::uncontrolled::Uncontrolled;

impl State {
    /// Asks the explorer, and records the answer. In the heal phase nobody is asked and nothing is recorded.
    pub(crate) fn draw(&mut self, label: Label, alternatives: Alternatives<'_>) -> u32 {
        #[cfg(feature = "fail")]
        self.settle_before_draw();
        if self.decided.is_some() || self.heal.begun {
            return 0;
        }
        let draw = Draw { label, alternatives, history: self.history };
        let position = self.tape.entries().len();
        let answer = self.ask(position, &draw);
        if let Some(recorder) = &self.recorder {
            recorder.drawn(&draw, self.steps, answer.as_ref().ok().copied());
        }
        match answer {
            Ok(value) => {
                self.record(&draw, value);
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

    fn ask(&self, position: usize, draw: &Draw<'_>) -> Result<u32, Refusal> {
        #[cfg(feature = "fail")]
        if let Some(answer) = self.fail_points.answer_again(position, draw) {
            return answer;
        }
        // Without one there is no run, and nobody who could draw.
        self.explorer.as_ref().map_or(Ok(0), |explorer| explorer.borrow_mut().choose(position, draw))
    }

    /// Enters an answer into the tape and the history.
    pub(super) fn record(&mut self, draw: &Draw<'_>, value: u32) {
        let Label { kind, name } = draw.label;
        let position = self.tape.record(draw, value);
        // Choosing a step belongs to the step that is chosen.
        self.timeline.drawn(self.steps + u32::from(kind == Kind::Next));
        #[cfg(feature = "fail")]
        let foretold = self.fail_points.is_retraced(position);
        #[cfg(not(feature = "fail"))]
        let foretold = false;
        if !foretold {
            self.pulse.draw(position, value);
        }
        // A cut may turn out to be none, so it enters the history when its poll has ended.
        if kind != Kind::Cut {
            self.history.mix(u64::from(kind as u8) << 32 | u64::from(value));
        }
        if kind != Kind::Next && kind != Kind::Cut {
            self.history.mix_name(name);
        }
    }

    /// Says how many alternatives an open draw had, once its first was executed.
    pub(super) fn close_open(&mut self, position: usize, arity: u32) {
        if self.heal.begun {
            return;
        }
        if let Some(recorder) = &self.recorder {
            recorder.closed(position, arity);
        }
        #[cfg(feature = "fail")]
        if !self.fail_points.tells_closing() {
            return self.close_untold(position, arity);
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
        if let Some(recorder) = &self.recorder {
            recorder.was_void(position, arity);
        }
        #[cfg(feature = "fail")]
        if !self.fail_points.tells_closing() {
            return self.close_untold(position, arity);
        }
        let Some(explorer) = &self.explorer else { return };
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
        if let Some(recorder) = &self.recorder {
            recorder.beat();
        }
    }

    /// The position of the draw that was answered last.
    pub(super) fn last_position(&self) -> usize {
        self.tape.entries().len().saturating_sub(1)
    }
}
