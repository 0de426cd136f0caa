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

/// Loom sees what is built on `crate::sync`; a primitive of std's beside it would pass every model.
#[test]
fn cores_share_through_crate_sync_alone() {
    let primitives = ["atomic", "Mutex", "RwLock", "Condvar", "OnceLock", "LazyLock", "Barrier"];
    check("a file that shares through crate::sync names a primitive of std's", |name, text| {
        let code = production(text);
        let shares = ["crate::sync", "    sync::", "    sync,"].iter().any(|word| code.contains(word));
        let found =
            primitives.iter().map(|primitive| format!("std::sync::{primitive}")).find(|word| code.contains(word))?;
        (name.starts_with("src/") && name != "src/sync.rs" && !is_test_file(name) && shares)
            .then(|| format!("names {found}"))
    });
}

/// What `.ci/weakenings` writes: an ordering that is not there was never weakened, and one that is there is in the code.
#[test]
fn the_page_of_weakenings_names_every_ordering() {
    let page = document("src/weakenings.md");
    let rows: Vec<Vec<&str>> = page.lines().filter(|line| line.starts_with("| `src/")).map(cells).collect();
    let mut listed: Vec<(String, String)> = Vec::new();
    for row in &rows {
        let file = quoted(row[0]).remove(0);
        // What was relaxed in the code stands there formerly.
        let codes = quoted(row[1]).into_iter().filter(|_| !row[1].starts_with("formerly"));
        listed.extend(codes.map(|code| (file.clone(), code)));
    }
    let mut ordered = Vec::new();
    for (name, text) in sources().into_iter().filter(|(name, _)| name.starts_with("src/") && !is_test_file(name)) {
        let code = production(&text);
        let lines = code.lines().map(str::trim).filter(|line| names_an_ordering(line)).map(str::to_owned);
        ordered.extend(lines.map(|line| (name.clone(), line)));
    }
    ordered.sort();
    listed.sort();
    assert!(ordered.len() > 10, "only {} orderings were found", ordered.len());
    assert_eq!(
        listed, ordered,
        "src/weakenings.md and the code; add an entry to .ci/weakenings.toml and run .ci/weakenings"
    );
}

fn names_an_ordering(line: &str) -> bool {
    ["Relaxed", "Acquire", "Release", "AcqRel", "SeqCst"].iter().any(|name| line.contains(&format!("Ordering::{name}")))
}

/// Code before the module of its file that only tests have, which stands last, without comments.
fn production(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let begins = |pair: &[&str]| pair[0] == "#[cfg(test)]" && pair[1].contains("mod ") && pair[1].ends_with('{');
    let end = lines.windows(2).position(begins).unwrap_or(lines.len());
    code(&lines[..end].join("\n"))
}

fn is_test_file(name: &str) -> bool {
    name.contains("/tests/") || name.ends_with("/tests.rs")
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

/// The tables in the crate's documentation name tests and scenarios, and none that does not exist.
#[test]
fn whatever_the_tables_in_the_docs_name_is_there() {
    let code: String = sources().into_iter().map(|(_, text)| text).collect();
    for (table, least) in [("src/seeds.md", 15), ("src/bridge/degraded.md", 10)] {
        let mut named = 0;
        let document = document(table);
        let third_column = document.lines().filter_map(|line| cells(line).get(2).copied());
        for name in third_column.flat_map(quoted) {
            let last = name.rsplit("::").next().unwrap_or(&name);
            let there = match &*name {
                name if is_scenario(name) => code.contains(&format!("Scenario::new(\"{name}\"")),
                _ if is_test(last) => code.contains(&format!("fn {last}(")),
                _ => continue,
            };
            named += 1;
            assert!(there, "{table} names `{name}`, which is nowhere");
        }
        assert!(named > least, "only {named} names were found in {table}");
    }
}

/// Of each seed the table says which model and which suite covers it, or that there is none.
#[test]
fn the_table_of_seeds_names_models_and_mock_suites_in_their_columns() {
    let (models, suites) = {
        let of = |is_one: fn(&str, &str) -> bool| -> String {
            sources().into_iter().filter(|(name, text)| is_one(name, text)).map(|(_, text)| text).collect()
        };
        (
            of(|name, _| name.starts_with("tests/loom/")),
            of(|name, text| name.starts_with("tests/it/creation_outcomes/") && text.contains("#[test]")),
        )
    };
    let table = document("src/seeds.md");
    let rows: Vec<Vec<&str>> = table.lines().filter(|line| line.starts_with("| N")).map(cells).collect();
    assert_eq!(rows.len(), 18, "N01 to N18, each once");
    let mut counts = [0, 0];
    for row in &rows {
        let [seed, _, _, model, suite, _] = row[..] else { panic!("six columns: {row:?}") };
        for (place, cell) in [model, suite].into_iter().enumerate() {
            let names = quoted(cell);
            assert_eq!(names.is_empty(), cell == "–", "{seed}: `{cell}` names nothing, and is no dash");
            counts[place] += names.len();
            for name in names {
                let there = match place {
                    0 => models.contains(&format!("Model::new(\"{name}\"")),
                    _ => suites.contains(&format!("fn {name}(")),
                };
                assert!(there, "{seed}: there is no model, or no suite over mocks, called {name}");
            }
        }
    }
    assert!(counts.iter().all(|count| *count > 2), "{counts:?} names in the two columns");
}

fn document(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// What stands between backticks.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn cells(row: &str) -> Vec<&str> {
    row.trim_matches('|').split(" | ").map(str::trim).collect()
}

fn is_test(name: &str) -> bool {
    name.contains('_') && name.bytes().all(|sign| sign.is_ascii_lowercase() || sign == b'_')
}

fn is_scenario(name: &str) -> bool {
    name.contains('/') && !name.contains('.') && !name.starts_with('/')
}
