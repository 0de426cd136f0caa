//! The least failing run: first what is near a known one, then a search of everything that is smaller.

use std::cell::RefCell;
use std::rc::Rc;

use super::shrink::Shrink;
use super::single::execute_token;
use super::trials::{Failing, Next, Trials, Unmoved, same};
use super::watchdog;
use crate::choice::token::Token;
use crate::ending::{Ending, Failure};
use crate::explore::{Bounds, Exhaustive, Explorer, Spent};
use crate::report::RunSize;
use crate::run::{Finished, Runner};
use crate::scenario::Scenario;

/// How much may be spent on one failure.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effort {
    /// Executions for trying what is near.
    pub(super) near: u64,
    /// Executions for the search of everything that is smaller.
    pub(super) smaller: u64,
}

impl Effort {
    /// Seconds at most, where a run takes some ten microseconds.
    pub(super) const FULL: Effort = Effort { near: 4_000, smaller: 200_000 };
    /// When the time of the campaign is over.
    pub(super) const LITTLE: Effort = Effort { near: 1_000, smaller: 0 };
}

/// A failing run, as small as it became.
pub(super) struct Smallest {
    pub(super) failing: Failing,
    /// Everything smaller was executed and does not fail this way.
    pub(super) least: bool,
    /// Other properties that failed on the way.
    pub(super) others: Vec<String>,
}

/// Makes a failing run as small as it can be within bounds that admit it. Every run up to the total cost `searched_to`
/// is known not to fail.
pub(super) fn smallest(
    trials: &mut Trials<'_>,
    failing: Failing,
    bounds: Bounds,
    searched_to: Option<u32>,
    effort: Effort,
) -> Smallest {
    trials.grant(effort.near);
    let (failing, others) = Shrink::new(trials, bounds, failing).run();
    trials.grant(effort.smaller);
    match least(trials, &failing, bounds, searched_to) {
        Some(least) => Smallest { failing: least, least: true, others },
        None => Smallest { failing, least: false, others },
    }
}

/// Searches everything that is not larger than `known`, the cheapest first; `None` where the search did not finish.
fn least(trials: &mut Trials<'_>, known: &Failing, bounds: Bounds, searched_to: Option<u32>) -> Option<Failing> {
    let cheapest = searched_to.map_or(0, |cost| cost + 1);
    for cost in cheapest..=known.tape.total_cost() {
        let explorer = Exhaustive::new(Bounds { cost: Some(cost), ..bounds });
        let explorer: Rc<RefCell<dyn Explorer>> = Rc::new(RefCell::new(Unmoved(explorer)));
        loop {
            let read = |finished: Finished<'_>| match &finished.ending {
                Ending::Failed(failure) if same(failure, &known.failure) => Some(Failing::of(&finished)),
                // Whether it would have failed later is not known.
                Ending::CutShort(_) => Some(None),
                _ => None,
            };
            match trials.next(&explorer, read) {
                Next::Ran(None) => {}
                // Within one cost the order is that of the answers, and nothing cheaper fails.
                Next::Ran(Some(found)) => return found,
                Next::NoMore => break,
                Next::Spent | Next::Uncontrolled(_) => return None,
            }
        }
    }
    None
}

/// A failing run and what it was reduced to.
#[derive(Debug, Clone)]
pub struct Reduced {
    /// Replays the smaller run.
    pub token: Token,
    /// What did not hold, in the smaller run.
    pub failure: Failure,
    /// How large the smaller run is.
    pub size: RunSize,
    /// How many steps the smaller run takes.
    pub steps: u32,
    /// Whether no smaller run fails this way: everything cheaper, and everything of the same cost whose answers come
    /// first, was executed. Otherwise it is the least of what is near.
    pub least: bool,
    /// How large the given run was.
    pub from: RunSize,
    /// Other properties that failed in runs that were tried.
    pub also_failed: Vec<String>,
    /// How many runs were executed for it.
    pub executions: u64,
}

/// Reduces the failing run of a token, of whichever explorer: schedule, faults and values together, to the least run by
/// (cost, answers in their order) that fails the same property within `bounds` (of panics: at the same line). Bounds that
/// do not admit the given run are widened until they do.
///
/// ```
/// use nevernone::{Scenario, campaign, choose, explore::Bytes};
///
/// let scenario = Scenario::new("a-sum", || async {
///     let sum: u32 = (0..9).map(|_| choose("digit", 10)).sum();
///     assert!(sum < 7, "{sum}");
/// });
/// let run = campaign::run_once(&scenario, Bytes::new([5; 20], scenario.bounds())).unwrap();
/// let reduced = campaign::reduce(&scenario, &run.token, scenario.bounds()).unwrap();
/// assert!(reduced.least && reduced.failure.message.contains('7'));
/// assert_eq!(reduced.token.choices.len(), 1, "the last digit is 7");
/// ```
///
/// # Errors
/// Where the token no longer fits the scenario, its run does not fail, or a step of a run that is tried never returns.
///
/// # Panics
/// Where the operating system starts no thread.
pub fn reduce(scenario: &Scenario, token: &Token, bounds: Bounds) -> Result<Reduced, String> {
    let (own, recorded) = (scenario.clone(), token.clone());
    let watched = watchdog::watched(scenario.watchdog, move || reduce_watched(&own, &recorded, bounds));
    watched.unwrap_or_else(|_| Err("a run that was tried for it has a step that never returns".to_owned()))
}

fn reduce_watched(scenario: &Scenario, token: &Token, bounds: Bounds) -> Result<Reduced, String> {
    let given = execute_token(Runner::of(scenario), scenario, token, false, |finished| Failing::of(&finished))?;
    let given = given.ok_or("the token's run does not fail, so there is nothing to reduce")?;
    let from = RunSize::of(&given.tape);
    let bounds = bounds.admitting(&Spent::of_prefix(&given.tape, from.draws));
    let mut trials = Trials::new(scenario, bounds.steps);
    let Smallest { failing, least, others } = smallest(&mut trials, given, bounds, None, Effort::FULL);
    Ok(Reduced {
        token: Token::of(scenario.name(), &failing.tape, failing.history),
        size: RunSize::of(&failing.tape),
        failure: failing.failure,
        steps: failing.steps,
        least,
        from,
        also_failed: others,
        executions: trials.executed(),
    })
}
