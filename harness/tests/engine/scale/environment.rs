//! How `cargo test` is told about shards, workers and seeds: by the environment of a process of its own.

use std::process::{Command, Output};

use super::{SOUND, service};

/// Set in the processes that search.
const VARIABLE: &str = "NEVERNONE_TEST_ENVIRONMENT";

#[test]
fn the_search_of_a_fresh_process_is_done_here() {
    match std::env::var(VARIABLE).as_deref() {
        Ok("sound") => nevernone::testing::run(&service(SOUND)),
        Ok("fails") => nevernone::testing::run(&service(3)),
        _ => {}
    }
}

fn searched(scenario: &str, environment: &[(&str, &str)]) -> (bool, String) {
    const HERE: &str = "scale::environment::the_search_of_a_fresh_process_is_done_here";
    let program = std::env::current_exe().expect("a test knows its own program");
    let mut command = Command::new(program);
    for name in ["SHARD", "JOBS", "SEED", "MAX_TIME", "FAULTS", "REPLAY"] {
        command.env_remove(format!("NEVERNONE_{name}"));
    }
    command.args([HERE, "--exact", "--nocapture", "--test-threads=1"]).env(VARIABLE, scenario);
    let Output { status, stdout, stderr } = command.envs(environment.iter().copied()).output().expect("it starts");
    (status.success(), String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr))
}

/// How many runs are told.
#[track_caller]
fn runs(out: &str, verdict: &str) -> u64 {
    let told = out.lines().find_map(|line| line.split_once(&format!("service: {verdict}, ")));
    let (_, rest) = told.unwrap_or_else(|| panic!("`{verdict}` is not in {out}"));
    rest.split(' ').next().and_then(|number| number.parse().ok()).expect("a number")
}

#[test]
fn workers_search_as_much_as_one_and_shards_as_much_together() {
    let (green, out) = searched("sound", &[]);
    assert!(green, "{out}");
    let whole = runs(&out, "verified");
    let (green, out) = searched("sound", &[("NEVERNONE_JOBS", "3")]);
    assert!(green && runs(&out, "verified") == whole, "{out}");
    let shards = ["1/3", "2/3", "3/3"].map(|shard| {
        let (green, out) = searched("sound", &[("NEVERNONE_SHARD", shard)]);
        assert!(green, "{out}");
        runs(&out, &format!("incomplete (shard {})", shard.replace('/', " of ")))
    });
    assert_eq!(shards.iter().sum::<u64>(), whole, "{shards:?}");
}

#[test]
fn a_seed_samples_and_never_verifies() {
    let sample = |seed| {
        let (green, out) = searched("sound", &[("NEVERNONE_SEED", seed)]);
        assert!(green, "{out}");
        runs(&out, "sampled")
    };
    assert_eq!(sample("7"), sample("7"));
}

#[test]
fn a_failure_is_red_in_every_part_that_meets_it_and_nonsense_is_refused() {
    let (green, out) = searched("fails", &[("NEVERNONE_JOBS", "2")]);
    assert!(!green && out.contains("expected verified, found failed"), "{out}");
    for (name, value) in [("NEVERNONE_SHARD", "9/8"), ("NEVERNONE_JOBS", "0"), ("NEVERNONE_SEED", "many")] {
        let (green, out) = searched("sound", &[(name, value)]);
        assert!(!green && out.contains(&format!("{name}=`{value}` does not read")), "{out}");
    }
    let (green, out) = searched("sound", &[("NEVERNONE_SEED", "1"), ("NEVERNONE_SHARD", "1/2")]);
    assert!(!green && out.contains("a sample has no shards"), "{out}");
}
