//! Goes through logs line by line and remembers what is still open.

use std::io::{self, BufRead};
use std::sync::Arc;

use tracing::Level;

use super::line::{Line, Row, Unreadable};
use super::report::{Item, Place, Report, Weight};
use super::runs::Runs;
use super::source::each_line;
use crate::event::EventKind;

/// Words for what took too long, in lines that are warnings or worse.
const TIMEOUTS: &[&str] = &["timed out", "timeout", "took longer than", "deadline"];

/// The same in lines that do not say how loud they are: settings speak of timeouts too, and a trace's last line of one.
const CERTAIN_TIMEOUTS: &[&str] = &["timed out", "timeouterror"];

/// The checklist: give it the logs in their order, then finish it.
#[derive(Debug, Default)]
pub struct Checklist {
    report: Report,
    sources: usize,
    startup: Layer,
    bridge: Layer,
    /// Failed creations that no success followed yet.
    creations: Vec<(Place, String)>,
    degraded: Option<(Place, String)>,
    runs: Runs,
}

/// A layer's failed attempts that no success followed yet.
#[derive(Debug, Default)]
struct Layer {
    open: Vec<(Place, String)>,
}

impl Checklist {
    /// Reads a log to its end. `name` is what findings call it.
    ///
    /// # Errors
    /// Where the reader fails; what was read before counts. A line that cannot be read is a finding and no error.
    pub fn read(&mut self, name: &str, reader: impl BufRead) -> io::Result<()> {
        let (source, order) = (Arc::<str>::from(name), self.sources);
        self.sources += 1;
        each_line(reader, |number, line| {
            let place = Place { order, number, source: Arc::clone(&source) };
            match line {
                Ok(line) => self.take(&place, &line),
                Err(why) => self.take_unreadable(&place, &why),
            }
        })
    }

    /// What the logs came to; whatever is open now stays open.
    pub fn finish(mut self) -> Report {
        for (layer, name) in [(&mut self.startup, "startup"), (&mut self.bridge, "bridge")] {
            if let Some((place, message)) = layer.open.pop() {
                let text = format!("{place}: the {name} has neither succeeded nor given up since: {message}");
                self.report.find(Item::MadeGood, Weight::Failure, text);
            }
        }
        for (place, message) in std::mem::take(&mut self.creations) {
            self.fail(Item::MadeGood, &place, &message);
        }
        if let Some((place, message)) = self.degraded.take() {
            self.fail(Item::Active, &place, &message);
        }
        self.finish_runs();
        self.finish_shown();
        self.report
    }

    fn take(&mut self, place: &Place, line: &Line) {
        self.report.count(line.row.is_some());
        let message = line.message.to_lowercase();
        if message.contains("manager set to none") {
            let advice = "look for a second object graph that is built without a manager; no retry repairs it";
            self.fail(Item::NeverNone, place, &format!("{} ({advice})", line.message));
        }
        let timeouts = match line.level {
            None => CERTAIN_TIMEOUTS,
            // The louder level is the lesser one.
            Some(level) if level <= Level::WARN => TIMEOUTS,
            Some(_) => &[],
        };
        if timeouts.iter().any(|words| message.contains(words)) {
            self.fail(Item::InTime, place, &line.message);
        }
        if let Some(row) = &line.row {
            self.take_row(place, row, &line.message);
        }
    }

    fn take_unreadable(&mut self, place: &Place, why: &Unreadable) {
        self.report.count(false);
        self.report.find(Item::Readable, Weight::NotShown, format!("{place}: the line {why}"));
    }

    fn take_row(&mut self, place: &Place, row: &Row, message: &str) {
        let open = || (place.clone(), message.to_owned());
        match row.event {
            "manager.created" => self.creations.clear(),
            "manager.create_failed" => self.creations.push(open()),
            "attempt.ok" => self.succeed(place, row, message),
            "attempt.nothing" | "attempt.incomplete" | "attempt.failed" => self.layer(row).open.push(open()),
            "startup.failed" | "bridge.failed" => self.give_up(place, row, message),
            "registry.refused" => self.fail(Item::Wired, place, message),
            "registry.wired" => {
                let whole = row.number("wired") == row.number("total") && row.number("total") > 0;
                let weight = if whole { Weight::Good } else { Weight::Failure };
                self.report.find(Item::Wired, weight, format!("{place}: {message}"));
            }
            "bridge.degraded" => self.degraded = Some(open()),
            "bridge.recovered" => {
                if let Some((since, why)) = self.degraded.take() {
                    let text = format!("{since}: {why}; recovered at {place}");
                    self.report.find(Item::Active, Weight::Warning, text);
                }
            }
            "run.accepted" => self.runs.accept(row.value("run"), place.clone()),
            "run.ended" => self.end_run(place, row, message),
            "event.lost" => {
                let kinds = [EventKind::AgentCompleted, EventKind::AgentError];
                let is_end = kinds.iter().any(|kind| kind.name() == row.value("kind"));
                let weight = if is_end { Weight::Failure } else { Weight::Warning };
                self.report.find(Item::Reached, weight, format!("{place}: {message}"));
            }
            _ => {}
        }
    }

    fn end_run(&mut self, place: &Place, row: &Row, message: &str) {
        if self.runs.end(row.value("run")) {
            let why = "it ended twice, or two processes that each have a run of that name share this log";
            self.report.find(Item::Ended, Weight::Warning, format!("{place}: {message} once more: {why}"));
        }
    }

    /// An attempt of a layer succeeded: what failed before it was made good.
    fn succeed(&mut self, place: &Place, row: &Row, message: &str) {
        self.creations.clear();
        let failed = std::mem::take(&mut self.layer(row).open);
        if let Some((first, why)) = failed.first() {
            let text = format!("{first}: {why}; {message} at {place}");
            self.report.find(Item::MadeGood, Weight::Warning, text);
        }
        if row.layer() == "startup" {
            self.report.find(Item::Created, Weight::Good, format!("{place}: {message}"));
        }
    }

    /// A layer gave up, and says why: its attempts and their creations are told by that.
    fn give_up(&mut self, place: &Place, row: &Row, message: &str) {
        self.layer(row).open.clear();
        self.creations.clear();
        self.fail(Item::MadeGood, place, message);
    }

    fn layer(&mut self, row: &Row) -> &mut Layer {
        if row.layer() == "bridge" { &mut self.bridge } else { &mut self.startup }
    }

    fn fail(&mut self, item: Item, place: &Place, message: &str) {
        self.report.find(item, Weight::Failure, format!("{place}: {message}"));
    }

    fn finish_runs(&mut self) {
        let runs = std::mem::take(&mut self.runs);
        match runs.accepted() {
            0 => self.report.find(Item::Ended, Weight::Good, "no run is in the log".to_owned()),
            count => self.report.find(Item::Ended, Weight::Good, format!("{count} accepted")),
        }
        for (place, run) in runs.left() {
            let text = format!("run {run} was accepted, and neither agent_completed nor agent_error is in the log");
            self.fail(Item::Ended, &place, &text);
        }
    }

    /// What a good log shows and this one does not.
    fn finish_shown(&mut self) {
        for item in [Item::Created, Item::Wired] {
            if !self.report.is_shown(item) {
                let advice = "the log does not tell; give it from the start of the process, at level INFO and above";
                self.report.find(item, Weight::NotShown, advice.to_owned());
            }
        }
    }
}
