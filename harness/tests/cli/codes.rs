//! Exit codes: 0 as expected, 1 failed, 3 incomplete, 4 vacuous.

use nevernone::{Scenario, Verdict};

use crate::scenarios::{
    blocking, endless, fault_never_fired, goal_never_reached, misspelt, red, sound, threaded, too_long, unbiased,
    with_lane, with_notes,
};
use crate::{checked, scratch, token};

/// A `check`, its exit code, and what it must print.
struct Case(Scenario, &'static [&'static str], u8, &'static str);

#[test]
fn every_verdict_has_its_exit_code_and_its_words() {
    let cases = [
        Case(sound(), &[], 0, "verified"),
        Case(sound(), &["--explorer", "random", "--runs", "100"], 0, "sampled"),
        Case(with_lane(), &[], 0, "lane: 1 task of `tokio::spawn`"),
        Case(with_notes(), &[], 0, "a bound on cancellations is given, and there was none"),
        Case(red().expect(Verdict::Failed), &[], 0, "failed, as expected"),
        Case(red().expect_failed_by("ready means wired"), &[], 0, "failed, as expected"),
        Case(red(), &[], 1, "failed (expected verified)"),
        Case(sound().expect(Verdict::Failed), &[], 1, "verified (expected failed)"),
        Case(red().expect_failed_by("panic"), &[], 1, "failed (expected failed by `panic`)"),
        Case(endless(), &["--max-time", "1ms"], 3, "stopped after 1ms"),
        Case(too_long(), &[], 3, "a run was stopped after 0 steps"),
        Case(blocking(), &[], 3, "spawn_blocking"),
        Case(threaded(), &[], 3, "thread"),
        Case(unbiased(), &[], 3, "select!"),
        Case(endless().expect(Verdict::Failed), &["--max-time", "1ms"], 3, "incomplete (expected failed)"),
        Case(goal_never_reached(), &[], 4, "never came true: the fourth part"),
        Case(goal_never_reached().expect(Verdict::Vacuous), &[], 0, "vacuous"),
        Case(fault_never_fired(), &[], 4, "never fired: db.retry=refused"),
        Case(fault_never_fired(), &["--faults", "2"], 0, "verified"),
        Case(misspelt(), &[], 4, "no code came to `db.conect`; it came to `db.connect`"),
    ];
    for Case(scenario, words, expected, says) in cases {
        let (code, out) = checked(words, &[scenario]);
        assert_eq!((code, out.contains(says)), (expected, true), "{words:?}, looked for `{says}`:\n{out}");
    }
}

#[test]
fn of_several_scenarios_1_comes_before_4_before_3_before_0() {
    let all = [with_notes(), too_long(), goal_never_reached(), red(), sound()];
    let cases: [(&[&str], u8); 6] = [
        (&[], 1),
        (&["no goal", "red"], 1),
        (&["sound", "notes"], 0),
        (&["notes", "no goal"], 4),
        (&["red", "notes", "no goal"], 1),
        (&["notes"], 0),
    ];
    // One name is enough for two scenarios of which one must be renamed: the endless one is cut by its steps instead.
    let all = all.map(|scenario| if scenario.bounds().steps == 0 { endless().steps(0) } else { scenario });
    for (names, expected) in cases {
        let (code, out) = checked(names, &all);
        assert_eq!(code, expected, "{names:?}:\n{out}");
    }
    for (names, expected) in [(["endless", "sound"], 3), (["endless", "no goal"], 4), (["red", "endless"], 1)] {
        let (code, out) = checked(&names, &all);
        assert_eq!(code, expected, "{names:?}:\n{out}");
    }
}

#[test]
fn a_misspelt_place_is_told_in_one_line() {
    let (_, out) = checked(&[], &[misspelt()]);
    assert_eq!(out.matches("db.conect").count(), 1, "{out}");
    assert!(!out.contains("never fired"), "{out}");
}

#[test]
fn a_replay_says_whether_it_fails_and_where() {
    let (_, out) = checked(&[], &[red()]);
    let (code, replayed) = crate::call(&["replay", token(&out)], &[red()]).unwrap();
    assert_eq!(code, 1, "{replayed}");
    let end = replayed.split_once("failed: ready means wired").expect("the failure").1;
    assert!(end.contains("scenarios.rs:"), "{replayed}");
    let (code, _) = crate::call(&["replay", token(&out)], &[red().expect(Verdict::Failed)]).unwrap();
    assert_eq!(code, 0);
}

/// The shards' reports, merged.
fn merged(scenario: &Scenario, shards: [&str; 2]) -> (u8, String) {
    let folder = scratch();
    let reports = shards.map(|shard| folder.join(shard.replace('/', "-")));
    for (shard, report) in shards.iter().zip(&reports) {
        let words = ["check", "--shard", shard, "--out", report.to_str().unwrap()];
        crate::call(&words, std::slice::from_ref(scenario)).unwrap();
    }
    let [one, two] = reports.map(|report| report.join("report.json").display().to_string());
    crate::call(&["merge", &one, &two, "--out", folder.to_str().unwrap()], &[]).unwrap()
}

#[test]
fn merged_shards_have_the_exit_code_of_the_whole() {
    let both = ["1/2", "2/2"];
    for (scenario, expected, says) in [
        (sound(), 0, "verified"),
        (with_lane(), 0, "lane: 1 task of `tokio::spawn`"),
        (red(), 1, "failed (expected verified)"),
        (red().expect_failed_by("ready means wired"), 0, "failed, as expected"),
        (red().expect_failed_by("panic"), 1, "failed (expected failed by `panic`)"),
        (goal_never_reached(), 4, "never came true: the fourth part"),
        (misspelt(), 4, "no code came to `db.conect`; it came to `db.connect`"),
    ] {
        let (code, out) = merged(&scenario, both);
        assert_eq!((code, out.contains(says)), (expected, true), "looked for `{says}`:\n{out}");
    }
}
