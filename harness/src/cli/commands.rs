//! `list` and `replay`, and finding scenarios by name.

use std::collections::HashSet;
use std::io::Write;

use super::{ListArguments, UsageError};
use crate::campaign;
use crate::choice::token::Token;
use crate::ending::Ending;
use crate::explore::Bounds;
use crate::report::{table, terminal};
use crate::scenario::Scenario;

pub(super) fn names_differ(scenarios: &[Scenario]) -> Result<(), UsageError> {
    let mut seen = HashSet::new();
    match scenarios.iter().find(|scenario| !seen.insert(scenario.name())) {
        Some(doubled) => Err(UsageError::DoubledName(doubled.name().to_owned())),
        None => Ok(()),
    }
}

/// The scenario of that name.
pub(super) fn find<'a>(scenarios: &'a [Scenario], name: &str) -> Result<&'a Scenario, UsageError> {
    scenarios.iter().find(|scenario| scenario.name() == name).ok_or_else(|| UsageError::UnknownScenario {
        name: name.to_owned(),
        nearest: nearest(scenarios.iter().map(Scenario::name), name),
    })
}

pub(super) fn list(scenarios: &[Scenario], arguments: &ListArguments, out: &mut dyn Write) -> Result<u8, UsageError> {
    let mut rows = Vec::new();
    // Those with a process for each run first: they need this one as it is before any other was executed in it.
    let mut order: Vec<(usize, &Scenario)> = scenarios.iter().enumerate().collect();
    order.sort_by_key(|(_, scenario)| !scenario.isolated);
    for (place, scenario) in order {
        let size = |bounds| {
            let (mean, half) = campaign::estimate(scenario, bounds, arguments.descents);
            format!("{} ± {}", table::scientific(mean), table::scientific(half))
        };
        let unbounded = || size(Bounds { steps: scenario.bounds.steps, ..Bounds::unbounded() });
        let row = table::ListRow {
            name: scenario.name().to_owned(),
            expected: scenario.expected,
            bounds: terminal::bounds(&scenario.bounds),
            estimate: size(scenario.bounds),
            unbounded: arguments.unbounded.then(unbounded),
        };
        rows.push((place, row));
    }
    rows.sort_by_key(|(place, _)| *place);
    let rows: Vec<table::ListRow> = rows.into_iter().map(|(_, row)| row).collect();
    writeln!(out, "{}", table::list(&rows))?;
    Ok(0)
}

pub(super) fn replay(scenarios: &[Scenario], token: &str, out: &mut dyn Write) -> Result<u8, UsageError> {
    let token: Token = token.parse()?;
    let scenario = find(scenarios, &token.scenario)?;
    let replayed = campaign::replay(scenario, &token).map_err(UsageError::Outdated)?;
    write!(out, "{}\n{replayed}", scenario.name())?;
    let as_expected = match &replayed.ending {
        Ending::Failed(failure) => scenario.expects_failure_by(&failure.property),
        _ => scenario.expected != crate::verdict::Verdict::Failed,
    };
    Ok(u8::from(!as_expected))
}

/// The name that takes the fewest edits, if one is at all similar.
pub(crate) fn nearest<'a>(names: impl Iterator<Item = &'a str>, name: &str) -> Option<String> {
    let similarity = |candidate: &str| {
        // The part after the slash, or the last of a path, alone is what people remember.
        let short = candidate.rsplit(['/', ':']).next().unwrap_or(candidate);
        strsim::jaro_winkler(candidate, name).max(strsim::jaro_winkler(short, name))
    };
    let best = names.max_by(|a, b| similarity(a).total_cmp(&similarity(b)))?;
    (similarity(best) > 0.6).then(|| best.to_owned())
}
