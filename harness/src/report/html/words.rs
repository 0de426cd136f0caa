//! Bounds, verdicts and numbers in sentences.

use crate::choice::Cost;
use crate::report::{Build, Report, ScenarioReport};
use crate::verdict::Verdict;

/// What every verdict means at most.
pub(super) const LIMIT: &str = "This is bounded search at await points on one thread, not a proof.";

/// What it cannot see.
pub(super) const BLIND: &str = " Check-then-act between two awaits on a multi-thread runtime is invisible here. A poll is \
    cut at operations that consume tokio’s cooperative budget and nowhere else. Tasks of tokio::spawn are polled whole and \
    in tokio’s own order. Each verdict holds within the bounds beside it.";

pub(super) const NOT_CALIBRATED: &str =
    "tokio did not behave as the engine needs it: no verdict here is better than incomplete.";

/// All scenarios in one line.
pub(super) fn outcome(report: &Report) -> String {
    let (all, good) = (report.scenarios.len(), report.scenarios.iter().filter(|scenario| scenario.ok).count());
    match (all, all - good) {
        (0, _) => "no scenarios".to_owned(),
        (1, 0) => "The scenario is as expected".to_owned(),
        (all, 0) => format!("All {all} scenarios are as expected"),
        (1, _) => "The scenario is not as expected".to_owned(),
        (all, 1) => format!("1 of {all} scenarios is not as expected"),
        (all, bad) => format!("{bad} of {all} scenarios are not as expected"),
    }
}

pub(super) fn build(build: &Build) -> String {
    let slow = if build.optimised {
        ""
    } else {
        " · built with debug assertions; if it was not optimised either, about 12 times slower"
    };
    format!("nevernone {} · tokio {}{slow}", build.nevernone, build.tokio)
}

/// What the verdict says, and no more.
pub(super) fn verdict(report: &ScenarioReport) -> String {
    let complete_shard = report.shard.as_ref().filter(|shard| shard.complete);
    match (report.verdict, complete_shard) {
        (Verdict::Verified, _) => "Every run within these bounds was executed, and every property held.".to_owned(),
        (Verdict::Sampled, _) => {
            format!(
                "{} random runs were executed, and every property held. Others were not tried.",
                grouped(report.runs)
            )
        }
        (Verdict::Failed, _) => "A run within these bounds fails.".to_owned(),
        (Verdict::Vacuous, _) => {
            "Every run within these bounds was executed, but something that the search is for never happened."
                .to_owned()
        }
        (Verdict::Incomplete, Some(shard)) => format!(
            "Every run of part {} of {} was executed, and every property held in them. The verdict comes when all parts are \
             merged.",
            shard.index, shard.of
        ),
        (Verdict::Incomplete, None) => {
            let so_far =
                report.complete_to_cost.map_or(String::new(), |cost| format!(" Every run up to cost {cost} was."));
            format!(
                "Not everything within these bounds was executed, or not everything is explained by a choice.{so_far}"
            )
        }
    }
}

/// The bounds in words, without the one on steps: a search that met that one is incomplete.
pub(super) fn bounds(report: &ScenarioReport) -> String {
    let bounds = &report.bounds;
    let always = [Cost::Fault, Cost::Preemption, Cost::Cancellation, Cost::Stall];
    let offered = [Cost::Panic, Cost::Crash]
        .into_iter()
        .filter(|cost| report.offered.iter().any(|offered| offered == cost.bound_name()));
    let kinds: Vec<Cost> = always.into_iter().chain(offered).collect();
    let told = |of: fn(Option<u32>) -> bool, words: &dyn Fn(Cost) -> String| {
        let told = kinds.iter().filter(|cost| of(bounds.of(**cost))).map(|cost| words(*cost));
        told.collect::<Vec<_>>().join(", ")
    };
    let some = told(|bound| bound.is_some_and(|most| most > 0), &|cost| counted(bounds.of(cost).unwrap_or(0), cost));
    let any = told(|bound| bound.is_none(), &|cost| cost.bound_name().to_owned());
    let none = told(|bound| bound == Some(0), &|cost| format!("no {}", cost.bound_name()));
    let parts = [("at most ", some), ("any number of ", any), ("", none)];
    let told = parts.into_iter().filter(|(_, kinds)| !kinds.is_empty()).map(|(words, kinds)| format!("{words}{kinds}"));
    let total = bounds.cost.map(|cost| format!("{cost} in all"));
    told.chain(total).collect::<Vec<_>>().join("; ")
}

fn counted(number: u32, cost: Cost) -> String {
    format!("{number} {}", if number == 1 { one(cost) } else { cost.bound_name() })
}

/// One choice of a kind.
pub(super) fn one(cost: Cost) -> &'static str {
    match cost {
        Cost::Free => "free choice",
        Cost::Fault => "fault",
        Cost::Preemption => "preemption",
        Cost::Cancellation => "cancellation",
        Cost::Panic => "panic",
        Cost::Stall => "stall",
        Cost::Crash => "crash",
    }
}

/// A number of steps.
pub(super) fn steps(number: u64) -> String {
    let many = if number == 1 { "" } else { "s" };
    format!("{} step{many}", grouped(number))
}

/// A whole number, its thousands apart.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A size that is not exact, to two digits.
pub(super) fn about(number: f64) -> String {
    if number < 1e6 { format!("{number:.0}") } else { format!("{number:.1e}") }
}

#[cfg(test)]
mod tests {
    use super::{about, grouped};

    #[test]
    fn numbers_are_readable() {
        let said: Vec<String> = [0, 999, 1_000, 98_233, 26_963_113].into_iter().map(grouped).collect();
        assert_eq!(said, ["0", "999", "1,000", "98,233", "26,963,113"]);
        assert_eq!((about(98_233.0).as_str(), about(1.3e11).as_str()), ("98233", "1.3e11"));
    }
}
