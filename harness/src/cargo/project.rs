//! What cargo tells of a project: where it builds, which programs its tests are, and how it would start them.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde::{Deserialize, Serialize};

use super::Problem;
use super::arguments::Selection;

/// The first argument of this program where cargo starts it in place of a test's program.
pub(super) const AS_RUNNER: &str = "--as-runner-of";

/// A program with tests, as cargo built it.
#[derive(Debug, Clone)]
pub(super) struct Binary {
    /// The package's name.
    pub(super) package: String,
    /// As people call it: `lib`, `test startup`.
    pub(super) target: String,
    pub(super) executable: PathBuf,
    pub(super) start: Start,
}

/// How cargo starts a program: where, and with what in its environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Start {
    executable: PathBuf,
    directory: PathBuf,
    /// All variables that are text; the others are inherited.
    variables: BTreeMap<String, String>,
}

impl Binary {
    /// The program, ready to be given its arguments.
    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(&self.executable);
        command.current_dir(&self.start.directory).envs(&self.start.variables);
        command
    }
}

/// Of `cargo metadata`, what is needed here.
#[derive(Debug, Deserialize)]
struct Metadata {
    target_directory: PathBuf,
}

/// Of a line of `cargo test --message-format=json`.
#[derive(Debug, Deserialize)]
struct Message {
    reason: String,
    target: Option<Target>,
    manifest_path: Option<PathBuf>,
    executable: Option<PathBuf>,
    profile: Option<Profile>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Profile {
    test: bool,
}

/// Where this project's reports go by default.
pub(super) fn report_folder(selection: &Selection) -> Result<PathBuf, Problem> {
    if let Some(folder) = &selection.target_dir {
        return Ok(absolute(folder)?.join("nevernone"));
    }
    let mut metadata = cargo();
    metadata.args(["metadata", "--format-version", "1", "--no-deps"]).args(selection.words_of_metadata());
    let told = output(&mut metadata)?;
    let read: Metadata = serde_json::from_slice(&told.stdout).map_err(|error| Problem::Cargo(error.to_string()))?;
    Ok(read.target_directory.join("nevernone"))
}

/// Builds the tests. What cargo has to say it says itself.
pub(super) fn build(selection: &Selection) -> Result<Vec<Binary>, Problem> {
    let mut compile = cargo();
    compile.args(["test", "--no-run", "--message-format", "json-render-diagnostics"]).args(selection.words());
    let told = output(&mut compile)?;
    let messages = serde_json::Deserializer::from_slice(&told.stdout).into_iter::<Message>();
    let mut built = BTreeMap::new();
    for message in messages {
        let message = message.map_err(|error| Problem::Cargo(error.to_string()))?;
        let is_test = message.reason == "compiler-artifact" && message.profile.is_some_and(|profile| profile.test);
        if let (Some(executable), Some(target), true) = (message.executable, message.target, is_test) {
            built.insert(executable, (target, message.manifest_path.unwrap_or_default()));
        }
    }
    // In the order in which cargo starts them; they are built in any order.
    let binary = |start: Start| {
        // A program that was not built by this command was built by nobody that is known here.
        let (target, manifest) = built.get(&start.executable)?;
        let package = package_of(manifest, &start);
        Some(Binary { package, target: called(target), executable: start.executable.clone(), start })
    };
    Ok(starts(selection)?.into_iter().filter_map(binary).collect())
}

/// Has cargo start every test's program, all of which are replaced by this one: it tells how it was started.
fn starts(selection: &Selection) -> Result<Vec<Start>, Problem> {
    let this = std::env::current_exe()?;
    let runner = serde_json::to_string(&[&*this.to_string_lossy(), AS_RUNNER]).map_err(std::io::Error::from)?;
    let mut test = cargo();
    test.args(["test", "--quiet", "--no-fail-fast"]).args(selection.words());
    // A platform's own runner comes first, and the other one stands in where the platform is set in a file.
    for key in [selection.target.clone().map_or_else(host, Ok)?, "cfg(all())".to_owned()] {
        test.arg("--config").arg(format!("target.'{key}'.runner={runner}"));
    }
    // Whoever is started all the same only lists its tests.
    // What it would say it has said while it built.
    let told = test.args(["--", "--list"]).stdin(Stdio::null()).output()?;
    if !told.status.success() {
        return Err(Problem::Cargo(String::from_utf8_lossy(&told.stderr).into_owned()));
    }
    let lines = told.stdout.split(|byte| *byte == b'\n');
    Ok(lines.filter_map(|line| serde_json::from_slice(line).ok()).collect())
}

/// Says how this process, which stands in for a test's program, was started.
pub(super) fn tell_start(executable: &OsStr) -> std::io::Result<()> {
    let text = |word: OsString| word.into_string().ok();
    let variables = std::env::vars_os().filter_map(|(name, value)| Some((text(name)?, text(value)?))).collect();
    let start = Start { executable: executable.into(), directory: std::env::current_dir()?, variables };
    println!("{}", serde_json::to_string(&start)?);
    Ok(())
}

/// The platform that the compiler builds for where nothing is said.
fn host() -> Result<String, Problem> {
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let told = output(Command::new(compiler).arg("-vV"))?;
    let text = String::from_utf8_lossy(&told.stdout);
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| Problem::Cargo("the compiler does not name its platform".to_owned()))
}

fn package_of(manifest: &Path, start: &Start) -> String {
    let folder = || manifest.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    start.variables.get("CARGO_PKG_NAME").cloned().or_else(folder).unwrap_or_default()
}

fn called(target: &Target) -> String {
    match target.kind.first().map(String::as_str) {
        Some(kind @ ("bin" | "test" | "example" | "bench")) => format!("{kind} {}", target.name),
        _ => "lib".to_owned(),
    }
}

fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// What a command prints; what it has to say besides goes to the terminal.
fn output(command: &mut Command) -> Result<Output, Problem> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.map_err(|source| Problem::Start { program, source })?;
    if output.status.success() { Ok(output) } else { Err(Problem::Build) }
}

/// From here, for a process that is started elsewhere.
pub(super) fn absolute(path: &Path) -> std::io::Result<PathBuf> {
    std::path::absolute(path)
}
