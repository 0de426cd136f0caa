//! Every text by which something is refused or fails: what failed, why, and what to do next.
//!
//! A variant without its text here does not compile, and a type of errors that no test snapshots turns red.

mod graph;
#[cfg(feature = "check")]
mod legacy;
#[cfg(feature = "server")]
mod lines;
mod manager;
mod requests;
mod singleton;
mod startup;
mod wiring;

use std::{fs, path::Path};

/// Every `.rs` file below that is no test of its neighbours, as one text each.
fn collect(folder: &Path, texts: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.file_stem().is_some_and(|name| name == "tests") {
            continue;
        }
        if path.is_dir() {
            collect(&path, texts);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            texts.push(fs::read_to_string(&path).unwrap());
        }
    }
}

fn sources(folder: &str) -> Vec<String> {
    let mut texts = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut texts);
    texts
}

/// The types for which `Error` is derived or written.
fn error_types(source: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut is_error = false;
    for line in source.lines() {
        let derived = line.strip_prefix("#[derive(").and_then(|rest| rest.strip_suffix(")]"));
        is_error |= derived.is_some_and(|traits| traits.split(", ").any(|name| name.ends_with("Error")));
        if let Some(implementor) = line.split_once("Error for ").filter(|(before, _)| before.starts_with("impl")) {
            found.push(name(implementor.1));
        }
        let item = line.trim_start_matches("pub ").trim_start_matches("pub(super) ").trim_start_matches("pub(crate) ");
        if let Some(declared) = item.strip_prefix("enum ").or_else(|| item.strip_prefix("struct "))
            && std::mem::take(&mut is_error)
        {
            found.push(name(declared));
        }
    }
    found
}

fn name(text: &str) -> &str {
    text.split(|sign: char| !sign.is_alphanumeric() && sign != '_').next().unwrap_or_default()
}

#[test]
fn every_type_of_errors_has_its_texts_in_a_test() {
    let code = sources("src");
    let tests: String = code.iter().cloned().chain(sources("tests/it/texts")).collect();
    let types: Vec<&str> = code.iter().flat_map(|source| error_types(source)).collect();
    let without: Vec<&&str> = types
        .iter()
        .filter(|name| ![" ", "<"].iter().any(|end| tests.contains(&format!("texts_of!({name}{end}"))))
        .collect();
    assert!(without.is_empty(), "no test tells the texts of {without:?}");
    assert!(types.len() >= 26, "only {} types of errors were found: {types:?}", types.len());
}
