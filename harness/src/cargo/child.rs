//! A test's process while it does one errand.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::Problem;
use super::scenarios::Test;
use crate::testing::orders::{Answer, Head, Order, Task, VARIABLE, VERSION};

/// How often a process is looked at whose output does not end with it.
const REFRESH: Duration = Duration::from_millis(200);

/// So much of what a process printed last is told when it dies.
const LAST_WORDS: usize = 20;

/// A folder for answers, which is removed with everything in it.
#[derive(Debug)]
pub(super) struct Desk(PathBuf);

impl Desk {
    /// Beneath the report folder, where cargo builds: tests may write there.
    pub(super) fn within(folder: &Path) -> io::Result<Self> {
        let path = folder.join(format!("driven-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Desk(path))
    }

    pub(super) fn progress(&self) -> PathBuf {
        self.0.join("progress.json")
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Whom an interrupt stops.
#[derive(Debug, Default)]
pub(super) struct Running(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    interrupted: bool,
    /// The end of it tells the process to stop.
    input: Option<ChildStdin>,
    child: Option<Child>,
}

impl Running {
    /// Ctrl-C and SIGTERM stop whoever runs, and a second one ends it.
    pub(super) fn watched() -> Arc<Self> {
        let running = Arc::new(Running::default());
        let interrupted = Arc::clone(&running);
        // Fails where the process has a handler already: then that one counts.
        let _ = ctrlc::set_handler(move || interrupted.interrupt());
        running
    }

    pub(super) fn is_interrupted(&self) -> bool {
        self.with(|state| state.interrupted)
    }

    fn interrupt(&self) {
        let again = self.with(|state| {
            drop(state.input.take());
            let again = std::mem::replace(&mut state.interrupted, true);
            if let Some(child) = state.child.as_mut().filter(|_| again) {
                // It may have ended by itself.
                let _ = child.kill();
            }
            again
        });
        if again {
            std::process::exit(130);
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        // Nothing panics under the lock.
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What came of an errand.
#[derive(Debug)]
pub(super) struct Done {
    /// The last that was said.
    pub(super) answer: Option<Answer>,
    pub(super) status: ExitStatus,
    /// What it printed last.
    pub(super) last_words: Vec<String>,
}

/// Whether what a test prints is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prints {
    Shown,
    Kept,
}

/// Has a test's process do something; `look` is called from time to time.
pub(super) fn errand(
    test: &Test,
    task: &Task,
    (desk, running): (&Desk, &Running),
    prints: Prints,
    mut look: impl FnMut(),
) -> Result<Done, Problem> {
    let answer = desk.0.join("answer.json");
    // Nobody may take an old answer for the new one.
    let _ = std::fs::remove_file(&answer);
    let order = Order { head: Head { version: VERSION, answer: answer.clone() }, task: task.clone() };
    let mut child = start(test, &order, prints)?;
    let words = Arc::new(Mutex::new(VecDeque::new()));
    let (reading, ended) = mpsc::channel::<()>();
    if let Some(err) = child.stderr.take() {
        keep(BufReader::new(err), Prints::Kept, &words, reading.clone());
    }
    if let Some(out) = child.stdout.take() {
        keep(BufReader::new(out), prints, &words, reading);
    }
    running.with(|state| {
        state.input = child.stdin.take().filter(|_| !state.interrupted);
        state.child = Some(child);
    });
    let status = loop {
        let printed = ended.recv_timeout(REFRESH);
        look();
        // Under the lock only for a moment: an interrupt wants it too.
        if let Some(status) = running.with(|state| state.child.as_mut().expect("nobody else takes it").try_wait())? {
            break status;
        }
        if printed == Err(RecvTimeoutError::Disconnected) {
            // Its output is at an end, so it is about to be.
            thread::park_timeout(Duration::from_millis(2));
        }
    };
    running.with(|state| *state = State { interrupted: state.interrupted, ..State::default() });
    let read = std::fs::read(&answer).ok().and_then(|text| serde_json::from_slice(&text).ok());
    let words = words.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(Done { answer: read, status, last_words: words.iter().cloned().collect() })
}

fn start(test: &Test, order: &Order, prints: Prints) -> Result<Child, Problem> {
    let mut command = test.binary.command();
    command.args([&test.path, "--exact", "--include-ignored", "--nocapture"]);
    command.env(VARIABLE, serde_json::to_string(order).map_err(io::Error::from)?);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command.stderr(if prints == Prints::Shown { Stdio::inherit() } else { Stdio::piped() });
    in_a_group_of_its_own(&mut command);
    let program = super::scenarios::file_name(&test.binary.executable);
    command.spawn().map_err(|source| Problem::Start { program, source })
}

/// Ctrl-C in a terminal goes to a whole group; the driver alone shall hear it.
fn in_a_group_of_its_own(command: &mut std::process::Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(windows)]
    std::os::windows::process::CommandExt::creation_flags(command, 0x0000_0200); // CREATE_NEW_PROCESS_GROUP
    #[cfg(not(any(unix, windows)))]
    let _ = command;
}

/// Reads all that a process prints and remembers the end of it; where it is shown, without what the test harness says
/// before the test begins.
fn keep(
    mut from: impl BufRead + Send + 'static,
    prints: Prints,
    words: &Arc<Mutex<VecDeque<String>>>,
    reading: mpsc::Sender<()>,
) {
    let words = Arc::clone(words);
    thread::spawn(move || {
        let (mut line, mut lines) = (Vec::new(), 0);
        while from.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            lines += 1;
            let said_by_harness = lines <= 2 && [&b"\n"[..], b"running 1 test\n"].contains(&&line[..]);
            if prints == Prints::Shown && !said_by_harness {
                let _ = io::stdout().write_all(&line);
            }
            let mut words = words.lock().unwrap_or_else(PoisonError::into_inner);
            if !said_by_harness {
                words.push_back(String::from_utf8_lossy(line.trim_ascii_end()).into_owned());
            }
            if words.len() > LAST_WORDS {
                words.pop_front();
            }
            drop(words);
            line.clear();
        }
        drop(reading);
    });
}
