//! What people see on the terminal, as it is.

use crate::scenarios::{endless, goal_never_reached, misspelt, red, with_lane, with_notes};
use crate::{checked, token};

/// The text without what differs from machine to machine: real time, tokens, lines of these files, folders.
fn told(words: &[&str], scenarios: &[nevernone::Scenario]) -> String {
    let (_, out) = checked(&[&["--jobs", "1"], words].concat(), scenarios);
    let out = if out.contains(" replay '") { out.replace(token(&out), "TOKEN") } else { out };
    let times = out.lines().find_map(|line| line.find("seconds")).expect("a table");
    let mut end_of_table = false;
    // Told only with the feature `html`, and only to GitHub.
    let told_to_all = |line: &&str| !line.starts_with("page: ") && !line.starts_with("::error ");
    let lines = out.lines().filter(told_to_all).map(|line| {
        end_of_table |= line.is_empty() || line.starts_with(char::is_alphanumeric);
        // The columns of real time are the table's last.
        let line: String = if end_of_table { line.to_owned() } else { line.chars().take(times).collect() };
        stable(line.trim_end())
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A line without numbers that move with files and machines.
fn stable(line: &str) -> String {
    for (after, instead) in [("scenarios.rs:", "LINE"), ("report: ", "FILE"), ("tokio ", "VERSION operations")] {
        let rest = line.split_once(after).filter(|_| !line.contains("lane"));
        if let Some((before, _)) = rest {
            return format!("{before}{after}{instead}").replace('\\', "/");
        }
    }
    line.to_owned()
}

#[test]
fn a_red_one_tells_the_run_and_the_line_that_replays_it() {
    insta::assert_snapshot!(told(&[], &[red()]), @r"
    ──────────────────────────────────────────────────────────────────────────────────────────────────
     scenario   verdict                      runs   bounds
    ══════════════════════════════════════════════════════════════════════════════════════════════════
     red        failed (expected verified)      2   faults≤2 preemptions≤2 cancellations≤1 stalls≤0
    ──────────────────────────────────────────────────────────────────────────────────────────────────
    red: failed at cost 0
      ready means wired: does not hold
      at harness/tests/cli/scenarios.rs:LINE
      step       time  who and what
         1       0 ms  scenario  draws part = 1
         1       0 ms  scenario  runs and ends
      from step 1 on every continuation fails (the only one was run)
      no smaller run fails
      replay: shop-check replay 'TOKEN'

    0 of 1 scenarios as expected; searched at await points on one thread, cuts at tokio VERSION operations
    report: FILE
    ");
}

#[test]
fn an_incomplete_one_says_what_would_finish_it() {
    insta::assert_snapshot!(told(&[], &[endless().steps(3)]), @r#"
    ──────────────────────────────────────────────────────────────────────────────────────────────────────
     scenario   verdict                          runs   bounds
    ══════════════════════════════════════════════════════════════════════════════════════════════════════
     endless    incomplete (expected verified)     44   faults≤2 preemptions≤2 cancellations≤1 stalls≤0
    ──────────────────────────────────────────────────────────────────────────────────────────────────────
    endless: incomplete
      a run was stopped after 3 steps
      gave up after 100 runs that were stopped
      a run that never ends has no size: let the scenario end, start what never does with `daemon`, or say how long chaos lasts, as in `chaos_for = "5s"`; if it only takes long, raise its bound on steps

    0 of 1 scenarios as expected; searched at await points on one thread, cuts at tokio VERSION operations
    report: FILE
    "#);
}

#[test]
fn a_vacuous_one_names_what_never_happened() {
    insta::assert_snapshot!(told(&[], &[goal_never_reached(), misspelt()]), @r"
    ───────────────────────────────────────────────────────────────────────────────────────────────────
     scenario   verdict                       runs   bounds
    ═══════════════════════════════════════════════════════════════════════════════════════════════════
     no goal    vacuous (expected verified)      3   faults≤2 preemptions≤2 cancellations≤1 stalls≤0
    ───────────────────────────────────────────────────────────────────────────────────────────────────
     misspelt   vacuous (expected verified)      1   faults≤1 preemptions≤2 cancellations≤1 stalls≤0
    ───────────────────────────────────────────────────────────────────────────────────────────────────
    no goal: vacuous
      never came true: the fourth part

    misspelt: vacuous
      no code came to `db.conect`; it came to `db.connect`

    0 of 2 scenarios as expected; searched at await points on one thread, cuts at tokio VERSION operations
    report: FILE
    ");
}

#[test]
fn a_verified_one_names_its_lane() {
    insta::assert_snapshot!(told(&[], &[with_lane()]), @r"
    ────────────────────────────────────────────────────────────────────────────────
     scenario   verdict    runs   bounds
    ════════════════════════════════════════════════════════════════════════════════
     lane       verified      1   faults≤2 preemptions≤2 cancellations≤1 stalls≤0
    ────────────────────────────────────────────────────────────────────────────────
    lane: lane: 1 task of `tokio::spawn`, whole polls in tokio's order
    1 of 1 scenarios as expected; searched at await points on one thread, cuts at tokio VERSION operations
    report: FILE
    ");
}

#[test]
fn notes_are_told_beside_a_verified_one() {
    insta::assert_snapshot!(told(&[], &[with_notes()]), @r"
    ────────────────────────────────────────────────────────────────────────────────
     scenario   verdict    runs   bounds
    ════════════════════════════════════════════════════════════════════════════════
     notes      verified      3   faults≤2 preemptions≤2 cancellations≤1 stalls≤0
    ────────────────────────────────────────────────────────────────────────────────
    notes: verified
      a bound on cancellations is given, and there was none to choose in any run: wrap what a caller may give up in `cancellable`, or leave the bound out

    1 of 1 scenarios as expected; searched at await points on one thread, cuts at tokio VERSION operations
    report: FILE
    ");
}
