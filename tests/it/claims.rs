//! The table of claims in the docs names what there is, and leaves nothing out. Its figures are `.ci/claims`' to check.

use std::{collections::BTreeSet, env, fs, path::Path, process::Command};

use nevernone::report::terminal;
use nevernone_reference::scenarios::{all, named};

const TABLE: &str = include_str!("../../src/claims.md");

struct Row {
    tool: &'static str,
    bound: &'static str,
    command: &'static str,
}

fn rows() -> Vec<Row> {
    let lines = TABLE.lines().filter(|line| line.starts_with("| ") && line.contains('`'));
    let cells = lines.map(|line| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>());
    let row = |cells: Vec<&'static str>| match *cells {
        [_claim, _layer, tool, _cases, bound, command] => Row { tool, bound, command: command.trim_matches('`') },
        _ => panic!("a row of six cells, not {cells:?}"),
    };
    let rows: Vec<Row> = cells.map(row).collect();
    assert!(rows.len() > 30, "{} rows", rows.len());
    rows
}

/// The last word of each command that begins like this.
fn named_by(beginning: &str) -> BTreeSet<&'static str> {
    let commands = rows().into_iter().filter_map(|row| row.command.strip_prefix(beginning));
    commands.map(|rest| rest.split_whitespace().next().expect("something is named")).collect()
}

#[test]
fn every_scenario_that_is_to_be_verified_is_a_claim() {
    let claimed = named_by("cargo run --release -- check ");
    let verified: BTreeSet<String> = all().iter().map(|scenario| scenario.name().to_owned()).collect();
    // The incident itself must fail.
    let verified = verified.iter().map(String::as_str).filter(|name| !name.starts_with("legacy/"));
    assert_eq!(claimed, verified.collect());
}

#[test]
fn the_bound_of_a_search_is_the_scenarios_own() {
    for row in rows() {
        if let Some(name) = row.command.strip_prefix("cargo run --release -- check ") {
            let bounds = terminal::bounds(&named(name).unwrap().bounds());
            assert!(bounds.contains(row.bound), "{name} is bound by {bounds}, not {}", row.bound);
        }
    }
}

#[test]
fn every_group_of_models_is_a_claim() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/loom");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let groups: BTreeSet<String> =
        files.map(|file| file.replace(".rs", "/")).filter(|name| name != "support/").collect();
    assert_eq!(named_by("cargo loom "), groups.iter().map(String::as_str).collect());
}

#[test]
fn every_test_that_is_named_exists() {
    let listed = Command::new(env::current_exe().unwrap()).arg("--list").output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    for word in named_by("cargo test --test it ") {
        assert!(listed.contains(word), "no test of this program is called {word}");
    }
}

#[test]
fn each_tool_that_is_spoken_of_has_rows() {
    let used: BTreeSet<_> = rows().into_iter().map(|row| row.tool).collect();
    let explained: BTreeSet<_> =
        TABLE.match_indices("**").filter_map(|(at, _)| TABLE[at..].strip_prefix("**")).collect();
    for tool in used {
        assert!(explained.iter().any(|rest| rest.starts_with(&format!("{tool}**"))), "{tool} is not explained");
    }
}
