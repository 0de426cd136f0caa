//! What lies behind two executions of one sequence that differ: something that outlives a run, by name if it is a static of
//! the program, or else chance.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::compare::FURTHER;
use super::search::Search;
use crate::choice::Tape;
use crate::ending::Ending;
use crate::explore::{Bounds, Explorer, Mended};
use crate::hash::History;
use crate::run::RunOptions;
use crate::statics::Snapshot;
use crate::uncontrolled::Uncontrolled;

/// What happens in one of thirty runs is mistaken for what has ended after 40 executions, and hardly ever after so many.
const MOST: u32 = 1_000;

/// The time for them, once there were some.
const PATIENCE: Duration = Duration::from_millis(300);

/// So many statics are named.
const NAMED: usize = 4;

/// Something uncontrolled, and the run in which it showed, where that is known.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) what: Uncontrolled,
    pub(super) tape: Option<Tape>,
}

/// What further executions of that run tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cause {
    /// Nothing: it names its cause itself, or it is not known in which run it showed.
    Unknown,
    /// They all take one course, so something outlives a run, or happens seldom. The statics that changed since the search began; `None` where
    /// that cannot be known.
    OutlivesARun(Option<Vec<String>>),
    /// They differ among themselves. The statics that changed meanwhile, likewise.
    DiffersAlways(Option<Vec<String>>),
    /// Each of them had a process of its own, in which nothing is left of another.
    OutsideTheProcess,
}

impl Cause {
    /// What a search should be told, beside what was seen.
    pub(super) fn told(&self, what: &Uncontrolled) -> String {
        if !what.is_unexplained() {
            return what.to_string();
        }
        let cause = match self {
            Cause::OutlivesARun(Some(statics)) if !statics.is_empty() => {
                let (named, has) = named(statics);
                format!("something outlives a run: the {named} changed after the search began, and {has} the new value")
            }
            Cause::OutlivesARun(Some(_)) if *what == Uncontrolled::Lasting => {
                format!(
                    "something outlives a run, and no static of the program changed since the search began: {OTHERS}"
                )
            }
            // What happens once in a thousand runs looks the same.
            Cause::OutlivesARun(Some(_)) => {
                format!("{CHANCE}; or else, as no static of the program changed since the search began, {OTHERS}")
            }
            Cause::OutlivesARun(None) if *what == Uncontrolled::Lasting => OUTLIVES.to_owned(),
            Cause::OutlivesARun(None) => format!("{CHANCE}; or {OUTLIVES}"),
            Cause::DiffersAlways(Some(statics)) if !statics.is_empty() => {
                let (named, _) = named(statics);
                format!("the {named} changed from run to run; {CHANCE}")
            }
            Cause::DiffersAlways(Some(_)) => format!("{CHANCE}; no static of the program changed from run to run"),
            Cause::OutsideTheProcess => {
                format!("{CHANCE}, the process's own number, and what is outside the process: {WORLD}")
            }
            Cause::DiffersAlways(None) | Cause::Unknown => format!("{CHANCE}, and a static that an earlier run filled"),
        };
        format!("{what}. Uncontrolled nondeterminism; {cause}")
    }

    /// Whether fresh statics in each run may help.
    pub(super) fn may_be_a_static(&self) -> bool {
        match self {
            Cause::Unknown | Cause::OutsideTheProcess => false,
            Cause::OutlivesARun(statics) => statics.as_ref().is_none_or(|statics| !statics.is_empty()),
            Cause::DiffersAlways(statics) => statics.as_ref().is_some_and(|statics| !statics.is_empty()),
        }
    }
}

const CHANCE: &str = "the usual causes are `tokio::select!` without `biased` \
                      (`nevernone::tokio::select!` is controlled), the order of a `HashMap` or of addresses, a \
                      real clock, another thread, and `rand`";

const WORLD: &str = "a file, an environment that something changes, another program";

const OUTLIVES: &str = "something outlives a run: a static or a thread-local that an earlier run filled, a lock that it kept, \
                        or a value that the body's closure shares";

/// What may outlive a run and is no static's own value.
const OTHERS: &str = "a thread-local that an earlier run filled, a value that the body's closure shares, what a static that \
                      was filled before points to, or something outside the process";

/// The first of them, and what becomes of their values.
fn named(statics: &[String]) -> (String, &'static str) {
    let mut names: Vec<String> = statics.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    if statics.len() > NAMED {
        names.push(format!("{} more", statics.len() - NAMED));
    }
    match names.pop() {
        Some(last) if names.is_empty() => (format!("static {last}"), "keeps"),
        Some(last) => (format!("statics {} and {last}", names.join(", ")), "keep"),
        None => ("statics".to_owned(), "keep"),
    }
}

impl Search<'_> {
    /// Something uncontrolled showed, in the run of `tape` where that is known.
    pub(super) fn note_uncontrolled(&mut self, what: Uncontrolled, tape: Option<&Tape>) {
        self.note_seen(Seen { what, tape: tape.cloned() });
    }

    pub(super) fn note_seen(&mut self, seen: Seen) {
        if self.uncontrolled.iter().all(|known| known.what != seen.what) {
            self.uncontrolled.push(seen);
        }
    }

    /// What was uncontrolled, and its cause as far as it is known.
    pub(super) fn told_uncontrolled(&self) -> Vec<String> {
        self.uncontrolled.iter().map(|seen| self.cause.told(&seen.what)).collect()
    }

    /// Executes the run in which something uncontrolled showed a number of times more, and compares the program's statics
    /// with what they were when the search began.
    pub(super) fn find_cause(&mut self, start: Option<&Snapshot>, bounds: Bounds) {
        let mut unexplained = self.uncontrolled.iter().filter(|seen| seen.what.is_unexplained());
        let Some(tape) = unexplained.find_map(|seen| seen.tape.clone()) else { return };
        if self.scenario.isolated {
            self.cause = Cause::OutsideTheProcess;
            return;
        }
        let before = Snapshot::take();
        let first = self.execute_mended(&tape, bounds);
        let begun = Instant::now();
        let enough = |executions| executions >= FURTHER && begun.elapsed() >= PATIENCE;
        let executions = (1..MOST).take_while(|executions| !enough(*executions));
        let stays = executions.map(|_| self.execute_mended(&tape, bounds)).all(|again| again == first);
        let after = Snapshot::take();
        let compared = |earlier: Option<&Snapshot>| after.as_ref()?.changed_since(earlier?);
        self.cause =
            if stays { Cause::OutlivesARun(compared(start)) } else { Cause::DiffersAlways(compared(before.as_ref())) };
    }

    /// Executes the run along the tape's answers, whatever is asked there now.
    fn execute_mended(&mut self, tape: &Tape, bounds: Bounds) -> Option<(Ending, History)> {
        let explorer: Rc<RefCell<dyn Explorer>> = Rc::new(RefCell::new(Mended::new(tape.values(), bounds)));
        let options = RunOptions { step_limit: bounds.steps, timeline: false };
        self.shake_heap();
        let mut last = None;
        loop {
            let body = &*self.scenario.body;
            let ran = self.runner.run(body, &explorer, options, |finished| (finished.ending, finished.history));
            match ran {
                Some(ran) => last = Some(ran),
                None => return last,
            }
            self.count_execution();
        }
    }
}
