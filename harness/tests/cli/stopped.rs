//! Ctrl-C is heard by the whole process: a fresh one searches, and interrupts itself.

use std::process::Command;
use std::sync::Once;

use nevernone::Scenario;

use crate::checked;
use crate::scenarios::endless;

/// Set in the process that interrupts itself.
const VARIABLE: &str = "NEVERNONE_TEST_INTERRUPTED";

/// Whoever is run first interrupts the process, once.
fn interrupts_itself() -> Scenario {
    static ONCE: Once = Once::new();
    Scenario::new("interrupts", || async {
        ONCE.call_once(|| {
            let status = Command::new("kill").args(["-INT", &std::process::id().to_string()]).status();
            assert!(status.is_ok_and(|status| status.success()), "the signal was sent");
        });
        // As many runs as it takes for the signal to be heard.
        for _ in 0..40 {
            let _ = nevernone::choose("part", 4);
        }
    })
}

#[test]
fn an_interrupt_ends_every_search_as_incomplete() {
    if std::env::var_os(VARIABLE).is_some() {
        let (code, out) = checked(&["--jobs", "1", "--max-time", "20s"], &[interrupts_itself(), endless()]);
        println!("exit code {code}\n{out}");
        return;
    }
    let program = std::env::current_exe().expect("a test knows its own program");
    let arguments = ["stopped::an_interrupt_ends_every_search_as_incomplete", "--exact", "--nocapture"];
    let output = Command::new(program).args(arguments).env(VARIABLE, "1").output().expect("the program starts");
    let out = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success(), "{out}");
    assert!(out.contains("exit code 3"), "{out}");
    assert_eq!(out.matches("stopped by an interrupt").count(), 2, "{out}");
}
