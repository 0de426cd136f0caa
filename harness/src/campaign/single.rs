//! One run at a time: an explorer's next one, or a token's.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use super::watchdog;
use crate::choice::token::Token;
use crate::ending::Ending;
use crate::explore::{Explorer, Replay};
use crate::report::terminal;
use crate::run::{Finished, RunOptions, Runner, StuckTask, TimelineEntry};
use crate::scenario::Scenario;

/// One run, as an explorer of your own led it.
#[derive(Debug, Clone)]
pub struct SingleRun {
    /// How it ended.
    pub ending: Ending,
    /// Replays it.
    pub token: Token,
    /// How many steps it took.
    pub steps: u32,
    /// Goals reached and faults fired.
    pub tally: crate::run::Tally,
}

/// Executes the next run of an explorer, if it has one: what proptest and libFuzzer drive. Void runs are passed over for
/// as long as the explorer has another; one that has none left ends with the void one.
///
/// # Panics
/// If called within a tokio runtime or within a run.
pub fn run_once(scenario: &Scenario, explorer: impl Explorer + 'static) -> Option<SingleRun> {
    let explorer: Rc<RefCell<dyn Explorer>> = Rc::new(RefCell::new(explorer));
    let options = RunOptions { step_limit: scenario.bounds.steps, timeline: false };
    let mut runner = Runner::of(scenario);
    let mut next = || {
        runner.run(&*scenario.body, &explorer, options, |finished| SingleRun {
            ending: finished.ending,
            token: Token::of(&scenario.name, finished.tape, finished.history),
            steps: finished.steps,
            tally: finished.tally.clone(),
        })
    };
    let mut last = next()?;
    while let Ending::Void { .. } = last.ending {
        match next() {
            Some(run) => last = run,
            None => break,
        }
    }
    Some(last)
}

/// What a replay showed.
#[derive(Debug, Clone)]
pub struct Replayed {
    /// How the run ended.
    pub ending: Ending,
    /// What happened in it.
    pub timeline: Vec<TimelineEntry>,
    /// Of a stuck run: who waits, since when, where and for what.
    pub stuck: Vec<StuckTask>,
    /// The run took another course than the one that the token was written for, although every draw still fits.
    pub drifted: bool,
}

impl fmt::Display for Replayed {
    /// The whole replay, its end last; ends with a line break.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", terminal::timeline(&self.timeline), terminal::stuck(&self.stuck))?;
        if self.drifted && !matches!(self.ending, Ending::Void { .. }) {
            writeln!(f, "the token's choices still fit, but the run takes another course than when it was written")?;
        }
        match &self.ending {
            Ending::Failed(failure) => {
                writeln!(f, "failed: {}: {}", failure.property, failure.message)?;
                failure.location.iter().try_for_each(|location| writeln!(f, "  at {}:{}", location.file, location.line))
            }
            Ending::Passed => writeln!(f, "passed: this run does not fail"),
            Ending::Void { position } => writeln!(
                f,
                "void: the run did not fail up to its draw {position}, and what the token says there is not possible any more. \
                 That proves nothing: search again"
            ),
            Ending::CutShort(reason) => writeln!(f, "incomplete: {reason}"),
            Ending::Uncontrolled(reason) => writeln!(f, "incomplete: {reason}"),
        }
    }
}

/// Executes a token's run once, with its timeline.
///
/// A step that never returns ends it as a failure, as in a search.
///
/// # Errors
/// Where the token no longer fits the scenario.
pub fn replay(scenario: &Scenario, token: &Token) -> Result<Replayed, String> {
    let (own, recorded) = (scenario.clone(), token.clone());
    let watched = watchdog::watched_run(scenario, move |runner| {
        execute_token(runner, &own, &recorded, true, |finished| Replayed {
            ending: finished.ending,
            timeline: finished.timeline.to_vec(),
            stuck: finished.stuck.to_vec(),
            drifted: finished.history.value() != recorded.history,
        })
    });
    watched.unwrap_or_else(|hung| {
        let (failure, seen) = *hung;
        Ok(Replayed { ending: Ending::Failed(failure), timeline: seen.entries, stuck: Vec::new(), drifted: false })
    })
}

/// Executes a token's run once, and reads what it left behind.
pub(super) fn execute_token<R>(
    mut runner: Runner,
    scenario: &Scenario,
    token: &Token,
    timeline: bool,
    read: impl FnOnce(Finished<'_>) -> R,
) -> Result<R, String> {
    if token.scenario != scenario.name {
        let (theirs, ours) = (&token.scenario, &scenario.name);
        return Err(format!("the token belongs to the scenario `{theirs}`, and this is `{ours}`; replay it there"));
    }
    let explorer = Rc::new(RefCell::new(Replay::new(token.clone())));
    let shared: Rc<RefCell<dyn Explorer>> = explorer.clone();
    let options = RunOptions { step_limit: scenario.bounds.steps, timeline };
    let executed = runner.run(&*scenario.body, &shared, options, |finished| match &finished.ending {
        Ending::Uncontrolled(what) => Err(what.to_string()),
        _ => Ok(read(finished)),
    });
    let executed = executed.ok_or("the replay did not begin")??;
    match explorer.borrow().unmade() {
        None => Ok(executed),
        Some(unmade) => Err(format!(
            "the token is outdated: the run now ends before its draw {} (`{}`); search again to get a new one",
            unmade.position, unmade.label
        )),
    }
}
