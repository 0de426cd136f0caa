//! The log as a test reads it: the rows of the table, in order, without what surrounds them.

use std::{
    fmt::{self, Write as _},
    sync::{Arc, Mutex},
};

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// A subscriber that keeps the table's rows, and nothing else.
#[derive(Clone, Default)]
pub(crate) struct Rows(Arc<Mutex<Vec<String>>>);

impl Rows {
    /// The rows so far, in the order in which they were told: level, event, message.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

#[derive(Default)]
struct Row {
    event: Option<String>,
    message: String,
}

impl Visit for Row {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "event" {
            self.event = Some(value.to_owned());
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            write!(self.message, "{value:?}").unwrap();
        }
    }
}

impl Subscriber for Rows {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut row = Row::default();
        event.record(&mut row);
        if let Some(name) = row.event {
            self.0.lock().unwrap().push(format!("{} {name}: {}", event.metadata().level(), row.message));
        }
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}
