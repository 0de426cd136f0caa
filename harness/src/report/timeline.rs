//! A run's timeline as plain text: virtual time downwards, a lane per task where that is readable, else a line per event.

use std::fmt::Write as _;
use std::time::Duration;

use super::{Certainty, Explanation, Others};
use crate::run::TimelineEntry;

/// Characters in a line, where there are lanes.
const WIDTH: usize = 100;

/// Step, mark and time, with the spaces around them.
const MARGIN: usize = 19;

/// More lanes than that would be too narrow.
const LANES: usize = 4;

/// Lines for one event in a lane; a longer one, as of a log line, stands across all lanes.
const LINES: usize = 2;

/// Draws a timeline; `mark` marks steps, with a space where there is nothing to say.
pub(super) fn draw(entries: &[TimelineEntry], mark: impl Fn(u32) -> char + Copy) -> String {
    let mut lanes: Vec<&str> = Vec::new();
    for entry in entries.iter().filter(|entry| !entry.outside) {
        if !lanes.contains(&&*entry.actor) {
            lanes.push(&entry.actor);
        }
    }
    let width = lane_width(lanes.len());
    let readable = (2..=LANES).contains(&lanes.len()) && lanes.iter().all(|name| name.chars().count() <= width);
    if readable { in_lanes(entries, mark, &lanes) } else { in_lines(entries, mark) }
}

fn lane_width(lanes: usize) -> usize {
    // Two spaces between lanes.
    (WIDTH - MARGIN + 2) / lanes.max(1) - 2
}

fn in_lines(entries: &[TimelineEntry], mark: impl Fn(u32) -> char + Copy) -> String {
    let width = entries.iter().map(|entry| entry.actor.chars().count()).max().unwrap_or(0);
    entries.iter().fold("  step       time  who and what\n".to_owned(), |mut text, entry| {
        let _ = writeln!(text, "{}{:width$}  {}", margin(entry, mark), entry.actor, entry.what);
        text
    })
}

fn in_lanes(entries: &[TimelineEntry], mark: impl Fn(u32) -> char + Copy, lanes: &[&str]) -> String {
    let width = lane_width(lanes.len());
    let mut text = String::from("  step       time");
    for name in lanes {
        let _ = write!(text, "  {name:width$}");
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    for entry in entries {
        let told = wrapped(&entry.what, width);
        match lanes.iter().position(|name| *name == entry.actor) {
            Some(lane) if !entry.outside && told.len() <= LINES => {
                let mut margin = margin(entry, mark);
                for line in told {
                    let _ = writeln!(text, "{margin:MARGIN$}{:indent$}{line}", "", indent = lane * (width + 2));
                    margin.clear();
                }
            }
            _ => {
                let what: Vec<&str> = entry.what.split_whitespace().collect();
                let event = format!("-- {} {} ", entry.actor, what.join(" "));
                let line = format!("{}{event:-<rest$}", margin(entry, mark), rest = WIDTH - MARGIN);
                let _ = writeln!(text, "{}", line.trim_end());
            }
        }
    }
    text
}

fn margin(entry: &TimelineEntry, mark: impl Fn(u32) -> char + Copy) -> String {
    format!("  {:>4}{} {:>9}  ", entry.step, mark(entry.step), clock(entry.at))
}

/// A moment of a run.
pub(super) fn clock(at: Duration) -> String {
    format!("{} ms", at.as_millis())
}

/// A text in lines of at most that many characters.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(shortened(word, width)),
        }
    }
    lines
}

/// A text that fits, if need be by an ellipsis at its end.
fn shortened(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// Steps in which the answers do not matter.
pub(super) struct MarkedSteps {
    steps: Vec<(u32, Option<(Others, Certainty)>)>,
}

impl MarkedSteps {
    pub(super) fn of(explanation: &Explanation) -> Self {
        let mut steps: Vec<(u32, Option<(Others, Certainty)>)> = Vec::new();
        for draw in &explanation.draws {
            let known = draw.certainty.map(|certainty| (draw.others, certainty));
            match steps.last_mut().filter(|(step, _)| *step == draw.step) {
                Some((_, so_far)) => *so_far = so_far.zip(known).map(|(one, other)| both(one, other)),
                None => steps.push((draw.step, known)),
            }
        }
        MarkedSteps { steps }
    }

    /// A step's mark, and how it is known.
    pub(super) fn mark(&self, step: u32) -> Option<(char, Certainty)> {
        let (_, known) = self.steps.iter().find(|(marked, _)| *marked == step)?;
        match (*known)? {
            (Others::Fail, certainty) => Some(('*', certainty)),
            (Others::FailAlone, certainty) => Some(('~', certainty)),
            (Others::Matter, _) => None,
        }
    }

    /// What the marks mean, as far as there are any.
    pub(super) fn legend(&self) -> String {
        let meanings = [
            ('*', "whatever is chosen here and later, the run fails"),
            ('~', "whatever is chosen here, the run fails if the rest stays as it is"),
        ];
        let mut text = String::new();
        for (mark, meaning) in meanings {
            let marked = self.steps.iter().filter_map(|(step, _)| self.mark(*step));
            let certainties = marked.filter(|(theirs, _)| *theirs == mark).map(|(_, certainty)| certainty);
            if let Some(certainty) = certainties.reduce(Certainty::and) {
                let _ = writeln!(text, "  {mark} {meaning} ({certainty})");
            }
        }
        text
    }
}

/// What holds of two draws of one step.
fn both(one: (Others, Certainty), other: (Others, Certainty)) -> (Others, Certainty) {
    let weaker = if one.0 == Others::Fail { other.0 } else { one.0 };
    (weaker, one.1.and(other.1))
}
