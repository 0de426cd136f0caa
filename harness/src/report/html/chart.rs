//! The timeline of a failing run as a chart: a lane per task, virtual time downwards. It is a table, so that it can be read
//! aloud, copied and printed.

use super::failure::waits_for;
use super::lanes::{Lanes, Row};
use super::words;
use crate::report::markup::Markup;
use crate::report::timeline::{MarkedSteps, clock};
use crate::report::{CostlyChoice, FailureReport, Inevitable};
use crate::run::StuckTask;

/// Columns before the lanes: step, time, what was chosen.
const MARGIN: usize = 3;

/// From here on lanes are narrower.
const MANY_LANES: usize = 6;

/// From here on the chart scrolls in a frame of its own, so that the names of the lanes stay in sight.
const MANY_ROWS: usize = 40;

/// Draws the failing run of the scenario with this id.
pub(super) fn draw(page: &mut Markup, id: &str, failure: &FailureReport) {
    if failure.timeline.is_empty() {
        return;
    }
    let lanes = Lanes::of(&failure.timeline, &failure.stuck);
    let columns = (MARGIN + lanes.names.len().max(1)).to_string();
    let chart = Chart { id, failure, lanes, marks: MarkedSteps::of(&failure.explanation), columns };
    chart.draw(page);
    page.line();
}

/// A costly choice, by its kind.
pub(super) fn chip(page: &mut Markup, choice: &CostlyChoice) {
    let kind = words::one(choice.kind);
    page.leaf("span", &[("class", &format!("chip {kind}")), ("title", &choice.label)], kind);
}

struct Chart<'a> {
    id: &'a str,
    failure: &'a FailureReport,
    lanes: Lanes<'a>,
    marks: MarkedSteps,
    /// How many there are.
    columns: String,
}

impl Chart<'_> {
    fn draw(&self, page: &mut Markup) {
        let title = format!("{}-run", self.id);
        page.leaf("h3", &[("id", &title)], "The failing run: a lane per task, virtual time downwards");
        let tall = self.lanes.rows.len() >= MANY_ROWS;
        if tall {
            self.ways_in(page);
        }
        let wide = if self.lanes.names.len() >= MANY_LANES { " wide" } else { "" };
        let class = format!("frame{wide}{}", if tall { " tall" } else { "" });
        // Reachable by keyboard, because it scrolls.
        let frame = [("class", &*class), ("role", "region"), ("aria-labelledby", &title), ("tabindex", "0")];
        page.element("div", &frame, |page| {
            let lanes = format!("--lanes: {}", self.lanes.names.len());
            page.element("table", &[("class", "chart"), ("style", &lanes)], |page| {
                self.head(page);
                page.element("tbody", &[], |page| self.rows(page));
            });
        });
        let legend = self.marks.legend();
        if !legend.is_empty() {
            page.leaf("pre", &[("class", "legend")], legend.trim_end());
        }
    }

    /// Links into a long chart.
    fn ways_in(&self, page: &mut Markup) {
        page.element("p", &[("class", "aside")], |page| {
            if self.failure.explanation.inevitable.is_some() {
                page.leaf("a", &[("href", &format!("#{}-turn", self.id))], "from where nothing helps");
                page.text(" · ");
            }
            page.leaf("a", &[("href", &format!("#{}-end", self.id))], "the end");
        });
    }

    fn head(&self, page: &mut Markup) {
        page.element("thead", &[], |page| {
            page.element("tr", &[], |page| {
                for (class, title) in [("step", "step"), ("time", "time"), ("chosen", "choice")] {
                    page.leaf("th", &[("scope", "col"), ("class", class)], title);
                }
                for name in &self.lanes.names {
                    page.leaf("th", &[("scope", "col"), ("class", "task")], name);
                }
            });
        });
    }

    fn rows(&self, page: &mut Markup) {
        let mut inevitable = self.failure.explanation.inevitable;
        for (index, row) in self.lanes.rows.iter().enumerate() {
            if let Some(from) = inevitable.take_if(|from| from.step <= row.step) {
                self.turning_point(page, from);
            }
            self.row(page, index, row);
        }
        if let Some(from) = inevitable {
            self.turning_point(page, from);
        }
        if self.lanes.names.iter().any(|name| self.stuck(name).is_some()) {
            self.waiting(page);
        }
        self.across(page, "end", format_args!("fails: {}", self.failure.property));
        page.line();
    }

    fn row(&self, page: &mut Markup, index: usize, row: &Row<'_>) {
        let costs = self.failure.costs.iter();
        let chosen: Vec<_> = costs.filter(|choice| row.begins_step && choice.step == Some(row.step)).collect();
        let class = [
            ("costly", !chosen.is_empty()),
            ("outside", row.lane.is_none()),
            ("clock", row.lane.is_none() && row.actor == "clock"),
        ];
        let class: Vec<&str> = class.into_iter().filter(|(_, holds)| *holds).map(|(class, _)| class).collect();
        page.line();
        page.element("tr", &[("class", &class.join(" "))], |page| {
            self.margin(page, row, &chosen);
            if row.lane.is_some() {
                (0..self.lanes.names.len()).for_each(|lane| self.cell(page, index, lane));
                return;
            }
            let lanes = self.lanes.names.len().max(1).to_string();
            page.element("td", &[("class", "across"), ("colspan", &lanes)], |page| {
                page.leaf("span", &[("class", "actor")], row.actor);
                page.text(format_args!(" {}", row.what.join("; ")));
            });
        });
    }

    /// Step, time and what was chosen.
    fn margin(&self, page: &mut Markup, row: &Row<'_>, chosen: &[&CostlyChoice]) {
        let step = if row.begins_step { "step" } else { "step same" };
        page.element("th", &[("scope", "row"), ("class", step)], |page| {
            page.text(row.step);
            if let Some((mark, _)) = self.marks.mark(row.step).filter(|_| row.begins_step) {
                page.leaf("span", &[("class", "mark")], mark);
            }
        });
        page.leaf("td", &[("class", if row.begins_time { "time" } else { "time same" })], clock(row.at));
        page.element("td", &[("class", "chosen")], |page| chosen.iter().for_each(|choice| chip(page, choice)));
    }

    /// One cell of a lane: what its task did, or the line that says it is still there.
    fn cell(&self, page: &mut Markup, index: usize, lane: usize) {
        let row = &self.lanes.rows[index];
        let alive = self.lanes.spans[lane].contains(&index);
        page.element("td", &[("class", if alive { "lane alive" } else { "lane" })], |page| {
            if row.lane == Some(lane) {
                page.element("div", &[("class", "event")], |page| {
                    row.what.iter().for_each(|what| page.leaf("p", &[], what));
                });
            }
        });
    }

    /// From here on nothing helps.
    fn turning_point(&self, page: &mut Markup, from: Inevitable) {
        let certainty = from.certainty;
        self.across(page, "turn", format_args!("from here on every continuation fails ({certainty})"));
    }

    /// Who waits for ever, each in their lane.
    fn waiting(&self, page: &mut Markup) {
        page.line();
        page.element("tr", &[("class", "waiting")], |page| {
            page.leaf("th", &[("scope", "row"), ("colspan", &MARGIN.to_string())], "for ever");
            for name in &self.lanes.names {
                let Some(task) = self.stuck(name) else {
                    page.leaf("td", &[("class", "lane")], "");
                    continue;
                };
                page.element("td", &[("class", "lane stuck")], |page| {
                    page.element("div", &[("class", "event")], |page| waits(page, task));
                });
            }
        });
    }

    fn stuck(&self, name: &str) -> Option<&StuckTask> {
        self.failure.stuck.iter().find(|task| task.name == name)
    }

    /// A line across everything, which links lead to.
    fn across(&self, page: &mut Markup, class: &'static str, text: impl std::fmt::Display) {
        page.line();
        page.element("tr", &[("class", class), ("id", &format!("{}-{class}", self.id))], |page| {
            page.leaf("td", &[("colspan", &self.columns)], text);
        });
    }
}

fn waits(page: &mut Markup, task: &StuckTask) {
    page.leaf("p", &[], format_args!("waits since {} ms", task.since_ms));
    for place in &task.at {
        page.leaf("p", &[], format_args!("at {place}"));
    }
    if !waits_for(task).is_empty() {
        page.leaf("p", &[], format_args!("for {}", waits_for(task)));
    }
}
