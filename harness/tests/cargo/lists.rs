//! `list`: which tests are scenarios, found without running a test.

use std::fs;

use crate::{call, project};

#[test]
fn every_scenario_is_listed_and_no_test_is_run() {
    let traces = ["shop", "billing"].map(|package| project().join(package).join("trace"));
    for trace in &traces {
        drop(fs::remove_file(trace));
    }
    let listed = call(&["list"]);
    let names = [
        "shop::tests::a_part_is_drawn",
        "cold_start::ready_means_wired",
        "cold_start::deep::wide",
        "cold_start::takes_long (ignored)",
        "shop/startup::ready",
        "billing/startup::ready",
        "failed",
        "729 ± 0",
    ];
    // One of them ends its process while its size is found, and is told.
    listed.says(1, &names);
    listed.says(1, &["cold_start::takes_its_process_with_it: the test's process ended without a report"]);
    for absent in ["no_scenario", "only_with_the_feature", "in_an_example"] {
        assert!(!listed.out.contains(absent), "{listed}");
    }
    for trace in &traces {
        assert!(!trace.exists(), "a test was run that is no scenario: {listed}");
    }
}

#[test]
fn what_is_listed_is_what_cargo_would_build() {
    let listed = call(&["list", "-p", "shop", "--example", "tour", "--unbounded"]);
    listed.says(0, &["tour::tests::in_an_example", "runs without bounds"]);
    assert!(!listed.out.contains("startup"), "{listed}");
    call(&["list", "-p", "shop", "--lib", "--features", "slow"]).says(0, &["shop::tests::only_with_the_feature"]);
    let listed = call(&["list", "-p", "billing"]);
    listed.says(0, &["startup::ready"]);
    assert!(!listed.out.contains("billing/"), "one package alone needs no name before it: {listed}");
}

#[test]
fn scenarios_are_found_in_optimised_programs_too() {
    // Only this crate is optimised: the framework beneath would take minutes.
    let optimised = ["--config", "profile.dev.package.billing.opt-level=3"];
    call(&[&["list", "-p", "billing"], &optimised[..]].concat()).says(0, &["startup::ready"]);
}
