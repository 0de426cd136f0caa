//! The fuzz corpora, replayed: what a campaign found worth keeping is checked by every `cargo test`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use nevernone::{
    campaign,
    explore::Bytes,
    fuzz::{BOUNDS, one_input},
};
use nevernone_reference::scenarios::named;

#[test]
fn every_kept_input_of_startup_order_is_a_case_of_its_own() {
    let scenario = named("startup/early-request").unwrap();
    let mut cases: BTreeMap<String, String> = BTreeMap::new();
    for (file, bytes) in inputs("startup_order") {
        // The law itself: panics with the story where an input breaks it.
        let case = one_input(&scenario, &bytes);
        if is_a_campaigns_own(&file) {
            continue;
        }
        let case = case.unwrap_or_else(|| panic!("{file} leaves no step to take: remove it"));
        if let Some(other) = cases.insert(case.to_string(), file.clone()) {
            panic!("{file} and {other} are the same case, {case}: remove one");
        }
    }
    println!("startup_order: {} inputs", cases.len());
    assert!(!cases.is_empty(), "the corpus is empty: every check of it is void");
}

/// What an exhaustive search would call vacuous.
#[test]
fn the_corpus_of_startup_order_reaches_every_goal_and_every_fault() {
    let scenario = named("startup/early-request").unwrap();
    let (mut known, mut reached) = (BTreeSet::new(), BTreeSet::new());
    for (_, bytes) in inputs("startup_order") {
        let run = campaign::run_once(&scenario, Bytes::new(bytes, BOUNDS)).unwrap();
        let goals = run.tally.sometimes.into_iter().map(|goal| (goal.name, goal.hits > 0));
        let faults = run.tally.faults.into_iter().map(|fault| (fault.name.1, fault.fired > 0));
        for (name, happened) in goals.chain(faults) {
            known.insert(name);
            reached.extend(happened.then_some(name));
        }
    }
    assert!(known.len() > 5, "{known:?}");
    assert_eq!(known.difference(&reached).collect::<Vec<_>>(), Vec::<&&str>::new());
}

/// The files of a target's corpus with their bytes, in the order of their names.
fn inputs(target: &str) -> BTreeMap<String, Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let named = files.map(|file| file.unwrap().path()).map(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, fs::read(path).unwrap())
    });
    named.collect()
}

/// A campaign on this machine leaves its finds here under their SHA-1. They are replayed, but they are not part of the
/// project (see `.gitignore`), and many of them are doubles.
fn is_a_campaigns_own(file: &str) -> bool {
    file.len() == 40 && file.bytes().all(|byte| byte.is_ascii_hexdigit())
}
