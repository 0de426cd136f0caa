//! What happened in a run, for people. Written in replays only: a search would pay for it in every step.

use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One line of a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// The step, from 1; 0 is what came before the first.
    pub step: u32,
    /// Virtual time since the run began; reports tell whole milliseconds.
    #[serde(rename = "at_ms", serialize_with = "in_milliseconds", deserialize_with = "of_milliseconds")]
    pub at: Duration,
    /// Who did it.
    pub actor: String,
    /// Whether the actor is no task: the clock, a caller that gives up, an event of the outside world.
    pub outside: bool,
    /// What was done.
    pub what: String,
}

fn in_milliseconds<S: Serializer>(at: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(at.as_millis()).unwrap_or(u64::MAX))
}

fn of_milliseconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u64::deserialize(deserializer).map(Duration::from_millis)
}

/// A timeline being written, or not.
#[derive(Default)]
pub(crate) struct Timeline {
    pub(crate) wanted: bool,
    pub(crate) entries: Vec<TimelineEntry>,
    /// In which step each draw was made.
    pub(crate) draws: Vec<u32>,
    /// Virtual time at the current step.
    pub(crate) now: Duration,
    /// Who is told while the run goes on, because it may never end.
    pub(crate) witness: Option<Rc<dyn Hears>>,
}

/// Hears of a run while it goes on.
pub(crate) trait Hears {
    /// Whose step begins.
    fn acts(&self, actor: &str);
    /// A line of the timeline.
    fn adds(&self, entry: &TimelineEntry);
    /// What was told so far did not happen.
    #[cfg(feature = "fail")]
    fn forgets(&self);
}

/// What another thread sees of a run's timeline while the run goes on.
#[derive(Debug, Default)]
pub(crate) struct Witness(Mutex<Testimony>);

/// What a [`Witness`] saw.
#[derive(Debug, Clone, Default)]
pub(crate) struct Testimony {
    pub(crate) entries: Vec<TimelineEntry>,
    /// Whose step it is, from before that step begins.
    pub(crate) acting: String,
}

impl Timeline {
    /// Says in which step the next draw is made, if anybody wants to know.
    pub(crate) fn drawn(&mut self, step: u32) {
        if self.wanted {
            self.draws.push(step);
        }
    }

    /// What the witness was told did not happen: the run is executed again.
    #[cfg(feature = "fail")]
    pub(crate) fn forget_told(&mut self) {
        if let Some(witness) = &self.witness {
            witness.forgets();
        }
    }

    /// Begins anew; the witness stays.
    pub(crate) fn restart(&mut self, wanted: bool) {
        *self = Timeline { wanted, witness: self.witness.take(), ..Timeline::default() };
    }

    /// Says whose step begins: a step that never ends leaves no line.
    pub(crate) fn acts(&mut self, actor: &str) {
        if let Some(witness) = &self.witness {
            witness.acts(actor);
        }
    }

    /// Adds a line about a task, if anybody wants it; the text is only made then.
    pub(crate) fn note(&mut self, step: u32, actor: &str, what: impl FnOnce() -> String) {
        self.add(step, actor, false, what);
    }

    /// Adds a line about something that no task did.
    pub(crate) fn note_outside(&mut self, step: u32, actor: &str, what: impl FnOnce() -> String) {
        self.add(step, actor, true, what);
    }

    fn add(&mut self, step: u32, actor: &str, outside: bool, what: impl FnOnce() -> String) {
        if self.wanted {
            let entry = TimelineEntry { step, at: self.now, actor: actor.to_owned(), outside, what: what() };
            if let Some(witness) = &self.witness {
                witness.adds(&entry);
            }
            self.entries.push(entry);
        }
    }
}

impl Hears for Arc<Witness> {
    fn acts(&self, actor: &str) {
        actor.clone_into(&mut self.lock().acting);
    }

    fn adds(&self, entry: &TimelineEntry) {
        self.lock().entries.push(entry.clone());
    }

    #[cfg(feature = "fail")]
    fn forgets(&self) {
        self.lock().entries.clear();
    }
}

impl Witness {
    pub(crate) fn testimony(&self) -> Testimony {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Testimony> {
        // A list that is only pushed to is whole at every moment.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
