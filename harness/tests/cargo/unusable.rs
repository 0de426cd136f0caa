//! What cannot be carried out: exit code 2, and a sentence that says what to do.

use crate::{call, checked, scratch};

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
