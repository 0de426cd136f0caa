//! The story of a run in which nothing will ever wake again: who waits, since when, where and for what.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::suspension::Suspension;
use super::tasks::Task;

/// A task that has not ended and never will: one that the run waits for, or one that the code under test spawned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StuckTask {
    /// Its name.
    pub name: String,
    /// Virtual milliseconds from the run's beginning to the poll in which it suspended.
    pub since_ms: u64,
    /// The lines of the user's code where it waits, as `file:line`; more than one where one task waits for several
    /// things. Where the build has no debug information, functions. Empty where nobody took its waker.
    pub at: Vec<String>,
    /// What it waits for, as far as that is the framework's own.
    pub waits_for: Vec<String>,
}

impl StuckTask {
    pub(super) fn new(task: &Task) -> Self {
        let suspension = task.suspension.as_ref();
        let since = suspension.map_or(0, |suspension| suspension.since.as_millis());
        let mut at = Vec::new();
        for backtrace in suspension.map(Suspension::backtraces).unwrap_or_default() {
            at.extend(user_place(&backtrace).filter(|place| !at.contains(place)));
        }
        StuckTask {
            name: task.name.to_string(),
            since_ms: u64::try_from(since).unwrap_or(u64::MAX),
            at,
            waits_for: task.waits.iter().map(ToString::to_string).collect(),
        }
    }
}

impl fmt::Display for StuckTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` has waited since {} ms", self.name, self.since_ms)?;
        match (&self.at[..], &self.waits_for[..]) {
            ([], []) => return f.write_str("; nobody took its waker, so nothing can ever wake it"),
            ([], _) => {}
            (at, _) => write!(f, " at {}", at.join(" and "))?,
        }
        if !self.waits_for.is_empty() {
            write!(f, " for {}", self.waits_for.join(" and "))?;
        }
        Ok(())
    }
}

/// Crates whose frames are never the line that waits; other people's crates are known by their path as well.
const NOT_THE_USERS: [&str; 10] = [
    "alloc",
    "core",
    "futures",
    "futures_core",
    "futures_util",
    "nevernone",
    "nevernone_point",
    "std",
    "tokio",
    "tokio_util",
];

/// Where cargo and rustup keep what is not the user's.
const NOT_THEIR_PATHS: [&str; 4] = ["/rustc/", "/registry/src/", "/git/checkouts/", "/rustlib/src/"];

/// The innermost frame of the user's own code in a printed backtrace; none beyond the executor, whose caller is the
/// test and not the task.
fn user_place(backtrace: &str) -> Option<String> {
    let mut lines = backtrace.lines().map(str::trim).peekable();
    while let Some(line) = lines.next() {
        let Some((_, function)) = line.split_once(": ").filter(|(number, _)| number.parse::<u32>().is_ok()) else {
            continue;
        };
        if function.contains("nevernone::run::steps") {
            return None;
        }
        let path = lines.peek().and_then(|line| line.strip_prefix("at "));
        if is_the_users(function, path.unwrap_or_default()) {
            return Some(path.map_or_else(
                || format!("{function} (a build with debug information knows the line)"),
                |path| file_and_line(path).to_owned(),
            ));
        }
    }
    None
}

fn is_the_users(function: &str, path: &str) -> bool {
    let start = function.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '_');
    let of_crate = start.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
    !NOT_THE_USERS.contains(&of_crate) && !NOT_THEIR_PATHS.iter().any(|theirs| path.contains(theirs))
}

/// `./src/x.rs:12:9` without its column.
fn file_and_line(path: &str) -> &str {
    let path = path.strip_prefix("./").unwrap_or(path);
    path.rsplit_once(':').map_or(path, |(line, _column)| line)
}

#[cfg(test)]
mod tests {
    use super::user_place;

    const HEAD: &str = "   0: nevernone::run::suspension::Witness::note\n             at ./src/run/suspension.rs:70:27
   1: <tokio::sync::notify::Notified as core::future::future::Future>::poll
             at /home/u/.cargo/registry/src/index/tokio-1.54.1/src/sync/notify.rs:5:9\n";
    const TAIL: &str = "   8: nevernone::run::steps::poll::<impl nevernone::run::steps::Steps>::poll
             at ./src/run/steps/poll.rs:35:30\n   9: tests::my_test\n             at ./tests/mine.rs:3:5\n";

    #[test]
    fn the_innermost_frame_of_the_users_code_is_told() {
        let frames = "   2: service::lock_both::{{closure}}\n             at ./src/service.rs:12:31\n   3: service::start::{{closure}}\n             at ./src/service.rs:40:9\n";
        assert_eq!(user_place(&format!("{HEAD}{frames}{TAIL}")).as_deref(), Some("src/service.rs:12"));
    }

    #[test]
    fn other_peoples_frames_are_passed_over_and_the_test_is_not_the_task() {
        let frames = "   2: <F as sqlx::Wait>::poll\n             at /home/u/.cargo/registry/src/index/sqlx-0.8.0/src/pool.rs:1:1\n   3: <core::pin::Pin<P> as core::future::future::Future>::poll\n             at /rustc/5980/library/core/src/future/future.rs:133:9\n";
        assert_eq!(user_place(&format!("{HEAD}{frames}{TAIL}")), None);
    }

    #[test]
    fn without_debug_information_the_function_is_told() {
        let frames = "   1: <tokio::sync::mutex::Mutex<T>>::lock\n   2: <service::App>::start::{{closure}}\n   3: nevernone::run::steps::poll\n";
        let place = user_place(frames).expect("the user's own function");
        assert!(place.starts_with("<service::App>::start") && place.contains("debug information"), "{place}");
    }
}
