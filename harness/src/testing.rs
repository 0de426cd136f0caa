//! What `#[nevernone::test]` expands to: one campaign inside `cargo test`, steered by the environment.

mod isolated;
mod red;
mod target;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::campaign::{self, BoundsOverride, ExplorerChoice, Options};
use crate::choice::token::Token;
use crate::ending::Ending;
use crate::report::terminal;
use crate::scenario::Scenario;
use crate::shard::ShardArgument;

/// Random runs under `NEVERNONE_SEED`.
const SAMPLE: u64 = 10_000;

pub use target::Target;

/// Runs a scenario as a test, or replays the token in `NEVERNONE_REPLAY`.
///
/// `NEVERNONE_FAULTS`, `_PREEMPTIONS`, `_CANCELLATIONS` and `_COST` replace the test's own bounds, `_MAX_TIME` (seconds,
/// or with a unit: `500ms`, `60s`, `5m`) stops the search. `_JOBS` is the number of worker threads, 1 where it is not set:
/// `cargo test` runs tests side by side already. `_SHARD` (`K/N`, or `auto`) searches one part: a shard that is complete
/// and found nothing is green, and what only the whole tree can show (`vacuous`) is not asked. `_SEED` samples 10,000
/// random runs of that seed instead of searching everything.
///
/// # Panics
/// When the verdict is not the expected one, with the whole story; when a variable does not parse. The story goes to
/// standard error, headed by the line of the property that failed; no panic hook is called, since all that it could name
/// is a line of this framework.
pub fn run(scenario: &Scenario) {
    run_in(scenario, &Target::default());
}

/// Like [`run`], for a test that knows where it was built, so that the line that replays a failure names its target.
///
/// # Panics
/// As [`run`].
pub fn run_in(scenario: &Scenario, target: &Target) {
    if scenario.isolated {
        isolated::in_fresh_process(scenario.name(), || run_here(scenario, target));
    } else {
        run_here(scenario, target);
    }
}

fn run_here(scenario: &Scenario, target: &Target) {
    if let Some(token) = variable::<Token>("NEVERNONE_REPLAY") {
        replay(scenario, &token, target);
        return;
    }
    let options = Options {
        bounds: BoundsOverride {
            faults: variable("NEVERNONE_FAULTS"),
            preemptions: variable("NEVERNONE_PREEMPTIONS"),
            cancellations: variable("NEVERNONE_CANCELLATIONS"),
            cost: variable("NEVERNONE_COST"),
            ..BoundsOverride::default()
        },
        max_time: variable::<HumanDuration>("NEVERNONE_MAX_TIME").map(|time| time.0),
        jobs: variable("NEVERNONE_JOBS"),
        shard: variable::<ShardArgument>("NEVERNONE_SHARD").map(|shard| match shard.resolve() {
            Ok(shard) => shard,
            Err(problem) => red::fail(format!("the environment variable NEVERNONE_SHARD=`auto`: {problem}")),
        }),
        explorer: variable("NEVERNONE_SEED")
            .map_or(ExplorerChoice::Exhaustive, |seed| ExplorerChoice::Random { seed, runs: SAMPLE }),
        ..Options::default()
    };
    let sampled = options.explorer != ExplorerChoice::Exhaustive;
    if sampled && options.shard.is_some() {
        red::fail("NEVERNONE_SEED samples, and a sample has no shards; unset one".to_owned());
    }
    let report = campaign::check(scenario, &options);
    if report.ok {
        let shard = report.shard.as_ref().map(|shard| format!(" (shard {} of {})", shard.index, shard.of));
        let (name, verdict, runs, shard) = (&report.name, report.verdict, report.runs, shard.unwrap_or_default());
        let bounds = terminal::bounds_of(&report);
        println!("{name}: {verdict}{shard}, {runs} runs within {bounds}");
        for limit in [terminal::lane(&report), terminal::isolation(&report)].into_iter().flatten() {
            println!("  {limit}");
        }
        report.notes.iter().for_each(|note| println!("  {note}"));
        return;
    }
    red::fail(red::told(&report, target));
}

fn replay(scenario: &Scenario, token: &Token, target: &Target) {
    if token.scenario != scenario.name() {
        println!("{}: NEVERNONE_REPLAY holds a token of `{}`; nothing to do here", scenario.name(), token.scenario);
        return;
    }
    match campaign::replay(scenario, token) {
        Err(reason) => red::fail(format!("{}: {reason}", scenario.name())),
        Ok(replayed) => match &replayed.ending {
            Ending::Failed(failure) => red::fail(red::told_again(failure, &replayed, target)),
            _ => print!("{}\n{replayed}", scenario.name()),
        },
    }
}

/// # Panics
/// If the variable is there and does not parse: a bound that was silently dropped would be a lie.
fn variable<T>(name: &str) -> Option<T>
where
    T: FromStr,
    T::Err: fmt::Display,
{
    let text = std::env::var(name).ok()?;
    match text.parse() {
        Ok(value) => Some(value),
        Err(error) => red::fail(format!("the environment variable {name}=`{text}` does not read: {error}")),
    }
}

/// A duration that stands in an attribute: `#[nevernone::test(horizon = "30s")]`.
///
/// # Panics
/// Where it does not read.
#[track_caller]
pub fn duration(text: &str) -> Duration {
    match text.parse::<HumanDuration>() {
        Ok(duration) => duration.0,
        Err(error) => panic!("the duration `{text}` does not read: {error}"),
    }
}

/// A duration as people write it: `1ms`, `60s`, `5m`, `2h`; a bare number is seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HumanDuration(pub Duration);

impl FromStr for HumanDuration {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unit_at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(unit_at);
        let millis_per_unit = match unit {
            "ms" => 1,
            "s" | "" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => return Err(format!("`{unit}` is no unit of time; write 1ms, 60s, 5m or 2h")),
        };
        let number: u64 =
            number.parse().map_err(|_| "a duration begins with a whole number: 1ms, 60s, 5m".to_owned())?;
        let millis = number.checked_mul(millis_per_unit).ok_or("that is longer than time can be counted")?;
        Ok(HumanDuration(Duration::from_millis(millis)))
    }
}

#[cfg(test)]
mod tests {
    use super::HumanDuration;
    use std::time::Duration;

    #[test]
    fn durations_read_as_people_write_them() {
        for (text, millis) in [("1ms", 1), ("60s", 60_000), ("5m", 300_000), ("2", 2_000), ("1h", 3_600_000)] {
            assert_eq!(text.parse(), Ok(HumanDuration(Duration::from_millis(millis))), "{text}");
        }
        for text in ["", "s", "1.5s", "-1s", "1w", "99999999999999999999s", "18446744073709551615h"] {
            assert!(text.parse::<HumanDuration>().is_err(), "{text}");
        }
    }
}
