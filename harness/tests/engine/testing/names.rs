//! Two scenarios of one name in one process.

use std::fs;

use nevernone::{Scenario, choose, testing};

use super::{Package, VARIABLE};

/// `first` and `second` are called `twins`, `alone` is not.
fn one_of_two(which: &str) {
    let how = std::env::var(VARIABLE).unwrap_or_default();
    if how == "twins" {
        // Which of them comes first is the test harness's business.
        testing::run(&Scenario::new("twins", || async {}));
    } else if how == which {
        testing::run(&Scenario::new("alone", || async { assert_eq!(choose("part", 2), 0) }));
    }
}

#[test]
fn first() {
    one_of_two("first");
}

#[test]
fn second() {
    one_of_two("second");
}

#[test]
fn the_second_scenario_of_one_name_is_red_by_name() {
    let package = Package::new();
    let ran = package.run(&["testing::names::first", "testing::names::second", "--exact"], "twins", &[]);
    ran.is_red(&["1 passed; 1 failed", "two scenarios of this test program are called `twins`", "rename one"]);
}

#[test]
fn a_scenario_whose_package_is_not_known_records_nothing() {
    let package = Package::new();
    let ran = package.run(&["testing::names::first", "--exact"], "first", &[]);
    ran.is_red(&["expected verified, found failed", "NEVERNONE_REPLAY='nn1:alone:"]);
    assert!(!ran.out.contains("recorded"), "{}", ran.out);
    assert!(package.0.join("reports/alone/report.json").is_file());
    assert_eq!(fs::read_dir(&package.0).unwrap().count(), 1, "the report alone");
}
