//! What happened in a run, for people. Written in replays only: a search would pay for it in every step.

use std::time::Duration;

/// One line of a timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEntry {
    /// The step, from 1; 0 is what came before the first.
    pub step: u32,
    /// Virtual time since the run began.
    pub at: Duration,
    /// Who did it.
    pub actor: String,
    /// What was done.
    pub what: String,
}

/// A timeline being written, or not.
#[derive(Debug, Default)]
pub(crate) struct Timeline {
    pub(crate) wanted: bool,
    pub(crate) entries: Vec<TimelineEntry>,
    /// Virtual time at the current step.
    pub(crate) now: Duration,
}

impl Timeline {
    /// Adds a line, if anybody wants it; the text is only made then.
    pub(crate) fn note(&mut self, step: u32, actor: &str, what: impl FnOnce() -> String) {
        if self.wanted {
            let entry = TimelineEntry { step, at: self.now, actor: actor.to_owned(), what: what() };
            self.entries.push(entry);
        }
    }
}
