//! The forms in which logs come.

use serde_json::{Value, json};

use super::history::{History, Line};

/// A form in which somebody else writes what the service logged.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    Plain,
    Coloured,
    Foreign,
    Cloud,
    CloudArray,
}

impl Form {
    pub(super) fn of(byte: u8) -> Self {
        let all = [Form::Plain, Form::Coloured, Form::Foreign, Form::Cloud, Form::CloudArray];
        all[usize::from(byte) % all.len()]
    }
}

impl History {
    /// As the service writes it.
    pub(super) fn as_json(&self) -> Vec<u8> {
        lines(self.lines.iter().map(|line| Value::Object(own(line)).to_string()))
    }

    pub(super) fn written(&self, form: Form) -> Vec<u8> {
        let entries = || self.lines.iter().enumerate().map(|(number, line)| cloud(number, line));
        match form {
            Form::Plain => lines(self.lines.iter().map(plain)),
            Form::Coloured => lines(self.lines.iter().map(coloured)),
            Form::Foreign => lines(self.lines.iter().map(foreign)),
            Form::Cloud => lines(entries().map(|entry| entry.to_string())),
            // An empty array proves nothing, as an empty log does.
            Form::CloudArray => {
                serde_json::to_vec_pretty(&entries().collect::<Vec<_>>()).expect("values can be written")
            }
        }
    }
}

fn lines(lines: impl Iterator<Item = String>) -> Vec<u8> {
    lines.flat_map(|line| [line.into_bytes(), b"\n".to_vec()]).flatten().collect()
}

fn own(line: &Line) -> serde_json::Map<String, Value> {
    let mut fields = serde_json::Map::new();
    fields.insert("timestamp".to_owned(), json!("2026-11-23T10:00:00.000000Z"));
    fields.insert("level".to_owned(), json!(line.entry.level.as_str()));
    fields.insert("message".to_owned(), json!(line.message()));
    fields.insert("event".to_owned(), json!(line.entry.event));
    for (name, value) in &line.values {
        fields.insert((*name).to_owned(), json!(value));
    }
    fields
}

/// As tracing's plain format has it, the fields behind the message.
fn plain(line: &Line) -> String {
    let level = line.entry.level;
    let fields: Vec<String> = line.values.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let fields = fields.join(" ");
    let (message, event) = (line.message(), line.entry.event);
    format!("2026-11-23T10:00:00.000000Z {level:>5} nevernone_reference::log: {message} event=\"{event}\" {fields}")
}

fn coloured(line: &Line) -> String {
    let (level, message) = (line.entry.level, line.message());
    format!("\u{1b}[2m10:00:00\u{1b}[0m \u{1b}[32m{level:>5}\u{1b}[0m \u{1b}[2mlog\u{1b}[0m: {message}")
}

fn foreign(line: &Line) -> String {
    format!("2026-11-23 10:00:00,000 - startup - {} - {}", line.entry.level, line.message())
}

/// One in two as text.
fn cloud(number: usize, line: &Line) -> Value {
    let severity = line.entry.level.as_str().replace("WARN", "WARNING");
    let mut entry = json!({"insertId": number.to_string(), "severity": severity});
    if number.is_multiple_of(2) {
        entry["jsonPayload"] = Value::Object(own(line));
    } else {
        entry["textPayload"] = json!(line.message());
    }
    entry
}
