//! `#[nevernone::test]` as a user's CI meets it: what stays in folders between two processes, and what the environment does.

mod names;
mod recorded;
mod replays;
mod reports;
mod rubbish;
mod variables;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use nevernone::{always, choose};

/// How the tests below behave; green where it is not set.
const VARIABLE: &str = "NEVERNONE_TEST_SUBJECT";

const SUBJECT: &str = "testing::subject";

/// How many values the subject draws from.
const PARTS: u32 = 12;

/// `red N` fails where part N is drawn; `renamed` draws by another name, so that older tokens do not fit.
#[nevernone::test(preemptions = 0)]
async fn subject() {
    let how = std::env::var(VARIABLE).unwrap_or_default();
    let part = choose(if how.contains("renamed") { "piece" } else { "part" }, PARTS);
    always("ready means\nwired", move || how.split(' ').next_back() != Some(&*part.to_string()));
}

/// Another one beside it.
#[nevernone::test(preemptions = 0)]
async fn sibling() {
    let _ = choose("part", PARTS);
}

#[nevernone::test(preemptions = 0, expect = "failed")]
async fn expected_to_fail() {
    let part = choose("part", 2);
    always("ready means wired", move || part == 0);
}

/// A package's folder, empty at first.
struct Package(PathBuf);

/// What a fresh process said, and whether its test was red.
struct Ran {
    /// What the test harness printed.
    out: String,
    /// What went past it.
    err: String,
    red: bool,
}

impl Package {
    fn new() -> Self {
        static FOLDERS: AtomicU32 = AtomicU32::new(0);
        // Relaxed: the counter only hands out numbers.
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("package-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        Package(folder)
    }

    /// Starts a process that runs what the words say, in this package.
    fn start(&self, words: &[&str], how: &str, environment: &[(&str, &str)]) -> Child {
        let mut command = Command::new(std::env::current_exe().expect("a test knows its own program"));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("NEVERNONE_")) {
            command.env_remove(name);
        }
        command.args(words).arg("--test-threads=2").env_remove("NEXTEST").env(VARIABLE, how);
        command.env("CARGO_PKG_NAME", "nevernone").env("CARGO_MANIFEST_DIR", &self.0);
        command.env("NEVERNONE_REPORT_DIR", self.0.join("reports")).envs(environment.iter().copied());
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
    }

    fn run(&self, words: &[&str], how: &str, environment: &[(&str, &str)]) -> Ran {
        Ran::of(self.start(words, how, environment))
    }

    /// Runs the subject alone.
    fn subject(&self, how: &str) -> Ran {
        self.run(&[SUBJECT, "--exact", "--show-output"], how, &[])
    }

    /// Where the subject's failing runs are recorded.
    fn file(&self) -> PathBuf {
        self.0.join("nevernone-regressions/engine.testing.subject.txt")
    }

    fn recorded(&self) -> String {
        fs::read_to_string(self.file()).unwrap_or_default()
    }

    fn tokens(&self) -> Vec<String> {
        let recorded = self.recorded();
        recorded.lines().filter(|line| line.starts_with("nn1:")).map(ToOwned::to_owned).collect()
    }

    /// Puts a file where the subject's failing runs are recorded.
    fn record(&self, content: impl AsRef<[u8]>) {
        fs::create_dir_all(self.0.join("nevernone-regressions")).expect("a folder");
        fs::write(self.file(), content).expect("a file");
    }

    /// A token of the subject: of a run that draws this part, in some package.
    fn token(part: u32) -> String {
        Package::new().subject(&format!("red {part}")).token()
    }
}

impl Ran {
    fn of(child: Child) -> Self {
        let output = child.wait_with_output().expect("it ends");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        Ran { out: text(output.stdout), err: text(output.stderr), red: !output.status.success() }
    }

    /// The token of the line that replays it.
    #[track_caller]
    fn token(&self) -> String {
        let (_, rest) =
            self.out.split_once("NEVERNONE_REPLAY='").unwrap_or_else(|| panic!("no line in:\n{}", self.out));
        rest.split_once('\'').expect("the quote ends").0.to_owned()
    }

    #[track_caller]
    fn is_red(&self, says: &[&str]) {
        assert!(self.red, "green:\n{}{}", self.out, self.err);
        self.says(says);
    }

    #[track_caller]
    fn is_green(&self, says: &[&str]) {
        assert!(!self.red, "red:\n{}{}", self.out, self.err);
        self.says(says);
    }

    #[track_caller]
    fn says(&self, says: &[&str]) {
        for words in says {
            assert!(self.out.contains(words), "looked for `{words}` in:\n{}{}", self.out, self.err);
        }
    }
}
