//! What nevernone costs this service in production, and how small the planted bugs are.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn file(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// All Rust files of a folder without folders in it.
fn files(folder: &str) -> BTreeMap<PathBuf, String> {
    let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn two_lines_of_production_code_know_of_nevernone() {
    let sources = files("src");
    assert!(sources.len() >= 7, "the sources were not found: {:?}", sources.keys());
    let code = sources.values().flat_map(|text| text.lines()).filter(|line| !line.trim_start().starts_with("//"));
    let lines: Vec<&str> = code.filter(|line| line.contains("nevernone")).collect();
    assert_eq!(lines.len(), 2, "one for each external dependency: {lines:#?}");
    for (line, place) in lines.iter().zip(["db.connect", "cache.connect"]) {
        assert!(line.contains(&format!("nevernone_point::point(\"{place}\"")), "{line}");
    }
    let manifest = file("Cargo.toml");
    let (dependencies, tests) = manifest
        .split_once("[dependencies]")
        .and_then(|(_, rest)| rest.split_once("[dev-dependencies]"))
        .expect("both sections");
    let named = |section: &str| section.lines().filter(|line| line.starts_with("nevernone")).count();
    assert_eq!((named(dependencies), named(tests)), (1, 1), "the facade, and the framework for tests only");
}

/// Every file of the tests that shows a difference to `src/startup.rs`.
fn variants() -> BTreeMap<PathBuf, String> {
    let folders = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")).unwrap();
    let folders = folders.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let sources = folders.flat_map(|folder| files(folder.to_str().unwrap()));
    sources.filter(|(_, text)| text.contains("//! ```diff\n")).collect()
}

#[test]
fn a_variant_of_the_startup_is_what_its_comment_says() {
    let variants = variants();
    for planted in ["ready_before_the_cache", "published_early", "sticks_when_given_up"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/planted/{planted}.rs"));
        assert!(variants.contains_key(&path), "{planted} shows no difference: {:?}", variants.keys());
    }
    for (path, bad) in variants {
        let name = path.display();
        let said: String = bad.lines().filter_map(|line| line.strip_prefix("//!")).map(without_margin).collect();
        let diff = said.split("```diff\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a difference");
        let mut good = file("src/startup.rs");
        for hunk in diff.split("...\n") {
            let side = |sign: char| -> String {
                let lines = hunk.lines().filter(|line| line.starts_with([' ', sign]));
                lines.flat_map(|line| [&line[1..], "\n"]).collect()
            };
            assert_eq!(good.matches(&side('-')).count(), 1, "{name}: not in `src/startup.rs`:\n{}", side('-'));
            good = good.replace(&side('-'), &side('+'));
        }
        assert_eq!(told(&good), told(&bad), "{name} differs in what its comment does not say");
    }
}

fn without_margin(line: &str) -> String {
    format!("{}\n", line.strip_prefix(' ').unwrap_or(line))
}

/// The lines that a comment tells; imports and initial values follow from them.
fn told(text: &str) -> Vec<&str> {
    let follows = |line: &&str| line.starts_with("use ") || line.contains("::new(") || line.starts_with("//!");
    text.lines().filter(|line| !follows(line)).collect()
}

#[test]
fn the_planted_bugs_meet_the_bodies_of_the_newcomers_tests() {
    let (tests, bodies) = (file("tests/startup.rs"), file("tests/planted/bodies.rs"));
    let functions: Vec<&str> =
        bodies.split("\npub(crate) async fn ").skip(1).map(|rest| rest.split("\n}\n").next().unwrap()).collect();
    assert_eq!(functions.len(), 3, "the bodies were not found");
    for function in functions {
        assert!(tests.contains(function), "`tests/startup.rs` has another version of {function}");
    }
}
