//! A process for one test, of its own program.

use std::env;
use std::process::Command;
use std::thread;

/// Holds the name of the test that a process was started for.
pub(crate) const FRESH: &str = "NEVERNONE_TEST_FRESH";

/// Does `check` in a process of this test's own, which executes nothing else: isolated runs are refused where another
/// scenario was executed before.
#[track_caller]
pub(crate) fn fresh(check: impl FnOnce()) {
    let thread = thread::current();
    let name = thread.name().expect("a test's thread has its name");
    if env::var(FRESH).is_ok_and(|asked| asked == name) {
        return check();
    }
    let program = env::current_exe().expect("a test knows its own program");
    let output = Command::new(program).args([name, "--exact", "--nocapture"]).env(FRESH, name).output();
    let output = output.expect("the program starts");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    print!("{out}");
    assert!(output.status.success() && out.contains("1 passed"), "{out}\n{err}");
}
