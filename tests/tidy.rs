//! Style that can be counted, and sentences of README that can be checked.

use std::fs;
use std::path::{Path, PathBuf};

/// Files up to about 300 lines; this is where "about" ends.
const LINES: usize = 320;

/// Every Rust file of the project, by its path from the root, with its text.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "harness", "tests", "fuzz"] {
        collect(&root.join(folder), &mut files);
    }
    let named = |path: PathBuf| {
        let name = path.strip_prefix(root).unwrap().display().to_string().replace('\\', "/");
        (name, fs::read_to_string(&path).unwrap())
    };
    let mut sources: Vec<_> = files.into_iter().map(named).collect();
    sources.sort();
    assert!(sources.len() > 50, "the sources were not found: {}", sources.len());
    sources
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Fails with every file for which `problem` has something to say.
fn check(what: &str, problem: impl Fn(&str, &str) -> Option<String>) {
    let found: Vec<String> = sources()
        .iter()
        .filter_map(|(name, text)| problem(name, text).map(|problem| format!("{name}: {problem}")))
        .collect();
    assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
}

/// Code without comments, so that a comment may name what code must not.
fn code(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_file_says_what_it_is_and_is_one_idea_long() {
    check("files begin with //! and have few lines", |_, text| {
        let lines = text.lines().count();
        if !text.starts_with("//!") && !text.starts_with("#!") {
            return Some("does not begin with //!".to_owned());
        }
        (lines > LINES).then(|| format!("{lines} lines"))
    });
}

#[test]
fn the_framework_never_names_the_reference() {
    check("the framework names the reference", |name, text| {
        (name.starts_with("harness/") && code(text).contains("nevernone_reference")).then(|| "does".to_owned())
    });
}

#[test]
fn cores_name_no_tokio() {
    check("a file that shares through crate::sync names tokio", |name, text| {
        let code = code(text);
        let shares = code.contains("crate::sync") || code.contains("    sync::");
        (name.starts_with("src/") && shares && code.contains("tokio")).then(|| "does".to_owned())
    });
}

#[test]
fn unsafe_lives_in_four_files() {
    check("unsafe code", |name, text| {
        // The models hand raw pointers to loom, which is how it sees an access.
        let files = [
            "src/singleton/slot.rs",
            "harness/src/run/suspension.rs",
            "harness/src/run/isolate/region.rs",
            "harness/src/run/isolate/sys.rs",
            "harness/src/run/isolate/getrandom.rs",
        ];
        let allowed = files.contains(&name) || name.starts_with("tests/");
        let found = code(text).lines().any(|line| line.contains("unsafe ") || line.contains("unsafe{"));
        (!allowed && found).then(|| "holds unsafe code".to_owned())
    });
}

#[test]
fn every_test_runs_and_none_waits_by_the_clock() {
    let forbidden =
        ["#[ignore", "#[should_panic]", "thread::sleep(", "todo!(", "unimplemented!(", "```ignore", "```no_run"];
    check("tests that do not run, or wait by the clock", |name, text| {
        let found = forbidden.iter().find(|word| text.contains(**word))?;
        (name != "tests/tidy.rs").then(|| format!("holds {found}"))
    });
}

#[test]
fn the_test_in_readme_is_the_one_that_runs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let shown =
        readme.split("```rust\n").nth(1).and_then(|rest| rest.split("```").next()).expect("README shows a test");
    let tested = fs::read_to_string(root.join("harness/tests/adopter/readme.rs")).unwrap();
    assert!(tested.contains(shown.trim()), "README shows another test than harness/tests/adopter/readme.rs runs");
    let imports = tested.lines().find(|line| line.starts_with("use nevernone::")).expect("it uses the framework");
    assert!(readme.contains(imports), "README does not name what its test imports: `{imports}`");
}

/// The table in the crate's documentation names tests and scenarios, and none that does not exist.
#[test]
fn whatever_the_table_of_seeds_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = fs::read_to_string(root.join("src/seeds.md")).unwrap();
    let code: String = sources().into_iter().map(|(_, text)| text).collect();
    let is_test = |name: &str| name.contains('_') && name.bytes().all(|sign| sign.is_ascii_lowercase() || sign == b'_');
    let is_scenario = |name: &str| name.contains('/') && !name.contains('.');
    let mut named = 0;
    for name in table.split('`').skip(1).step_by(2) {
        let last = name.rsplit("::").next().unwrap_or(name);
        let there = match name {
            name if is_scenario(name) => code.contains(&format!("Scenario::new(\"{name}\"")),
            _ if is_test(last) => code.contains(&format!("fn {last}(")),
            _ => continue,
        };
        named += 1;
        assert!(there, "src/seeds.md names `{name}`, which is nowhere");
    }
    assert!(named > 15, "only {named} names were found in src/seeds.md");
}
