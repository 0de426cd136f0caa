//! The one table of what operators read: event name, level and message of every line.
//!
//! The functions below are the only way in which anything is logged, so that the table cannot drift from the code, and
//! whoever reads logs (a checklist after a deployment, an alert) can rely on [`TABLE`].

use std::fmt::Display;

use tracing::Level;

/// One kind of log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The value of the field `event`.
    pub event: &'static str,
    /// How loud it is.
    pub level: Level,
    /// The message, with a `{name}` for each value; the values are fields of the line as well.
    pub template: &'static str,
}

/// The values whose texts are whole numbers.
const NUMBERS: &[&str] = &["attempt", "of", "wired", "total", "told", "lost", "limit"];

/// The texts of a `layer`.
const LAYERS: &[&str] = &["startup", "bridge"];

impl Entry {
    /// What `text` gives for each value of the template; `None` where it is no such message. Something may follow the
    /// message, as the fields do in tracing's plain format: it is taken for a part of the last value, unless that is a
    /// number.
    pub fn values<'a>(&self, text: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
        if !self.may_begin(text) {
            return None;
        }
        let mut parts = self.template.split(['{', '}']);
        let mut rest = text.strip_prefix(parts.next()?)?;
        let mut values = Vec::new();
        while let (Some(name), Some(fixed)) = (parts.next(), parts.next()) {
            let end = if fixed.is_empty() { rest.len() } else { rest.find(fixed)? };
            let (value, after) = (&rest[..end], &rest[end + fixed.len()..]);
            values.push((name, checked(name, value, fixed.is_empty())?));
            rest = after;
        }
        Some(values)
    }
}

impl Entry {
    /// Whether `text` begins as such a message may: a reader of plain text asks every row at every word.
    fn may_begin(&self, text: &str) -> bool {
        match self.template.strip_prefix("{layer}") {
            Some(_) => LAYERS.iter().any(|layer| text.starts_with(layer)),
            None => self.template.starts_with('{') || self.template.as_bytes().first() == text.as_bytes().first(),
        }
    }
}

/// The value, as far as its name allows it to be one.
fn checked<'a>(name: &str, value: &'a str, is_last: bool) -> Option<&'a str> {
    if name == "layer" {
        return LAYERS.contains(&value).then_some(value);
    }
    if !NUMBERS.contains(&name) {
        return Some(value);
    }
    let digits = value.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(value.len());
    (digits > 0 && (is_last || digits == value.len())).then(|| &value[..digits])
}

/// Makes of each row an entry of [`TABLE`] and the function that logs it.
macro_rules! table {
    ($( $(#[$doc:meta])* $name:ident($($value:ident),*): $event:literal, $level:ident, $template:literal; )+) => {
        /// Every line, in the order of the layers.
        pub const TABLE: &[Entry] = &[
            $( Entry { event: $event, level: Level::$level, template: $template } ),+
        ];

        $(
            $(#[$doc])*
            pub fn $name($($value: impl Display),*) {
                tracing::event!(Level::$level, { event = $event, $($value = %$value),* }, $template);
            }
        )+
    };
}

table! {
    /// The cell published a manager.
    manager_created(): "manager.created", DEBUG, "WebSocket manager singleton created";
    /// One creation failed; the cell is empty again.
    manager_create_failed(cause): "manager.create_failed", ERROR, "creating the WebSocket manager failed: {cause}";
    /// The startup has its manager.
    attempt_ok_startup(attempt): "attempt.ok", INFO, "WebSocketManager validated on attempt {attempt}";
    /// The bridge has its manager.
    attempt_ok_bridge(attempt): "attempt.ok", INFO, "bridge initialized on attempt {attempt}";
    /// The factory returned nothing.
    attempt_nothing(layer, attempt, of, next):
        "attempt.nothing", WARN, "{layer}: WebSocketManager is None on attempt {attempt} of {of}, {next}";
    /// The factory returned a manager with parts missing.
    attempt_incomplete(layer, missing, attempt, of, next):
        "attempt.incomplete", WARN, "{layer}: WebSocketManager lacks {missing} on attempt {attempt} of {of}, {next}";
    /// The attempt failed for another reason.
    attempt_failed(layer, cause, attempt, of, next):
        "attempt.failed", ERROR, "{layer}: {cause} on attempt {attempt} of {of}, {next}";
    /// The bridge gave up.
    bridge_failed(error): "bridge.failed", ERROR, "bridge initialization failed: {error}";
    /// A check found that the active bridge cannot deliver any more.
    bridge_degraded(reason):
        "bridge.degraded", WARN, "bridge degraded, requests are refused with realtime_unavailable: {reason}";
    /// A check found that the degraded bridge delivers again.
    bridge_recovered(): "bridge.recovered", INFO, "bridge active again, requests are accepted";
    /// The startup gave up.
    startup_failed(error): "startup.failed", ERROR, "startup failed: {error}";
    /// A phase of a startup graph failed, and is tried again.
    phase_retried(phase, attempt, of, next, cause):
        "phase.retried", WARN, "phase {phase} failed on attempt {attempt} of {of}, next in {next} ms: {cause}";
    /// What a phase of a startup graph began could not be undone.
    undo_failed(phase, cause): "undo.failed", ERROR, "undoing phase {phase} failed: {cause}";
    /// The registry refused a manager.
    registry_refused(error): "registry.refused", ERROR, "agent wiring refused: {error}";
    /// The manager reached every agent and the tool dispatcher.
    registry_wired(wired, total):
        "registry.wired", INFO, "WebSocketManager wired to {wired}/{total} agents and the tool dispatcher";
    /// A request became a run.
    run_accepted(run, agent, thread): "run.accepted", INFO, "run {run} of agent {agent} accepted for thread {thread}";
    /// A run told its terminal event, or tried to.
    run_ended(run, terminal, told, lost):
        "run.ended", INFO, "run {run} ended with {terminal}: {told} events told, {lost} lost";
    /// An event of a run reached nobody.
    event_lost(kind, run, why): "event.lost", WARN, "event {kind} of run {run} reached nobody: {why}";
    /// The port is open; whether requests are accepted is readiness' affair.
    server_listening(address): "server.listening", INFO, "the service listens on {address}";
    /// It was told to stop.
    server_stopping(signal): "server.stopping", INFO, "the service drains and stops: {signal}";
    /// The program ends because its platform did not start.
    server_failed(error): "server.failed", ERROR, "the service stopped because it could not start: {error}";
    /// A client that came when every socket was in use.
    server_full(address, limit):
        "server.full", WARN, "the socket of {address} was closed unanswered: all {limit} that may be open are";
    /// The system gave no socket.
    server_accept_failed(error):
        "server.accept_failed", WARN, "no socket could be accepted, probably for want of file descriptors; trying again: {error}";
    /// The task of one socket panicked: its client is gone, nobody else is affected.
    server_socket_failed(error): "server.socket_failed", ERROR, "the task of a socket failed, a defect of the service: {error}";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_rows_say_the_same() {
        let templates: BTreeSet<_> = TABLE.iter().map(|entry| entry.template).collect();
        assert_eq!(templates.len(), TABLE.len());
    }

    #[test]
    fn no_row_can_be_read_as_the_incident() {
        assert!(TABLE.iter().all(|entry| !entry.template.contains("set to None")));
    }

    fn values<'a>(event: &str, text: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
        TABLE.iter().filter(|row| row.event == event).find_map(|row| row.values(text))
    }

    #[test]
    fn the_values_of_a_message_are_read_back() {
        let told = "bridge: no file descriptors on attempt 1 of 3, next in 50 ms";
        let expected = [
            ("layer", "bridge"),
            ("cause", "no file descriptors"),
            ("attempt", "1"),
            ("of", "3"),
            ("next", "next in 50 ms"),
        ];
        assert_eq!(values("attempt.failed", told).unwrap(), expected);
        let fields = "WebSocketManager validated on attempt 2 event=\"attempt.ok\" attempt=2";
        assert_eq!(values("attempt.ok", fields).unwrap(), [("attempt", "2")]);
    }

    #[test]
    fn what_only_resembles_a_message_is_none() {
        assert_eq!(values("attempt.ok", "WebSocketManager validated on attempt two"), None);
        assert_eq!(values("attempt.failed", "elsewhere: no file descriptors on attempt 1 of 3, next in 50 ms"), None);
        assert_eq!(values("registry.wired", "WebSocketManager wired to many/8 agents and the tool dispatcher"), None);
    }

    #[test]
    #[tracing_test::traced_test]
    fn a_line_carries_its_event_its_level_and_its_message() {
        attempt_nothing("startup", 1, 3, "next in 100 ms");
        assert!(logs_contain("WARN"));
        assert!(logs_contain("startup: WebSocketManager is None on attempt 1 of 3, next in 100 ms"));
        assert!(logs_contain("event=\"attempt.nothing\""));
    }
}
