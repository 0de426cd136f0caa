//! Variables that do not read, or that nobody reads: red, since a bound that is silently dropped makes the verdict a lie.

use super::{Package, SUBJECT};

#[track_caller]
fn refused(name: &str, value: &str, says: &str) {
    let package = Package::new();
    package.run(&[SUBJECT, "--exact"], "green", &[(name, value)]).is_red(&[says]);
    assert_eq!(std::fs::read_dir(&package.0).unwrap().count(), 0, "nothing is written");
}

#[test]
fn a_variable_that_does_not_read_is_red_with_what_would_do() {
    refused("NEVERNONE_FAULTS", "many", "NEVERNONE_FAULTS=`many` does not read: ");
    refused("NEVERNONE_MAX_TIME", "soon", "set it to a duration, as in 500ms, 60s or 5m, or unset it");
    refused("NEVERNONE_SHARD", "", "the environment variable NEVERNONE_SHARD is empty");
    refused("NEVERNONE_REPLAY", "rubbish", "`rubbish` is no token");
}

#[test]
fn a_misspelt_variable_is_red_with_the_one_that_was_meant() {
    refused("NEVERNONE_FAULT", "1", "NEVERNONE_FAULT is none that a test reads; did you mean NEVERNONE_FAULTS?");
}

#[test]
fn the_bounds_of_the_environment_hold() {
    let package = Package::new();
    let ran = package.run(&[SUBJECT, "--exact", "--show-output"], "", &[("NEVERNONE_FAULTS", "7")]);
    ran.is_green(&["within faults≤7 preemptions≤0"]);
}
