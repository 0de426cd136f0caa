//! `report.html`: one file that needs no other, and no script to be read. Everything in it comes from the model, so that
//! it can be made from a `report.json` as well.
//!
//! `words.rs` says bounds and verdicts in sentences · `scenario.rs` a section each · `failure.rs` the failing run ·
//! `chart.rs` its timeline in lanes · `lanes.rs` where in the lanes everything stands

mod chart;
mod failure;
mod lanes;
mod scenario;
mod words;

use super::markup::Markup;
use super::{Report, ScenarioReport, terminal};
use crate::verdict::Verdict;

/// Nothing is loaded from anywhere, whatever a message may hold.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

/// The whole file.
pub(super) fn document(report: &Report) -> String {
    let mut page = Markup::new("<!DOCTYPE html>");
    page.element("html", &[("lang", "en")], |page| {
        page.line();
        page.element("head", &[], |page| head(page, report));
        page.line();
        page.element("body", &[], |page| {
            page.element("header", &[], |page| header(page, report));
            page.line();
            page.element("main", &[], |page| {
                summary(page, report);
                let numbered = report.scenarios.iter().enumerate();
                numbered.for_each(|(index, scenario)| scenario::section(page, &id(index), scenario));
            });
            page.line();
            page.element("script", &[], |page| page.source(include_str!("script.js")));
        });
        page.line();
    });
    page.finish()
}

fn head(page: &mut Markup, report: &Report) {
    page.line();
    page.void("meta", &[("charset", "utf-8")]);
    page.void("meta", &[("http-equiv", "Content-Security-Policy"), ("content", POLICY)]);
    page.void("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]);
    page.void("meta", &[("name", "color-scheme"), ("content", "light dark")]);
    page.leaf("title", &[], format_args!("nevernone: {}", words::outcome(report)));
    page.line();
    page.element("style", &[], |page| page.source(include_str!("style.css")));
    page.line();
}

/// The outcome, and before any verdict what a verdict means.
fn header(page: &mut Markup, report: &Report) {
    page.leaf("p", &[("class", "brand")], "nevernone");
    let outcome = if report.exit_code() == 0 { "good" } else { "bad" };
    page.leaf("h1", &[("class", outcome)], words::outcome(report));
    page.element("p", &[("class", "limits")], |page| {
        page.leaf("strong", &[], words::LIMIT);
        page.text(words::BLIND);
    });
    page.leaf("p", &[("class", "build")], words::build(&report.build));
    if !report.build.calibrated {
        page.leaf("p", &[("class", "warning")], words::NOT_CALIBRATED);
    }
}

fn summary(page: &mut Markup, report: &Report) {
    page.element("table", &[("class", "summary")], |page| {
        page.leaf("caption", &[], "Scenarios");
        head_row(page, &["scenario", "verdict", "runs", "within these bounds", "seconds"]);
        page.element("tbody", &[], |page| {
            for (index, scenario) in report.scenarios.iter().enumerate() {
                page.line();
                page.element("tr", &[], |page| summary_row(page, &id(index), scenario));
            }
        });
    });
    page.line();
}

fn summary_row(page: &mut Markup, id: &str, scenario: &ScenarioReport) {
    let link = format!("#{id}");
    page.element("th", &[("scope", "row")], |page| page.leaf("a", &[("href", &link)], &scenario.name));
    page.element("td", &[], |page| badge(page, scenario));
    page.leaf("td", &[("class", "number")], words::grouped(scenario.runs));
    page.leaf("td", &[], words::bounds(scenario));
    page.leaf("td", &[("class", "number")], format_args!("{:.2}", scenario.seconds));
}

fn head_row(page: &mut Markup, titles: &[&str]) {
    page.element("thead", &[], |page| {
        page.element("tr", &[], |page| titles.iter().for_each(|title| page.leaf("th", &[("scope", "col")], title)));
    });
}

/// The verdict, in colour and in words, and whether it is the right one.
fn badge(page: &mut Markup, scenario: &ScenarioReport) {
    let verdict = scenario.verdict.to_string();
    let class = format!("badge {verdict}{}", if scenario.ok { "" } else { " wrong" });
    let complete_shard = scenario.shard.as_ref().filter(|shard| shard.complete && scenario.ok);
    page.element("span", &[("class", &class)], |page| match complete_shard {
        Some(shard) => page.text(format_args!("shard {}/{} complete", shard.index, shard.of)),
        None => page.text(&verdict),
    });
    match (scenario.ok, scenario.expected) {
        (true, Verdict::Failed) => page.leaf("span", &[("class", "aside")], " as expected"),
        (true, _) => {}
        (false, _) => {
            page.leaf("span", &[("class", "aside")], format_args!(" expected {}", terminal::expectation(scenario)));
        }
    }
}

fn id(index: usize) -> String {
    format!("s{}", index + 1)
}
