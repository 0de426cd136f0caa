//! `junit.xml`: what CI systems show. A scenario is a test case, and what is not as expected is a failure.

use super::markup::Markup;
use super::{Report, ScenarioReport, terminal};

/// The whole file.
pub(super) fn document(report: &Report) -> String {
    let mut xml = Markup::new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    let totals = Totals::of(report);
    let suites = [("name", "nevernone"), ("tests", &*totals.tests), ("failures", &*totals.failures)];
    let nothing_else = [("errors", "0"), ("skipped", "0")];
    let time = [("time", &*totals.time)];
    let suite: Vec<(&'static str, &str)> = [&suites[..], &nothing_else, &time].concat();
    xml.element("testsuites", &suite[..], |xml| {
        xml.line();
        xml.element("testsuite", &suite[..], |xml| {
            xml.line();
            properties(
                xml,
                &[
                    ("nevernone", report.build.nevernone.clone()),
                    ("tokio", report.build.tokio.clone()),
                    ("calibrated", report.build.calibrated.to_string()),
                    ("optimised", report.build.optimised.to_string()),
                ],
            );
            report.scenarios.iter().for_each(|scenario| test_case(xml, scenario));
        });
        xml.line();
    });
    xml.finish()
}

/// What stands in the head of the suites.
struct Totals {
    tests: String,
    failures: String,
    time: String,
}

impl Totals {
    fn of(report: &Report) -> Self {
        let scenarios = &report.scenarios;
        Totals {
            tests: scenarios.len().to_string(),
            failures: scenarios.iter().filter(|scenario| !scenario.ok).count().to_string(),
            time: seconds(scenarios.iter().map(|scenario| scenario.seconds).sum()),
        }
    }
}

fn test_case(xml: &mut Markup, scenario: &ScenarioReport) {
    let (class, time) = (class(&scenario.name), seconds(scenario.seconds));
    let line = scenario.failure.as_ref().and_then(|failure| failure.line).map(|line| line.to_string());
    let file = scenario.failure.as_ref().and_then(|failure| failure.file.as_deref());
    let mut attributes = vec![("classname", &*class), ("name", &*scenario.name), ("time", &*time)];
    attributes.extend(file.map(|file| ("file", file)));
    attributes.extend(line.as_deref().map(|line| ("line", line)));
    xml.element("testcase", &attributes, |xml| {
        xml.line();
        properties(xml, &told(scenario));
        let replay = scenario.failure.as_ref().and_then(|failure| failure.replay.as_deref());
        let story = terminal::story(scenario, replay.unwrap_or("not known"));
        if scenario.ok {
            xml.leaf("system-out", &[], story);
        } else {
            let (kind, message) = (scenario.verdict.to_string(), headline(scenario));
            xml.leaf("failure", &[("type", &kind), ("message", &message)], story);
        }
        xml.line();
    });
    xml.line();
}

fn told(scenario: &ScenarioReport) -> Vec<(&'static str, String)> {
    let mut told = vec![
        ("verdict", scenario.verdict.to_string()),
        ("expected", terminal::expectation(scenario)),
        ("explorer", scenario.explorer.clone()),
        ("bounds", terminal::bounds_of(scenario)),
        ("runs", scenario.runs.to_string()),
        ("executions", scenario.executions.to_string()),
    ];
    told.extend(scenario.shard.as_ref().map(|shard| ("shard", format!("{}/{}", shard.index, shard.of))));
    told.extend(scenario.failure.as_ref().map(|failure| ("token", failure.token.clone())));
    told
}

fn properties(xml: &mut Markup, properties: &[(&'static str, String)]) {
    xml.element("properties", &[], |xml| {
        for (name, value) in properties {
            xml.void("property", &[("name", name), ("value", value)]);
        }
    });
    xml.line();
}

/// One line that says why it is red.
fn headline(scenario: &ScenarioReport) -> String {
    let expected = terminal::expectation(scenario);
    let why = match &scenario.failure {
        Some(failure) => format!("{}: {}", failure.property, failure.message),
        None => format!("{} (expected {expected})", scenario.verdict),
    };
    why.lines().next().unwrap_or_default().to_owned()
}

/// Where a CI system files it: the name without its last part, with the dots that those systems divide by.
fn class(name: &str) -> String {
    let group = name.rfind(['/', ':']).map_or("", |end| name[..end].trim_end_matches(':'));
    let parts = group.split(['/', ':']).filter(|part| !part.is_empty());
    std::iter::once("nevernone").chain(parts).collect::<Vec<_>>().join(".")
}

fn seconds(seconds: f64) -> String {
    format!("{seconds:.3}")
}

#[cfg(test)]
mod tests {
    use super::class;

    #[test]
    fn a_scenario_is_filed_under_its_group() {
        for (name, filed) in [
            ("cold-start", "nevernone"),
            ("legacy/none-wired", "nevernone.legacy"),
            ("startup::cold::no_request", "nevernone.startup.cold"),
        ] {
            assert_eq!(class(name), filed);
        }
    }
}
