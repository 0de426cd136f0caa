//! `#[nevernone::test(isolate = "process")]`: the program executes itself, and tells what came of it as its own.

use std::io::{Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use nevernone::{always, choose, fault, sometimes};

/// How the tests below are to end; green where it is not set.
const VARIABLE: &str = "NEVERNONE_TEST_ENDS";

fn ends(how: &str) -> bool {
    std::env::var(VARIABLE).is_ok_and(|asked| asked == how)
}

static CELL: OnceLock<u32> = OnceLock::new();

#[nevernone::test(isolate = "process", preemptions = 0)]
async fn fills_a_static() {
    println!("a line of the test's own");
    let value = choose("value", 3);
    assert_eq!(CELL.set(value), Ok(()), "filled by an earlier run");
    sometimes("the goal", !ends("vacuous"));
    if ends("exit") && fault("connect", &["err"]).is_some() {
        std::process::exit(0);
    }
    always("ready means wired", move || value == 0 || !ends("red"));
}

#[nevernone::test(isolate = "process", expect_failed_by = "process")]
async fn is_expected_to_end_its_process() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    // Every run is the first.
    if RUNS.fetch_add(1, Ordering::SeqCst) == 0 && choose("value", 3) == 2 {
        std::process::abort();
    }
}

/// Where somebody listens who wants to know when a run's process ends.
const SOCKET: &str = "NEVERNONE_TEST_SOCKET";

#[nevernone::test(isolate = "process")]
async fn waits_for_a_word() {
    let Ok(path) = std::env::var(SOCKET) else { return };
    let mut stream = UnixStream::connect(path).expect("somebody listens");
    stream.set_read_timeout(Some(Duration::from_secs(5))).expect("a timeout");
    // The word never comes.
    let _ = stream.read(&mut [0]);
    stream.write_all(b"it outlived the search").expect("somebody reads");
}

#[test]
#[cfg(target_os = "linux")]
fn a_search_that_is_killed_leaves_no_run_behind() {
    let socket = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("isolate-{}.socket", std::process::id()));
    drop(std::fs::remove_file(&socket));
    let listener = UnixListener::bind(&socket).expect("a socket");
    listener.set_nonblocking(true).expect("as asked");
    let mut test = Command::new(std::env::current_exe().expect("a test knows its own program"))
        .args(["tests::waits_for_a_word", "--exact"])
        .env(SOCKET, &socket)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let (mut run, _) = loop {
        match listener.accept() {
            Ok(run) => break run,
            Err(_) => assert_eq!(test.try_wait().expect("it runs"), None, "it ended before its run began"),
        }
        std::thread::yield_now();
    };
    // The process that searches is a child of this one, and the run's process a child of that.
    test.kill().expect("it runs");
    test.wait().expect("it ended");
    run.set_nonblocking(false).expect("as asked");
    let mut told = String::new();
    run.read_to_string(&mut told).expect("text");
    assert_eq!(told, "");
    drop(std::fs::remove_file(&socket));
}

#[nevernone::test(isolate = "process")]
#[cfg(target_os = "linux")]
async fn leaves_no_core() {
    let limits = std::fs::read_to_string("/proc/self/limits").expect("this process has some");
    let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).expect("a limit");
    assert_eq!(core.split_whitespace().next(), Some("0"), "{limits}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_crash_leaves_no_core_whatever_the_shell_allows() {
    let program = std::env::current_exe().expect("a test knows its own program");
    let shell = r#"ulimit -S -c "$(ulimit -H -c)" && exec "$0" tests::leaves_no_core --exact"#;
    let output = Command::new("sh").args(["-c", shell]).arg(program).output().expect("there is a shell");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// What a fresh process prints of that test, and whether it failed.
fn told(ends: &str, variable: Option<(&str, &str)>) -> (String, bool) {
    let program = std::env::current_exe().expect("a test knows its own program");
    let mut command = Command::new(program);
    command.args(["tests::fills_a_static", "--exact", "--nocapture"]).env(VARIABLE, ends).envs(variable);
    // Failing runs are recorded in the package, which is another one here, that is not there.
    let nowhere = concat!(env!("CARGO_TARGET_TMPDIR"), "/no package");
    command.env("CARGO_PKG_NAME", "nevernone").env("CARGO_MANIFEST_DIR", nowhere);
    let output = command.output().expect("the program starts");
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    (text.into_owned(), !output.status.success())
}

#[test]
fn a_green_test_tells_its_verdict_and_what_it_printed() {
    let (out, failed) = told("green", None);
    assert!(!failed, "{out}");
    for expected in ["tests::fills_a_static: verified, 3 runs", "isolation: process", "a line of the test's own"] {
        assert!(out.contains(expected), "`{expected}` is not in:\n{out}");
    }
    // Once, not by the process within as well.
    assert_eq!(out.matches("running 1 test").count(), 1, "{out}");
}

#[test]
fn a_red_test_is_red_and_its_replay_line_replays() {
    let (out, failed) = told("red", None);
    assert!(failed && out.contains("ready means wired: does not hold"), "{out}");
    let (_, rest) = out.split_once("NEVERNONE_REPLAY='").expect("a replay line");
    let token = rest.split_once('\'').expect("a quoted token").0;
    let (out, failed) = told("red", Some(("NEVERNONE_REPLAY", token)));
    assert!(failed && out.contains("draws value = 1"), "{out}");
    let (out, failed) = told("green", Some(("NEVERNONE_REPLAY", token)));
    assert!(!failed && out.contains("this run does not fail"), "{out}");
}

#[test]
fn a_run_that_ends_its_process_without_an_error_is_red_all_the_same() {
    let (out, failed) = told("exit", None);
    assert!(failed && out.contains("process: a step of `scenario` ended the process: exit code 0"), "{out}");
    let (out, failed) = told("vacuous", None);
    assert!(failed && out.contains("never came true: the goal"), "{out}");
}

#[test]
fn a_scenario_that_the_harness_does_not_know_is_no_green_test() {
    let scenario = nevernone::Scenario::new("isolate::tests::nowhere", || async {}).isolated();
    let told = std::thread::spawn(move || nevernone::testing::run(&scenario)).join().expect_err("no verdict");
    let told = told.downcast_ref::<String>().expect("a text");
    assert!(told.contains("before a verdict") && told.contains("`tests::nowhere`"), "{told}");
}
