//! What cannot be carried out: exit code 2, and a sentence that says what to do.

use crate::{Called, call, checked, command, run, scratch};

#[test]
fn a_name_that_nobody_has_is_met_with_the_nearest() {
    call(&["check", "cold_start::redy_means_wired"]).says(
        2,
        &["there is no scenario `cold_start::redy_means_wired`", "did you mean `cold_start::ready_means_wired`?"],
    );
    call(&["check", "ready"]).says(2, &["several packages have a scenario `ready`: billing, shop; say which with -p"]);
    call(&["check", "no_scenario"]).says(2, &["there is no scenario `no_scenario`"]);
}

#[test]
fn a_token_of_nobody_or_of_nothing_is_told() {
    call(&["replay", "rubbish"]).says(2, &["`rubbish` is no token"]);
    let (called, report) = checked(&["cold_start::ready_means_wired"]);
    let token = &report.scenarios[0].failure.as_ref().unwrap_or_else(|| panic!("{called}")).token;
    call(&["replay", &token[..token.len() - 1]]).says(2, &["damaged"]);
    call(&["replay", "-p", "billing", token]).says(2, &["there is no scenario `cold_start::ready_means_wired`"]);
}

#[test]
fn what_does_not_build_is_cargos_to_tell() {
    let called = call(&["check", "--features", "nonsense"]);
    called.says(2, &["nonsense", "the tests could not be built; cargo said why"]);
}

#[test]
fn a_project_without_scenarios_learns_how_to_write_one() {
    call(&["check", "-p", "billing", "--lib"]).says(2, &["no test here is a scenario", "#[nevernone::test]"]);
    let folder = scratch();
    let called = call(&["list", "--manifest-path", folder.join("Cargo.toml").to_str().expect("text")]);
    called.says(2, &["Cargo.toml"]);
}

#[test]
fn two_scenarios_of_one_name_in_one_package_are_named() {
    let twice = ["check", "-p", "shop", "--features", "twice", "a_part_is_drawn"];
    let both = ["two scenarios of the package shop are called `shop::tests::a_part_is_drawn`", "lib", "bin shop"];
    call(&twice).says(2, &both);
    call(&[&twice[..], &["--lib"]].concat()).says(0, &["verified"]);
}

#[test]
fn a_sample_has_no_parts() {
    call(&["check", "--explorer", "random", "--shard", "1/2"]).says(2, &["exhaustive explorer", "another --seed"]);
}

#[test]
fn help_says_what_each_command_takes() {
    call(&["--help"]).says(0, &["list", "check", "replay", "merge", "report", "Alone it is `check`"]);
    call(&["check", "--help"]).says(0, &["--faults", "--checkpoint", "--package", "--no-default-features"]);
    call(&["check", "--no-such-flag"]).says(2, &["--no-such-flag"]);
}

#[test]
fn a_variable_that_does_not_read_is_named_and_nothing_is_searched() {
    let (folder, (_, failed)) = (scratch(), checked(&["cold_start::ready_means_wired"]));
    let token = &*failed.scenarios[0].failure.as_ref().expect("it fails").token;
    let words = ["nevernone", "check", "deep::wide", "--out", folder.to_str().expect("text")];
    for (name, value, says) in [
        ("NEVERNONE_FAULTS", "many", "NEVERNONE_FAULTS=`many` does not read: "),
        ("NEVERNONE_JOBS", "0", "set it to a number of threads from 1 to 65535, or unset it"),
        ("NEVERNONE_FAULT", "1", "NEVERNONE_FAULT is none that a test reads; did you mean NEVERNONE_FAULTS?"),
        ("NEVERNONE_REPLAY", token, "NEVERNONE_REPLAY is for tests, and this is a search; say `replay 'nn1:"),
    ] {
        let called = run(command("cargo").args(words).env(name, value));
        called.says(2, &[says]);
        assert!(!called.out.contains("deep::wide"), "{called}");
    }
    assert!(!folder.join("report.json").exists());
}

/// The variable in which the driver tells a test what to do, set by somebody else.
fn tested_with(order: &str) -> Called {
    run(command("cargo").args(["test", "-p", "billing", "--test", "startup"]).env("NEVERNONE_DRIVE", order))
}

#[test]
fn an_order_that_does_not_read_is_a_red_test() {
    let said = "NEVERNONE_DRIVE is set by `cargo nevernone` and by nobody else; it does not read";
    tested_with("rubbish").says(101, &[said]);
}

#[test]
fn a_driver_of_another_version_is_told_what_to_install() {
    let answer = scratch().join("answer.json");
    let order = format!(r#"{{"version":99,"answer":{:?},"task":"of the future"}}"#, answer.display().to_string());
    tested_with(&order);
    let answer = std::fs::read_to_string(answer).expect("an answer");
    assert!(answer.contains("Refused") && answer.contains("cargo install --path"), "{answer}");
}
