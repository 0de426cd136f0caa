//! Which static outlived a run: it is named, and what is none is not blamed on one. Each scenario is searched in a fresh
//! process, whose statics nobody else changes.
#![cfg(target_os = "linux")]

mod scenarios;

use std::path::Path;
use std::process::Command;

use nevernone::campaign::{Options, check};

use scenarios::{ALL, Kept};

/// Which scenario a process searches: its name.
const VARIABLE: &str = "NEVERNONE_TEST_STATIC";

/// So many processes for each: a name that depends on luck is none.
const PROCESSES: u32 = 8;

#[test]
fn the_scenario_that_was_asked_for_is_searched_here() {
    let Some(wanted) = std::env::var_os(VARIABLE) else {
        let mut names: Vec<&str> = ALL.iter().map(|kept| kept.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
        return;
    };
    let kept = ALL.iter().find(|kept| *kept.name == *wanted).expect("a scenario of that name");
    let report = check(&(kept.scenario)(kept.name), &Options::default());
    println!(
        "verdict: {}\n{}\nadvice: {}",
        report.verdict,
        report.uncontrolled.join("\n"),
        report.advice.unwrap_or_default()
    );
}

/// What a fresh process of `program` tells about a scenario.
fn told_by(program: &Path, kept: &Kept) -> String {
    const HERE: &str = "the_scenario_that_was_asked_for_is_searched_here";
    let mut command = Command::new(program);
    command.args([HERE, "--exact", "--nocapture", "--test-threads=1"]).env(VARIABLE, kept.name);
    let output = command.output().expect("the program starts");
    assert!(output.status.success(), "{}: {output:?}", kept.name);
    String::from_utf8(output.stdout).expect("text")
}

fn told(kept: &Kept) -> String {
    told_by(&std::env::current_exe().expect("a test knows its own program"), kept)
}

#[test]
fn each_scenario_is_incomplete_and_tells_its_own_cause_and_no_other() {
    for kept in ALL {
        for process in 0..PROCESSES {
            let told = told(kept);
            let place = format!("{} in process {process}: {told}", kept.name);
            assert!(told.contains("verdict: incomplete"), "{place}");
            assert!(kept.told.iter().all(|words| told.contains(words)), "{place}");
            assert!(kept.not_told.iter().all(|words| !told.contains(words)), "{place}");
            let proposes = told.contains("put `isolate = \"process\"` into");
            assert_eq!(proposes, kept.proposes_the_switch, "{place}");
        }
    }
}

#[test]
fn a_program_without_symbols_tells_the_usual_causes_and_proposes_the_switch() {
    let own = std::env::current_exe().expect("a test knows its own program");
    let folder = std::env::temp_dir().join(format!("nevernone-stripped-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder of one's own");
    let stripped = folder.join("stripped");
    // The linker comes with it.
    let strip = Command::new("strip").arg("--strip-all").arg("-o").arg(&stripped).arg(&own).status();
    if strip.is_ok_and(|status| status.success()) {
        let kept = ALL.iter().find(|kept| kept.name == "once_lock").expect("in the table");
        let told = told_by(&stripped, kept);
        assert!(
            told.contains("something outlives a run: a static or a thread-local") && !told.contains("POOL"),
            "{told}"
        );
        assert!(told.contains("put `isolate = \"process\"` into"), "{told}");
    } else {
        eprintln!("there is no `strip` here, so a program without symbols was not tried");
    }
    std::fs::remove_dir_all(&folder).expect("it is ours");
}
