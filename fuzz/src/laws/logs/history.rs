//! A history of the platform: lines of its table, with values from an input's bytes.

use nevernone_reference::log::{Entry, TABLE};
use nevernone_reference::verify_logs::Verdict;

use super::super::Material;

pub(super) struct History {
    pub(super) lines: Vec<Line>,
}

/// One line of the table.
pub(super) struct Line {
    pub(super) entry: &'static Entry,
    pub(super) values: Vec<(&'static str, String)>,
}

/// More would only be slow.
const MOST: usize = 16;

/// Such that no text of the table can be read into them: plain text cannot tell a message from a value that looks like one.
const CAUSES: &[&str] =
    &["no memory", "no file descriptors left", "it was cancelled", "the factory panicked", "é\"\\x"];

impl History {
    pub(super) fn of(mut material: Material<'_>) -> Self {
        let mut lines = Vec::new();
        while !material.is_empty() && lines.len() < MOST {
            let entry = &TABLE[usize::from(material.byte()) % TABLE.len()];
            let value = |name| (name, value(name, &mut material));
            lines.push(Line { entry, values: names(entry).map(value).collect() });
        }
        History { lines }
    }

    /// The verdict, where it is plain.
    pub(super) fn foretold(&self) -> Option<Verdict> {
        let has = |event: &str| self.lines.iter().any(|line| line.entry.event == event);
        let fatal = ["bridge.failed", "startup.failed", "registry.refused"].into_iter().any(has);
        if fatal || self.has_open_run() || self.lines.iter().any(Line::is_failure) {
            return Some(Verdict::Failed);
        }
        let good = ["manager.created", "attempt.ok", "registry.wired", "run.accepted", "run.ended", "server.listening"];
        let all_good = self.lines.iter().all(|line| good.contains(&line.entry.event));
        let started = self.lines.iter().any(|line| line.entry.template.starts_with("WebSocketManager validated"));
        (all_good && started && has("registry.wired")).then_some(Verdict::Passed)
    }

    /// Whether a run's end is missing: of a process that starts anew the names come again, and each wants its own end.
    fn has_open_run(&self) -> bool {
        let runs = self.lines.iter().filter(|line| line.entry.event == "run.accepted").map(|line| line.value("run"));
        runs.into_iter().any(|run| {
            let open = self.lines.iter().filter(|line| line.value("run") == run).fold(0_u32, |open, line| {
                match line.entry.event {
                    "run.accepted" => open + 1,
                    "run.ended" => open.saturating_sub(1),
                    _ => open,
                }
            });
            open > 0
        })
    }
}

impl Line {
    pub(super) fn value(&self, name: &str) -> &str {
        self.values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }

    pub(super) fn message(&self) -> String {
        let with = |message: String, (name, value): &(&str, String)| message.replacen(&format!("{{{name}}}"), value, 1);
        self.values.iter().fold(self.entry.template.to_owned(), with)
    }

    /// Whether it fails a log by itself, whatever else is there.
    fn is_failure(&self) -> bool {
        match self.entry.event {
            "registry.wired" => self.value("wired") != self.value("total") || self.value("total") == "0",
            "event.lost" => ["agent_completed", "agent_error"].contains(&self.value("kind")),
            _ => false,
        }
    }
}

/// The names of a template's values.
fn names(entry: &'static Entry) -> impl Iterator<Item = &'static str> {
    entry.template.split(['{', '}']).skip(1).step_by(2)
}

fn value(name: &str, material: &mut Material<'_>) -> String {
    match name {
        "layer" => material.one_of(&["startup", "bridge"]).to_owned(),
        "run" => format!("run-{}", material.byte() % 4),
        "kind" | "terminal" => material.one_of(&["agent_completed", "agent_error", "agent_thinking"]).to_owned(),
        "attempt" | "of" | "wired" | "total" | "told" | "lost" | "limit" | "next" => (material.byte() % 10).to_string(),
        _ => material.one_of(CAUSES).to_owned(),
    }
}
