//! The fuzz corpora, replayed: what a campaign found worth keeping is checked by every `cargo test`, by the targets' own
//! laws.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use nevernone::{campaign, explore::Bytes, fuzz::BOUNDS};
use nevernone_reference::scenarios::named;

#[path = "../../fuzz/src/laws/mod.rs"]
#[expect(unreachable_pub, reason = "it is the library of the fuzz targets, whose programs reach it")]
mod laws;

use laws::{TARGETS, Target};

/// One test a target, so that they run side by side and each is named where it fails.
macro_rules! replayed {
    ($($test:ident: $target:literal),+ $(,)?) => {
        $(
            #[test]
            fn $test() {
                replay(&laws::named($target).expect("it is one of the targets"));
            }
        )+

        #[test]
        fn every_target_is_replayed() {
            assert_eq!(TARGETS.map(|target| target.name), [$($target),+]);
        }
    };
}

replayed! {
    every_kept_input_of_startup_order_is_a_case_of_its_own: "startup_order",
    every_kept_input_of_any_scenario_is_a_case_of_its_own: "any_scenario",
    every_kept_input_of_wire_is_a_case_of_its_own: "wire",
    every_kept_input_of_token_is_a_case_of_its_own: "token",
    every_kept_input_of_log_verifier_is_a_case_of_its_own: "log_verifier",
    every_kept_input_of_report_reader_is_a_case_of_its_own: "report_reader",
}

/// The law of every input of a target, and that each is worth its place. What once broke the law is not asked to be a case
/// of its own: it may stand beside a kept input that is one by now.
fn replay(target: &Target) {
    let mut cases: BTreeMap<String, String> = BTreeMap::new();
    for (file, bytes) in inputs("corpus", target.name) {
        // The law itself: panics with the story where an input breaks it.
        if is_a_campaigns_own(&file) {
            (target.law)(&bytes);
            continue;
        }
        let case = (target.case)(&bytes).unwrap_or_else(|| panic!("{file} stands for nothing: remove it"));
        assert_eq!(
            (target.kept)(&bytes),
            bytes,
            "{file} is not in the form in which it is kept: `.ci/fuzz keep` mends that"
        );
        if let Some(other) = cases.insert(case.clone(), file.clone()) {
            panic!("{file} and {other} are the same case: remove one. It is {case}");
        }
    }
    assert!(!cases.is_empty(), "the corpus is empty: every check of it is void");
    let once_broken = inputs("regressions", target.name);
    for (file, bytes) in &once_broken {
        assert!((target.law)(bytes), "{file} stands for nothing: remove it");
        (target.bare)(bytes);
    }
    println!("{}: {} inputs, {} that once broke the law", target.name, cases.len(), once_broken.len());
}

/// `cargo fuzz run` leaves its finds here under their SHA-1. They are replayed, but they are not part of the project (see
/// `.gitignore`), and many of them are doubles; `.ci/fuzz` takes those that are none.
fn is_a_campaigns_own(file: &str) -> bool {
    file.len() == 40 && file.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[test]
fn every_program_of_the_fuzz_folder_is_a_target_with_a_corpus() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let listed: BTreeSet<&str> =
        manifest.split("path = \"fuzz_targets/").skip(1).filter_map(|rest| rest.split(".rs\"").next()).collect();
    let targets: BTreeSet<&str> = TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(listed, targets, "fuzz/Cargo.toml and the laws list other targets");
    for name in targets {
        let program = fs::read_to_string(root.join(format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(program.contains(&format!("target!(\"{name}\")")), "fuzz_targets/{name}.rs has another target");
    }
    let folders = |kind: &str| files(&root.join(kind)).into_iter().map(|path| file_name(&path)).collect::<Vec<_>>();
    for folder in folders("corpus").into_iter().chain(folders("regressions")) {
        assert!(laws::named(&folder).is_some(), "`{folder}` is no target's folder");
    }
}

/// What an exhaustive search would call vacuous.
#[test]
fn the_corpus_of_startup_order_reaches_every_goal_and_every_fault() {
    let scenario = named("startup/early-request").unwrap();
    let (mut known, mut reached) = (BTreeSet::new(), BTreeSet::new());
    for (_, bytes) in inputs("corpus", "startup_order") {
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

#[test]
fn the_corpus_of_any_scenario_has_a_run_of_each() {
    let any = laws::named("any_scenario").unwrap();
    let cases: Vec<String> = inputs("corpus", "any_scenario").values().filter_map(|bytes| (any.case)(bytes)).collect();
    for name in laws::scenario_names() {
        let has_run = cases.iter().any(|case| case.starts_with(&format!("nn1:{name}:")));
        assert!(has_run, "no input is a run of `{name}`");
    }
}

/// The files of a target's folder with their bytes, in the order of their names; none where there is no folder.
fn inputs(kind: &str, target: &str) -> BTreeMap<String, Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(kind).join(target);
    files(&folder).into_iter().map(|path| (file_name(&path), fs::read(path).unwrap())).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}
