//! `cargo nevernone` in a project of somebody else's, as a shell meets it: what is typed, the exit code, what is printed.

mod checks;
#[cfg(unix)]
mod interrupts;
mod lists;
mod parts;
mod replays;
mod reports;
mod unusable;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use nevernone::report::{Report, ScenarioReport};

/// The project, copied to where it can be built. It is built once: later runs find it as they left it.
fn project() -> &'static Path {
    static PROJECT: OnceLock<PathBuf> = OnceLock::new();
    PROJECT.get_or_init(|| {
        let (package, place) = (Path::new(env!("CARGO_MANIFEST_DIR")), Path::new(env!("CARGO_TARGET_TMPDIR")));
        let project = place.join("cargo-project");
        copy(&package.join("tests/cargo/fixture"), &project);
        // The versions that the framework is tested with; they are on this machine already.
        replace(&project.join("Cargo.lock"), &fs::read(package.join("../Cargo.lock")).expect("the lock file"));
        project
    })
}

/// Copies a folder; what has not changed is left alone, so that cargo need not build it again.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("the fixture") {
        let path = entry.expect("an entry").path();
        let place = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &place);
        } else {
            let text = fs::read_to_string(&path).expect("text");
            replace(&place, text.replace("{framework}", env!("CARGO_MANIFEST_DIR")).as_bytes());
        }
    }
}

fn replace(file: &Path, text: &[u8]) {
    if fs::read(file).ok().as_deref() != Some(text) {
        fs::write(file, text).expect("a file");
    }
}

/// What somebody sees who typed something.
#[derive(Debug)]
struct Called {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Called {
    /// The exit code and words that must be printed, anywhere.
    #[track_caller]
    fn says(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self}");
        for words in words {
            assert!(self.out.contains(words) || self.err.contains(words), "looked for `{words}` in:\n{self}");
        }
    }
}

impl std::fmt::Display for Called {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}\n-- errors:\n{}", self.out, self.err)
    }
}

/// A command in the project, with the program where cargo finds it and nothing of this test's own in its environment.
fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    let driver = Path::new(env!("CARGO_BIN_EXE_cargo-nevernone")).parent().expect("a folder");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([driver.to_owned()].into_iter().chain(std::env::split_paths(&path)));
    command.current_dir(project()).env("PATH", path.expect("a path")).env("CARGO_NET_OFFLINE", "true");
    command.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cargo-target"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("NEVERNONE_") {
            command.env_remove(name);
        }
    }
    command
}

/// What a command comes to.
#[track_caller]
fn run(command: &mut Command) -> Called {
    let output = command.output().expect("the program starts");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Called { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// `cargo nevernone` with more words, typed in the project.
#[track_caller]
fn call(words: &[&str]) -> Called {
    run(command("cargo").arg("nevernone").args(words))
}

/// `check` with more words, and the report that it writes.
#[track_caller]
fn checked(words: &[&str]) -> (Called, Report) {
    let folder = scratch();
    let called = call(&[&["check", "--out", folder.to_str().expect("text")], words].concat());
    let text = fs::read(folder.join("report.json")).unwrap_or_else(|error| panic!("no report ({error}):\n{called}"));
    (called, serde_json::from_slice(&text).expect("a report"))
}

/// A scenario of a report.
#[track_caller]
fn scenario<'a>(report: &'a Report, name: &str) -> &'a ScenarioReport {
    let names = || report.scenarios.iter().map(|scenario| scenario.name.as_str()).collect::<Vec<_>>();
    let found = report.scenarios.iter().find(|scenario| scenario.name == name);
    found.unwrap_or_else(|| panic!("no `{name}` in {:?}", names()))
}

/// An empty folder that nobody else uses.
fn scratch() -> PathBuf {
    static FOLDERS: AtomicU32 = AtomicU32::new(0);
    // Relaxed: the counter only hands out numbers.
    let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cargo-{}-{number}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    folder
}
