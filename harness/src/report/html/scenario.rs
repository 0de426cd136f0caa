//! A scenario's section: what was searched, what it came to, what happened on the way.

use std::fmt::Display;

use super::{badge, failure, head_row, words};
use crate::report::markup::Markup;
use crate::report::{ScenarioReport, terminal};

/// The section with this id.
pub(super) fn section(page: &mut Markup, id: &str, scenario: &ScenarioReport) {
    let (title, class) = (format!("{id}-title"), if scenario.ok { "scenario" } else { "scenario wrong" });
    page.element("section", &[("id", id), ("class", class), ("aria-labelledby", &title)], |page| {
        page.line();
        page.element("h2", &[("id", &title)], |page| {
            page.leaf("span", &[("class", "name")], &scenario.name);
            page.text(" ");
            badge(page, scenario);
        });
        page.leaf("p", &[], words::verdict(scenario));
        remarks(page, scenario);
        if let Some(found) = &scenario.failure {
            failure::block(page, id, found);
        }
        facts(page, scenario);
        page.element("div", &[("class", "tallies")], |page| tallies(page, scenario));
    });
    page.line();
}

/// Why it is not complete, what to do, and what else is worth a look.
fn remarks(page: &mut Markup, scenario: &ScenarioReport) {
    let lists: [(&str, &str, Vec<&String>); 4] = [
        ("Uncontrolled: no choice explains this", "warning", scenario.uncontrolled.iter().collect()),
        ("Stopped early", "warning", scenario.cut_short.iter().collect()),
        ("What to do", "note", scenario.advice.iter().collect()),
        ("Notes", "note", scenario.notes.iter().collect()),
    ];
    for (title, class, remarks) in lists {
        if remarks.is_empty() {
            continue;
        }
        page.element("div", &[("class", class)], |page| {
            page.leaf("h3", &[], title);
            page.element("ul", &[], |page| remarks.into_iter().for_each(|remark| page.leaf("li", &[], remark)));
        });
        page.line();
    }
}

fn facts(page: &mut Markup, scenario: &ScenarioReport) {
    page.element("dl", &[("class", "facts")], |page| {
        let steps = words::steps(scenario.bounds.steps.into());
        fact(page, "bounds", format_args!("{}; at most {steps} in a run", words::bounds(scenario)));
        let seed = scenario.seed.map(|seed| format!(", seed {seed}")).unwrap_or_default();
        fact(page, "explorer", format_args!("{}{seed}", scenario.explorer));
        fact(page, "runs", format_args!("{} distinct", words::grouped(scenario.runs)));
        let (executions, steps) = (words::grouped(scenario.executions), words::steps(scenario.steps));
        fact(page, "executions", format_args!("{executions}, {steps} in all"));
        if let Some(estimate) = scenario.estimate {
            fact(page, "estimate", format_args!("about {} runs", words::about(estimate)));
        }
        if let Some(cost) = scenario.complete_to_cost {
            fact(page, "complete", format_args!("up to cost {cost}"));
        }
        if let Some(lane) = terminal::lane(scenario) {
            fact(page, "lane", lane.trim_start_matches("lane: "));
        }
        if let Some(shard) = &scenario.shard {
            fact(page, "part", format_args!("{} of {}, {} units", shard.index, shard.of, scenario.units.len()));
        }
        fact(
            page,
            "time",
            format_args!("{:.2} s, {:.0} executions a second", scenario.seconds, scenario.runs_per_second),
        );
    });
    page.line();
}

fn fact(page: &mut Markup, name: &str, value: impl Display) {
    page.element("div", &[], |page| {
        page.leaf("dt", &[], name);
        page.leaf("dd", &[], value);
    });
}

/// Goals and faults, counted.
fn tallies(page: &mut Markup, scenario: &ScenarioReport) {
    let goals: Vec<_> = scenario.sometimes.iter().map(|goal| (goal.name.to_owned(), goal.hits)).collect();
    tally(page, "Sometimes: goals that some run must reach", ["goal", "runs"], &goals);
    let faults: Vec<_> =
        scenario.faults.iter().map(|fault| (format!("{} = {}", fault.name.0, fault.name.1), fault.fired)).collect();
    tally(page, "Faults that were declared", ["place and kind", "runs"], &faults);
    let described = |place: &String| scenario.faults.iter().any(|fault| fault.name.0 == *place);
    let others: Vec<&String> = scenario.places.iter().filter(|place| !described(place)).collect();
    if !others.is_empty() {
        page.element("div", &[], |page| {
            page.leaf("h3", &[], "Places that nobody described");
            page.element("ul", &[], |page| others.into_iter().for_each(|place| page.leaf("li", &[], place)));
        });
    }
}

fn tally(page: &mut Markup, title: &str, heads: [&str; 2], counted: &[(String, u64)]) {
    if counted.is_empty() {
        return;
    }
    page.element("table", &[("class", "tally")], |page| {
        page.leaf("caption", &[], title);
        head_row(page, &heads);
        page.element("tbody", &[], |page| {
            for (name, count) in counted {
                page.element("tr", &[("class", if *count == 0 { "never" } else { "some" })], |page| {
                    page.leaf("th", &[("scope", "row")], name);
                    match count {
                        0 => page.leaf("td", &[("class", "number")], "never"),
                        some => page.leaf("td", &[("class", "number")], words::grouped(*some)),
                    }
                });
            }
        });
    });
    page.line();
}
