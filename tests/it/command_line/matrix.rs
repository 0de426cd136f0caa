//! `nevernone matrix`: the table in the docs is what it finds.

use std::sync::LazyLock;

use super::{Called, check, folder_of, nevernone};

const DOCS: &str = include_str!("../../../src/matrix.md");

/// One call for all tests here.
static SEARCHED: LazyLock<Called> = LazyLock::new(|| {
    let out = folder_of("matrix").display().to_string();
    nevernone(&["matrix", "--out", &out])
});

/// A part of what it printed, up to the empty line.
fn printed(beginning: &str) -> &str {
    let from = SEARCHED.out.find(beginning).unwrap_or_else(|| panic!("no `{beginning}` in:\n{}", SEARCHED.out));
    let part = &SEARCHED.out[from..];
    part.split("\n\n").next().unwrap_or(part)
}

/// The tokens that a text lists, a line each.
fn tokens(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.starts_with("nn1:layers/")).collect()
}

#[test]
fn each_cell_comes_to_what_is_expected_of_it() {
    assert_eq!((SEARCHED.code, SEARCHED.err.as_str()), (0, ""), "{}", SEARCHED.out);
    let summary = SEARCHED.out.lines().find(|line| line.contains("cells as expected")).unwrap();
    assert!(summary.starts_with("208 of 208 cells as expected: "), "{summary}");
}

#[test]
fn the_tables_in_the_docs_are_what_the_search_finds() {
    for beginning in ["| prevention | detection |", "| kind "] {
        let table = printed(beginning);
        assert!(table.lines().count() > 10, "{table}");
        assert!(
            DOCS.contains(table),
            "src/matrix.md shows another table than `cargo run --release -- matrix`:\n{table}"
        );
    }
}

#[test]
fn each_token_in_the_docs_replays_to_its_cells_failure() {
    let (found, documented) = (tokens(&SEARCHED.out), tokens(DOCS));
    let cell = |token: &str| token.split(':').nth(1).unwrap().to_owned();
    let cells = |tokens: &[&str]| -> Vec<String> { tokens.iter().copied().map(cell).collect() };
    assert_eq!(cells(&documented), cells(&found), "the cells that fail");
    for token in documented {
        let replayed = nevernone(&["replay", token]);
        assert_eq!((replayed.code, replayed.err.as_str()), (0, ""), "{token}\n{}", replayed.out);
        assert!(replayed.out.contains("\nfailed: "), "{token}\n{}", replayed.out);
    }
}

#[test]
fn a_cell_is_searched_by_its_name_and_in_nobodys_way() {
    let (checked, report) = check("cell", &["layers/prevention/nothing"]);
    assert_eq!(checked.code, 0, "{checked:?}");
    assert_eq!(report.unwrap()["scenarios"][0]["failure"]["cost"], 2);
    let listed = nevernone(&["list", "--descents", "2"]);
    assert!(listed.code == 0 && !listed.out.contains("layers/"), "{listed:?}");
    let help = nevernone(&["matrix", "--help"]);
    assert!(help.out.contains("layers/LAYERS/KIND"), "{}", help.out);
}
