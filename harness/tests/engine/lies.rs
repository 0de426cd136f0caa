//! Lies that must not pass: each scenario is no function of its choices, and each is searched in fresh processes, fifty
//! of them, since a verdict that depends on luck, on an address or on what an earlier search left behind is none.

mod early;
mod hidden;
mod sticky;

use std::process::Command;

use nevernone::campaign::{Options, check};
use nevernone::shard::Shard;
use nevernone::{Scenario, Verdict};

use crate::search;

/// In which process a lie is searched: its name.
const VARIABLE: &str = "NEVERNONE_TEST_LIE";

/// How the tree is divided there, if at all: `2` workers, or the shard `1/3`.
const DIVIDED: &str = "NEVERNONE_TEST_LIE_DIVIDED";

/// So many processes for each lie.
const PROCESSES: u32 = 50;

/// A scenario that is no function of its choices.
struct Lie {
    name: &'static str,
    scenario: fn(&'static str) -> Scenario,
    /// One of these words tells the reader where to look.
    causes: &'static [&'static str],
}

fn all() -> impl Iterator<Item = &'static Lie> {
    early::LIES.iter().chain(hidden::LIES).chain(sticky::LIES)
}

#[test]
fn no_two_lies_share_a_name_and_the_one_that_was_asked_for_is_searched_here() {
    let Some(wanted) = std::env::var_os(VARIABLE) else {
        let mut names: Vec<&str> = all().map(|lie| lie.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all().count());
        return;
    };
    let lie = all().find(|lie| *lie.name == *wanted).expect("a lie of that name");
    let divided = std::env::var(DIVIDED).ok();
    let report = match divided.as_deref().map(|part| (part.parse::<Shard>(), part.parse())) {
        None => search(&(lie.scenario)(lie.name)),
        Some((Ok(shard), _)) => check(&(lie.scenario)(lie.name), &Options { shard: Some(shard), ..Options::default() }),
        Some((Err(_), jobs)) => check(&(lie.scenario)(lie.name), &Options { jobs: jobs.ok(), ..Options::default() }),
    };
    println!("verdict: {}\ntold: {}", report.verdict, report.uncontrolled.join(" "));
}

/// What a fresh process made of a lie.
fn searched_by_a_fresh_process(lie: &Lie, divided: Option<&str>) -> String {
    const HERE: &str = "lies::no_two_lies_share_a_name_and_the_one_that_was_asked_for_is_searched_here";
    let program = std::env::current_exe().expect("a test knows its own program");
    let arguments = [HERE, "--exact", "--nocapture", "--test-threads=1"];
    let mut command = Command::new(program);
    command.args(arguments).env(VARIABLE, lie.name).env_remove(DIVIDED);
    let output = command.envs(divided.map(|part| (DIVIDED, part))).output().expect("the program starts");
    assert!(output.status.success(), "{}: {output:?}", lie.name);
    String::from_utf8(output.stdout).expect("text")
}

#[track_caller]
fn never_verified(lie: &Lie) {
    for process in 0..PROCESSES {
        let out = searched_by_a_fresh_process(lie, None);
        let (_, verdict) = out.split_once("verdict: ").unwrap_or_else(|| panic!("no verdict in {out}"));
        let place = format!("{} in process {process}", lie.name);
        // What breaks by chance may be confirmed by chance.
        if lie.name == "random_property" && verdict.starts_with(&Verdict::Failed.to_string()) {
            continue;
        }
        assert!(verdict.starts_with(&Verdict::Incomplete.to_string()), "{place}: {verdict}");
        assert!(lie.causes.iter().any(|cause| verdict.contains(cause)), "{place} is not named: {verdict}");
    }
}

#[test]
fn a_static_that_is_filled_late_is_never_verified_by_two_workers() {
    for name in ["filled_late_in_a_large_tree", "filled_by_a_fault", "counter_of_the_closure"] {
        let lie = all().find(|lie| lie.name == name).expect("in the table");
        for process in 0..PROCESSES / 5 {
            let out = searched_by_a_fresh_process(lie, Some("2"));
            let named = lie.causes.iter().any(|cause| out.contains(cause));
            assert!(named && out.contains("verdict: incomplete"), "{name} in process {process}: {out}");
        }
    }
}

#[test]
fn the_shard_that_fills_a_static_late_tells_so_and_is_not_complete() {
    let lie = all().find(|lie| lie.name == "filled_late_in_a_large_tree").expect("in the table");
    let told = ["1/3", "2/3", "3/3"].map(|shard| searched_by_a_fresh_process(lie, Some(shard)));
    let telling = |out: &&String| lie.causes.iter().any(|cause| out.contains(cause));
    assert!(told.iter().any(|out| telling(&out)), "{told:?}");
}

/// A test for each lie, so that they are told apart and run side by side.
macro_rules! lies {
    ($($group:ident: $($name:ident)+;)+) => {
        $($(
            #[test]
            fn $name() {
                let lie = $group::LIES.iter().find(|lie| lie.name == stringify!($name)).expect("in the table");
                never_verified(lie);
            }
        )+)+

        #[test]
        fn every_lie_has_a_test() {
            let tested = [$($(stringify!($name)),+),+];
            assert_eq!(all().map(|lie| lie.name).collect::<Vec<_>>(), tested);
        }
    };
}

lies! {
    early: select_before_a_draw select_at_the_end random_jitter real_clock thread_sets_a_flag;
    hidden: hash_map_fan_out hash_map_of_senders hash_map_at_cost_three order_of_addresses addresses_that_repeat random_destructor
        random_property second_execution_alone_fails;
    sticky: cell_filled_by_the_first_run thread_local_of_the_first_run lock_held_over_runs counter_of_the_closure
        filled_by_a_fault filled_late_in_a_large_tree;
}
