//! `report`: folders that a report was left in, put together.

use std::fs;
use std::path::Path;

use crate::{call, checked, command, run, scratch};

#[test]
fn what_tests_left_is_gathered_and_what_is_broken_is_named() {
    let (reports, out) = (scratch(), scratch());
    for (folder, name) in [("shop/drawn", "shop::tests::a_part_is_drawn"), ("shop/none", "cold_start::no_such_part")] {
        let folder = reports.join(folder);
        call(&["check", name, "--out", folder.to_str().expect("text")]);
        assert!(folder.join("report.json").exists());
    }
    let [from, to] = [&reports, &out].map(|folder| folder.to_str().expect("text"));
    let called = call(&["report", from, "--out", to]);
    called.says(4, &["shop::tests::a_part_is_drawn", "never came true: the fourth part", "1 of 2 scenarios"]);
    fs::remove_file(reports.join("shop/none/report.json")).expect("removed");
    call(&["report", from, "--out", to]).says(0, &["1 of 1 scenarios as expected"]);
    fs::create_dir_all(reports.join("billing/ready")).expect("a folder");
    fs::write(reports.join("billing/ready/report.json"), "{\n rubbish").expect("written");
    let called = call(&["report", from, "--out", to]);
    called.says(3, &["left out:", "report.json:2: this is no report", "1 of 1 scenarios as expected"]);
}

#[test]
fn an_empty_folder_says_what_to_run_first() {
    call(&["report", scratch().to_str().expect("text")]).says(2, &["there is nothing to report in", "`cargo test`"]);
}

#[test]
fn two_packages_reports_of_one_name_are_told_apart() {
    let (reports, out) = (scratch(), scratch());
    for package in ["billing", "shop"] {
        let folder = reports.join(package).join("ready");
        call(&["check", "-p", package, "startup::ready", "--out", folder.to_str().expect("text")]);
    }
    let [from, to] = [&reports, &out].map(|folder| folder.to_str().expect("text"));
    call(&["report", from, "--out", to]).says(1, &["billing/startup::ready", "shop/startup::ready"]);
    assert_eq!(checked(&["-p", "shop", "startup::ready"]).1.scenarios[0].name, "startup::ready");
}

#[test]
fn what_cargo_test_leaves_is_what_report_gathers() {
    let (asked_for, out) = (scratch(), scratch());
    let in_cargo = |words: &[&str], folder: Option<&Path>| {
        let mut cargo = command("cargo");
        cargo.args(words).envs(folder.map(|folder| ("NEVERNONE_REPORT_DIR", folder)));
        run(&mut cargo)
    };
    for folder in [None, Some(&*asked_for)] {
        in_cargo(&["test", "-p", "billing", "--test", "startup"], folder).says(0, &[]);
        let gathered = in_cargo(&["nevernone", "report", "--out", out.to_str().expect("text")], folder);
        gathered.says(0, &["startup::ready", "verified", "1 of 1 scenarios as expected"]);
    }
}
