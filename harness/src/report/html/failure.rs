//! A failing run: what did not hold and where, how to see it again, what it is made of.

use std::fmt::Write as _;

use super::{chart, head_row, words};
use crate::report::markup::Markup;
use crate::report::{CostlyChoice, Explanation, FailureReport, Inevitable, Others};
use crate::run::StuckTask;

/// Everything about one failure.
pub(super) fn block(page: &mut Markup, id: &str, failure: &FailureReport) {
    page.element("div", &[("class", "failure")], |page| {
        page.leaf("h3", &[("class", "property")], &failure.property);
        page.leaf("pre", &[("class", "message")], &failure.message);
        if let (Some(file), Some(line)) = (&failure.file, failure.line) {
            page.element("p", &[], |page| {
                page.text("at ");
                page.leaf("code", &[], format_args!("{file}:{line}"));
            });
        }
        page.leaf("p", &[], size(failure));
        costs(page, &failure.costs);
        replay(page, failure);
    });
    page.line();
    stuck(page, &failure.stuck);
    chart::draw(page, id, failure);
    draws(page, &failure.explanation);
}

/// How small the run is, and from where on nothing helps.
fn size(failure: &FailureReport) -> String {
    let (explanation, steps) = (&failure.explanation, words::steps(failure.steps.into()));
    let least = if explanation.least { "no smaller run fails" } else { "locally least" };
    let from = explanation.reduced_from;
    let from = from.map(|from| format!("; reduced from a run of cost {} with {} draws", from.cost, from.draws));
    let mut text = format!("Cost {}, {steps}; {least}{}.", failure.cost, from.unwrap_or_default());
    let _ = match explanation.inevitable {
        Some(Inevitable { step: 0, certainty }) => write!(text, " Every run within the bounds fails ({certainty})."),
        Some(Inevitable { step, certainty }) => {
            write!(text, " From step {step} on every continuation fails ({certainty}).")
        }
        None => Ok(()),
    };
    for property in &explanation.also_failed {
        let _ = write!(text, " In other runs `{property}` failed.");
    }
    text
}

fn costs(page: &mut Markup, costs: &[CostlyChoice]) {
    if costs.is_empty() {
        return;
    }
    page.element("ul", &[("class", "costs")], |page| {
        for choice in costs {
            page.element("li", &[], |page| {
                chart::chip(page, choice);
                if let Some(step) = choice.step {
                    page.text(format_args!(" in step {step}"));
                }
                if let Some((_, place)) = choice.label.split_once(':') {
                    page.text(" at ");
                    page.leaf("code", &[], place);
                }
            });
        }
    });
}

fn replay(page: &mut Markup, failure: &FailureReport) {
    let lines = [("Run it again", failure.replay.as_ref()), ("Its token", Some(&failure.token))];
    for (title, line) in lines {
        if let Some(line) = line {
            page.element("div", &[("class", "line")], |page| {
                page.leaf("span", &[("class", "title")], title);
                page.leaf("code", &[("class", "copy")], line);
            });
        }
    }
}

fn stuck(page: &mut Markup, tasks: &[StuckTask]) {
    if tasks.is_empty() {
        return;
    }
    page.element("table", &[("class", "stuck")], |page| {
        page.leaf("caption", &[], "Who waits for ever");
        head_row(page, &["task", "since", "where", "for what"]);
        page.element("tbody", &[], |page| {
            for task in tasks {
                page.element("tr", &[], |page| {
                    page.leaf("th", &[("scope", "row")], &task.name);
                    page.leaf("td", &[("class", "number")], format_args!("{} ms", task.since_ms));
                    page.element("td", &[], |page| page.leaf("code", &[], task.at.join(" and ")));
                    page.leaf("td", &[], waits_for(task));
                });
            }
        });
    });
    page.line();
}

/// What a task waits for, where nothing but its code's line is known too.
pub(super) fn waits_for(task: &StuckTask) -> String {
    if task.at.is_empty() && task.waits_for.is_empty() {
        return "nobody took its waker, so nothing can ever wake it".to_owned();
    }
    task.waits_for.join(" and ")
}

/// What every choice of the run could have changed.
fn draws(page: &mut Markup, explanation: &Explanation) {
    if explanation.draws.is_empty() {
        return;
    }
    page.element("details", &[], |page| {
        page.leaf("summary", &[], "What other choices would have changed");
        page.element("table", &[("class", "draws")], |page| {
            head_row(page, &["draw", "step", "what was asked", "any other answer"]);
            page.element("tbody", &[], |page| {
                for draw in &explanation.draws {
                    let known = draw.certainty.map(|certainty| format!(" ({certainty})")).unwrap_or_default();
                    let others = match draw.others {
                        Others::Fail => "fails as well, whatever follows",
                        Others::FailAlone => "fails as well, if what follows stays as it is",
                        Others::Matter => "may lead to a run that does not fail",
                    };
                    page.element("tr", &[], |page| {
                        page.leaf("td", &[("class", "number")], draw.draw);
                        page.leaf("td", &[("class", "number")], draw.step);
                        page.leaf("td", &[], &draw.label);
                        page.leaf("td", &[], format_args!("{others}{known}"));
                    });
                }
            });
        });
    });
    page.line();
}
