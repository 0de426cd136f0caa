//! Which scenarios are meant.

use super::Problem;
use super::arguments::Selection;
use super::project;
use super::scenarios::{self, Test};
use crate::cli::{UsageError, nearest};

/// Every scenario of the tests that are selected.
pub(super) fn all(selection: &Selection) -> Result<Vec<Test>, Problem> {
    let found = scenarios::find(&project::build(selection)?)?;
    if found.is_empty() { Err(Problem::NoScenario) } else { Ok(found) }
}

/// The scenario of that name. The end of a name is enough, from some `::` on, where only one ends so.
pub(super) fn named<'a>(tests: &'a [Test], name: &str) -> Result<&'a Test, Problem> {
    if let Some(test) = tests.iter().find(|test| test.name == name) {
        return Ok(test);
    }
    let ends = |test: &&Test| {
        let rest = test.scenario.strip_suffix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with("::"))
    };
    let mut same = tests.iter().filter(ends);
    match (same.next(), same.next()) {
        (Some(test), None) => Ok(test),
        (Some(_), Some(_)) => Err(ambiguous(tests.iter().filter(ends), name)),
        (None, _) => {
            let names = tests.iter().map(|test| test.name.as_str());
            let unknown = UsageError::UnknownScenario { name: name.to_owned(), nearest: nearest(names, name) };
            Err(unknown.into())
        }
    }
}

/// The scenario that a token is of.
pub(super) fn of_token<'a>(tests: &'a [Test], scenario: &str) -> Result<&'a Test, Problem> {
    let mut same = tests.iter().filter(|test| test.scenario == scenario);
    match (same.next(), same.next()) {
        (Some(test), None) => Ok(test),
        (Some(_), Some(_)) => Err(ambiguous(tests.iter().filter(|test| test.scenario == scenario), scenario)),
        (None, _) => {
            let names = tests.iter().map(|test| test.scenario.as_str());
            let nearest = nearest(names, scenario);
            Err(UsageError::UnknownScenario { name: scenario.to_owned(), nearest }.into())
        }
    }
}

fn ambiguous<'a>(tests: impl Iterator<Item = &'a Test>, name: &str) -> Problem {
    let (packages, names): (Vec<_>, Vec<_>) =
        tests.map(|test| (test.binary.package.as_str(), test.name.as_str())).unzip();
    let mut distinct = packages.clone();
    distinct.dedup();
    if distinct.len() == packages.len() {
        return Problem::Ambiguous { name: name.to_owned(), packages: packages.join(", ") };
    }
    Problem::SeveralNames { name: name.to_owned(), names: names.join(", ") }
}
