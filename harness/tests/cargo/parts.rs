//! A search in parts: shards put together, a checkpoint gone on from.

use std::fs;

use nevernone::Verdict;

use crate::{call, checked, scenario, scratch};

#[test]
fn merged_shards_are_the_whole() {
    let folder = scratch();
    let reports = ["1/2", "2/2"].map(|shard| folder.join(shard.replace('/', "-")));
    for (shard, report) in ["1/2", "2/2"].iter().zip(&reports) {
        let out = report.to_str().expect("text");
        let words = ["check", "deep::wide", "billing/startup::ready", "--shard", shard, "--out", out];
        call(&words).says(0, &[&format!("shard {shard} complete")]);
    }
    let [one, two] = reports.map(|report| report.join("report.json").display().to_string());
    let out = folder.to_str().expect("text");
    call(&["merge", &one, "--out", out]).says(2, &["these shards are missing: 2/2"]);
    call(&["merge", &one, &two, "--out", out]).says(0, &["verified", "729", "billing/startup::ready"]);
}

#[test]
fn a_checkpoint_holds_what_is_finished_of_every_scenario() {
    let file = scratch().join("checkpoint");
    let file = file.to_str().expect("text");
    let words = ["deep::wide", "shop::tests::a_part_is_drawn", "--checkpoint", file];
    let (called, first) = checked(&words);
    called.says(0, &[]);
    let written = fs::read_to_string(file).expect("a checkpoint");
    assert!(written.contains("a_part_is_drawn") && written.lines().count() > 64, "{written}");
    let (called, second) = checked(&words);
    called.says(0, &[]);
    let [first, second] = [&first, &second].map(|report| scenario(report, "cold_start::deep::wide"));
    assert_eq!((first.runs, second.runs, second.verdict), (729, 729, Verdict::Verified));
    assert_eq!(fs::read_to_string(file).expect("a checkpoint"), written, "nothing was searched again");
    call(&["check", "deep::wide", "--checkpoint", file]).says(2, &["is of other scenarios"]);
    let other = [&["check"], &words[..], &["--faults", "9"]].concat();
    call(&other).says(2, &["other bounds for `cold_start::deep::wide`"]);
}

#[test]
fn one_checkpoint_cannot_tell_two_packages_apart() {
    let file = scratch().join("checkpoint");
    let words =
        ["check", "billing/startup::ready", "shop/startup::ready", "--checkpoint", file.to_str().expect("text")];
    call(&words).says(2, &["several packages have a scenario `startup::ready`", "choose a package with -p"]);
    assert!(!file.exists());
}
