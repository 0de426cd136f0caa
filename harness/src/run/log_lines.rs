//! What the code under test logs, as text. One `tracing` dispatch per thread, for as long as the thread lives: making
//! one visits every callsite of the process under a lock. Its buffer is cleared per run and never given back.

use std::cell::RefCell;
use std::fmt::{self, Write as _};

use tracing_core::dispatcher::{DefaultGuard, Dispatch, set_default};
use tracing_core::field::{Field, Visit};
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::subscriber::{Interest, Subscriber};
use tracing_core::{Event, Level, Metadata};

use super::context::try_with;

thread_local! {
    static DISPATCH: Dispatch = Dispatch::new(Capture);
    static LINES: RefCell<Lines> = RefCell::default();
}

#[derive(Default)]
struct Lines {
    /// The scenario asked for them.
    kept: bool,
    /// The run is told step by step, so what people would read in their logs is told too.
    told: bool,
    text: String,
    /// Where each line ends in `text`.
    ends: Vec<usize>,
    /// Fields that stand before the message; empty between two lines.
    fields: String,
}

/// Takes this thread's log lines until the guard is dropped: the run's, in place of any other subscriber's.
pub(super) fn enter(told: bool) -> DefaultGuard {
    LINES.with_borrow_mut(|lines| {
        lines.kept = false;
        lines.told = told;
        lines.text.clear();
        lines.ends.clear();
    });
    DISPATCH.with(set_default)
}

/// From here on the run's lines are kept.
pub(crate) fn keep() {
    LINES.with_borrow_mut(|lines| lines.kept = true);
}

/// How many were kept so far.
pub(crate) fn count() -> usize {
    LINES.with_borrow(|lines| lines.ends.len())
}

/// The first line from the `from`th on, counted from 0, that `wanted` says yes to.
pub(crate) fn find(from: usize, mut wanted: impl FnMut(&str) -> bool) -> Option<String> {
    LINES.with_borrow(|lines| {
        let mut start = from.checked_sub(1).map_or(0, |last| lines.ends[last]);
        for &end in &lines.ends[from..] {
            let line = &lines.text[start..end];
            if wanted(line) {
                return Some(line.to_owned());
            }
            start = end;
        }
        None
    })
}

struct Capture;

/// What people run their services with.
const TOLD: Level = Level::INFO;

impl Subscriber for Capture {
    /// Asked anew at every event: the answer is cached for the whole process, and is another one for every thread and
    /// every run.
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && LINES.with_borrow(|lines| lines.kept || (lines.told && *metadata.level() <= TOLD))
    }

    fn event(&self, event: &Event<'_>) {
        // The buffers are out of the way while values print themselves: that is the user's code.
        let (mut text, fields) =
            LINES.with_borrow_mut(|lines| (std::mem::take(&mut lines.text), std::mem::take(&mut lines.fields)));
        let start = text.len();
        let metadata = event.metadata();
        let _ = write!(text, "{} {}:", metadata.level(), metadata.target());
        let mut line = Line { text, fields };
        event.record(&mut line);
        let Line { mut text, mut fields } = line;
        text.push_str(&fields);
        fields.clear();
        let told = LINES.with_borrow(|lines| lines.told && *metadata.level() <= TOLD);
        if told {
            // Nobody hears it where the state is in use, which it never is while the code under test runs.
            let _ = try_with(|state| state.note(|| format!("logs {}", &text[start..])));
        }
        LINES.with_borrow_mut(|lines| {
            if lines.kept {
                lines.ends.push(text.len());
            } else {
                text.truncate(start);
            }
            lines.text = text;
            lines.fields = fields;
        });
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// A line being written: the message first, wherever it stands among the fields.
struct Line {
    text: String,
    fields: String,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = match field.name() {
            "message" => write!(self.text, " {value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}
