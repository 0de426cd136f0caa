//! What one line of a log says, in whichever form it comes.

use std::borrow::Cow;

use serde_json::Value;
use tracing::Level;

use crate::log::{Entry, TABLE};

/// One thing that was logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// How loud, if the line says so.
    pub(super) level: Option<Level>,
    pub(super) message: String,
    /// The row of the table that it is an instance of, with its values.
    pub(super) row: Option<Row>,
}

/// A row of the table as one line has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) event: &'static str,
    template: &'static str,
    values: Vec<(&'static str, String)>,
}

impl Row {
    /// The text of a value; empty where the row has none of that name.
    pub(super) fn value(&self, name: &str) -> &str {
        self.values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }

    pub(super) fn number(&self, name: &str) -> u64 {
        self.value(name).parse().unwrap_or_default()
    }

    /// Which layer speaks, of the rows of which several do.
    pub(super) fn layer(&self) -> &str {
        match self.value("layer") {
            "" if self.template.starts_with("bridge ") => "bridge",
            "" => "startup",
            layer => layer,
        }
    }

    fn of(entry: &Entry, text: &str) -> Option<Self> {
        let values = entry.values(text)?;
        let values = values.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
        Some(Row { event: entry.event, template: entry.template, values })
    }
}

/// Why a line says nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unreadable {
    #[error("ends in the middle of its JSON: the log was cut off there, get the rest of it")]
    CutOff,
    #[error("is no JSON although it begins as such ({0}): it was damaged on its way")]
    Damaged(String),
    #[error(
        "has the event `{0}` and another message than the table has for it: it was changed, or is of another version"
    )]
    Strange(String),
    #[error("is not UTF-8: it was damaged on its way")]
    NotText,
    #[error("is longer than {} KiB, as no line of the platform is: check that it is the right log", LONGEST >> 10)]
    TooLong,
}

/// In bytes. What is longer is not kept in memory.
pub(super) const LONGEST: usize = 1 << 20;

/// `None` for an empty line.
pub(super) fn read(bytes: &[u8]) -> Result<Option<Line>, Unreadable> {
    let text = std::str::from_utf8(bytes).map_err(|_| Unreadable::NotText)?.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if !text.starts_with('{') {
        return Ok(Some(plain(text)));
    }
    match serde_json::from_str(text) {
        Ok(value) => entry(&value).map(Some),
        Err(error) if error.is_eof() => Err(Unreadable::CutOff),
        Err(error) => Err(Unreadable::Damaged(error.to_string())),
    }
}

/// One JSON object: the platform's own, or an entry of Cloud Logging around one or around a text.
pub(super) fn entry(value: &Value) -> Result<Line, Unreadable> {
    let level = ["severity", "level"].iter().find_map(|name| value[name].as_str()).and_then(level);
    if let Some(text) = value["textPayload"].as_str() {
        let inner = read(text.as_bytes())?.unwrap_or(Line { level: None, message: String::new(), row: None });
        return Ok(Line { level: level.or(inner.level), ..inner });
    }
    if value["jsonPayload"].is_object() {
        let inner = entry(&value["jsonPayload"])?;
        return Ok(Line { level: level.or(inner.level), ..inner });
    }
    let message = value["message"].as_str().unwrap_or_default();
    let Some(event) = value["event"].as_str() else {
        return Ok(Line { level, ..plain(message) });
    };
    let mut rows = TABLE.iter().filter(|row| row.event == event).peekable();
    let ours = rows.peek().is_some();
    let row = rows.find_map(|row| Row::of(row, message));
    if ours && row.is_none() {
        return Err(Unreadable::Strange(event.to_owned()));
    }
    Ok(Line { level, message: message.to_owned(), row })
}

/// A line of text with anything before its message.
fn plain(text: &str) -> Line {
    let text = without_colours(text);
    let row = beginnings(&text).find_map(|start| TABLE.iter().find_map(|row| Row::of(row, &text[start..])));
    let level = text.split(|sign: char| !sign.is_ascii_alphabetic()).find_map(level);
    Line { level, row, message: text.into_owned() }
}

/// Where a message may begin: at the start, and after each blank.
fn beginnings(text: &str) -> impl Iterator<Item = usize> {
    std::iter::once(0).chain(text.match_indices([' ', '\t']).map(|(place, blank)| place + blank.len()))
}

/// As whoever logs writes it: only in capitals, or a word of the message would be one.
fn level(word: &str) -> Option<Level> {
    Some(match word {
        "TRACE" => Level::TRACE,
        "DEBUG" => Level::DEBUG,
        "INFO" | "NOTICE" | "DEFAULT" => Level::INFO,
        "WARN" | "WARNING" => Level::WARN,
        "ERROR" | "CRITICAL" | "ALERT" | "EMERGENCY" => Level::ERROR,
        _ => return None,
    })
}

/// Without the escape sequences that colour a terminal.
fn without_colours(text: &str) -> Cow<'_, str> {
    if !text.contains('\u{1b}') {
        return Cow::Borrowed(text);
    }
    let mut pieces = text.split("\u{1b}[");
    let first = pieces.next().unwrap_or_default().to_owned();
    Cow::Owned(pieces.fold(first, |mut whole, piece| {
        whole.push_str(piece.split_once('m').map_or(piece, |(_, rest)| rest));
        whole
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> (Option<Level>, Option<Row>) {
        let line = read(text.as_bytes()).unwrap().unwrap();
        (line.level, line.row)
    }

    #[test]
    fn a_line_of_somebody_else_has_its_own_level() {
        let line = read(br#"{"level":"ERROR","message":"no route, INFO desk closed"}"#).unwrap().unwrap();
        assert_eq!((line.level, line.row), (Some(Level::ERROR), None));
    }

    #[test]
    fn one_line_reads_alike_in_every_form() {
        let message = "WebSocketManager validated on attempt 2";
        let forms = [
            format!(r#"{{"level":"INFO","message":"{message}","event":"attempt.ok","attempt":"2"}}"#),
            format!("2026-11-23T10:00:00Z  INFO nevernone_reference::log: {message} event=\"attempt.ok\" attempt=2"),
            format!("\u{1b}[2m10:00\u{1b}[0m \u{1b}[32m INFO\u{1b}[0m log: {message}"),
            format!("2026-11-23 10:00:00,000 - startup - INFO - {message}"),
            format!(r#"{{"severity":"INFO","textPayload":"{message}","insertId":"x"}}"#),
            format!(r#"{{"severity":"INFO","jsonPayload":{{"message":"{message}","event":"attempt.ok"}}}}"#),
            format!(r#"{{"severity":"INFO","jsonPayload":{{"message":"{message}"}}}}"#),
        ];
        for form in forms {
            let (level, row) = row(&form);
            let row = row.unwrap_or_else(|| panic!("{form}"));
            assert_eq!((level, row.event, row.number("attempt")), (Some(Level::INFO), "attempt.ok", 2), "{form}");
        }
    }

    #[test]
    fn every_name_of_a_level_is_known_in_capitals_and_coloured() {
        for (name, known) in [
            ("TRACE", Level::TRACE),
            ("DEBUG", Level::DEBUG),
            ("NOTICE", Level::INFO),
            ("WARNING", Level::WARN),
            ("CRITICAL", Level::ERROR),
        ] {
            assert_eq!(row(&format!("10:00 {name} something")).0, Some(known));
            assert_eq!(row(&format!("10:00 \u{1b}[32m{name}\u{1b}[0m something")).0, Some(known), "coloured");
            assert_eq!(row(&format!("10:00 {} something", name.to_lowercase())).0, None);
        }
    }

    #[test]
    fn a_plain_line_of_a_layer_is_found_behind_its_target() {
        let (_, row) = row("WARN nevernone_reference::log: bridge: no luck on attempt 1 of 3, next in 50 ms");
        let row = row.unwrap();
        assert_eq!((row.event, row.value("layer"), row.value("cause")), ("attempt.failed", "bridge", "no luck"));
    }

    #[test]
    fn every_reason_has_its_text() {
        insta::assert_snapshot!(texts_of!(Unreadable {
            Unreadable::CutOff => Unreadable::CutOff,
            Unreadable::Damaged(_) => Unreadable::Damaged("expected value at line 1 column 1".to_owned()),
            Unreadable::Strange(_) => Unreadable::Strange("attempt.ok".to_owned()),
            Unreadable::NotText => Unreadable::NotText,
            Unreadable::TooLong => Unreadable::TooLong,
        }), @r"
        Unreadable::CutOff: ends in the middle of its JSON: the log was cut off there, get the rest of it
        Unreadable::Damaged(_): is no JSON although it begins as such (expected value at line 1 column 1): it was damaged on its way
        Unreadable::Strange(_): has the event `attempt.ok` and another message than the table has for it: it was changed, or is of another version
        Unreadable::NotText: is not UTF-8: it was damaged on its way
        Unreadable::TooLong: is longer than 1024 KiB, as no line of the platform is: check that it is the right log
        ");
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let why = |text: &[u8]| read(text).unwrap_err();
        assert_eq!(why(br#"{"level":"INFO","mess"#), Unreadable::CutOff);
        assert!(matches!(why(br#"{"level": INFO}"#), Unreadable::Damaged(_)));
        assert_eq!(why(&[b'{', 0xff]), Unreadable::NotText);
        let strange = br#"{"event":"attempt.ok","message":"WebSocketManager validated on a Monday"}"#;
        assert_eq!(why(strange), Unreadable::Strange("attempt.ok".to_owned()));
    }

    #[test]
    fn foreign_lines_are_nobodys_rows() {
        assert_eq!(row("hello"), (None, None));
        assert_eq!(row(r#"{"level":"WARN","event":"theirs","message":"hello"}"#), (Some(Level::WARN), None));
        assert_eq!(read(b"  \r"), Ok(None));
    }
}
