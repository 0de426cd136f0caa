//! What cannot be carried out: exit code 2, and a sentence that says what to do.

use std::sync::atomic::{AtomicBool, Ordering};

use nevernone::{Scenario, always, choose, fault};

use crate::scenarios::{red, sound};
use crate::{Called, call, check, checked, scratch, token};

#[track_caller]
fn refused(called: Called, says: &[&str]) {
    let problem = called.expect_err("refused").to_string();
    for words in says {
        assert!(problem.contains(words), "looked for `{words}` in: {problem}");
    }
}

#[test]
fn a_name_that_nobody_has_is_met_with_the_nearest() {
    refused(check(&["soumd"], &[red(), sound()]), &["there is no scenario `soumd`; did you mean `sound`?", "`list`"]);
    let problem = check(&["xyzzy"], &[red()]).unwrap_err().to_string();
    assert!(!problem.contains("did you mean"), "{problem}");
}

#[test]
fn two_scenarios_of_one_name_are_refused_whatever_is_asked() {
    for words in [&["list"][..], &["check"], &["check", "red"], &["replay", "nn1:x"]] {
        refused(call(words, &[sound(), red(), sound()]), &["two scenarios are called `sound`", "rename one"]);
    }
}

#[test]
fn a_token_that_is_none_or_damaged_is_told_from_one_of_another_version() {
    let (_, out) = checked(&[], &[red()]);
    let token = token(&out);
    let replay = |token: &str| call(&["replay", token], &[red()]);
    refused(replay("rubbish"), &["`rubbish` is no token", "copy the whole line"]);
    refused(replay(&token[..token.len() - 1]), &["damaged", "copy it again"]);
    refused(replay(&token.replacen("red", "rod", 1)), &["damaged"]);
    refused(replay(&token.replacen("nn1", "nn9", 1)), &["version `nn9`", "`nn1`", "search again"]);
}

#[test]
fn a_token_of_a_scenario_that_is_not_here_names_it() {
    let (_, out) = checked(&[], &[red()]);
    refused(call(&["replay", token(&out)], &[sound()]), &["there is no scenario `red`"]);
}

#[test]
fn a_token_that_no_longer_fits_is_outdated() {
    let (_, out) = checked(&[], &[red()]);
    let replay = |scenario| call(&["replay", token(&out)], &[scenario]);
    let shorter = Scenario::new("red", || async { always("ready means wired", || true) });
    refused(replay(shorter), &["outdated", "search again"]);
    let other = Scenario::new("red", || async {
        let _ = (choose("region", 3), fault("part", &["err"]));
    });
    refused(replay(other), &["outdated"]);
}

#[test]
fn a_checkpoint_of_another_search_is_refused_and_left_as_it_is() {
    let file = scratch().join("checkpoint");
    let checkpoint = ["--checkpoint", file.to_str().unwrap()];
    assert_eq!(checked(&checkpoint, &[sound()]).0, 0);
    let written = std::fs::read(&file).unwrap();
    let with = |words: &[&str], scenarios: &[Scenario]| check(&[&checkpoint, words].concat(), scenarios);
    refused(
        with(&["--faults", "7"], &[sound()]),
        &["other bounds for `sound`", "name another file, or delete this one"],
    );
    refused(with(&["--shard", "1/2"], &[sound()]), &["another shard (the whole)"]);
    refused(with(&[], &[red()]), &["other scenarios (sound)"]);
    assert_eq!(std::fs::read(&file).unwrap(), written);
    assert_eq!(checked(&checkpoint, &[sound()]).0, 0);
    std::fs::write(&file, "rubbish\n").unwrap();
    refused(with(&[], &[sound()]), &["checkpoint:1: this is no line of a checkpoint"]);
}

#[test]
fn rubbish_is_not_merged() {
    let folder = scratch();
    let report = folder.join("report.json");
    let merge = || call(&["merge", report.to_str().unwrap(), "--out", folder.to_str().unwrap()], &[]);
    refused(merge(), &["report.json cannot be read"]);
    std::fs::write(&report, "{\n  rubbish\n}").unwrap();
    refused(merge(), &["report.json:2: this is no report"]);
    call(&["check", "--out", folder.to_str().unwrap()], &[sound()]).unwrap();
    refused(merge(), &["report.json: "]);
    call(&["check", "--shard", "1/2", "--out", folder.to_str().unwrap()], &[sound()]).unwrap();
    refused(merge(), &["these shards are missing: 2/2"]);
}

#[test]
fn a_sample_has_no_parts() {
    for (flag, value) in [("--shard", "1/2"), ("--checkpoint", "file")] {
        let called = check(&["--explorer", "random", flag, value], &[sound()]);
        refused(called, &[flag, "exhaustive explorer", "another --seed"]);
    }
}

#[test]
fn a_folder_that_cannot_be_written_to_is_named_before_anything_is_searched() {
    static SEARCHED: AtomicBool = AtomicBool::new(false);
    // Relaxed: read after the call has returned or its threads have ended.
    let scenario = Scenario::new("searched", || async { SEARCHED.store(true, Ordering::Relaxed) });
    let file = scratch().join("a-file");
    std::fs::write(&file, "").unwrap();
    for folder in [file.clone(), file.join("below")] {
        let called = call(&["check", "--out", folder.to_str().unwrap()], std::slice::from_ref(&scenario));
        refused(called, &["could not be written to", "a-file", "--out"]);
    }
    assert!(!SEARCHED.load(Ordering::Relaxed));
}
