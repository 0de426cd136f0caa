//! `NEVERNONE_REPLAY` with a token of another test: one that does nothing must not look as if it had replayed.

use super::{Package, SUBJECT};

#[test]
fn a_test_whose_token_is_replayed_beside_it_has_nothing_to_do() {
    let package = Package::new();
    let token = Package::token(3);
    let ran = package.run(&["testing::s", "--show-output"], "red 3", &[("NEVERNONE_REPLAY", &token)]);
    ran.is_red(&["1 passed; 1 failed", "draws part = 3", "which is replayed there; nothing was run here"]);
}

#[test]
fn a_test_that_was_asked_for_with_anothers_token_is_red() {
    let package = Package::new();
    let token = Package::token(3);
    let replay = [("NEVERNONE_REPLAY", &*token)];
    for words in [&["testing::sibling", "--exact"][..], &["sibling"], &["testing::s", "--skip", "subject"]] {
        let ran = package.run(words, "", &replay);
        ran.is_red(&[
            "holds a token of `engine::testing::subject`, which is not among the tests",
            "nothing was replayed",
        ]);
    }
}

#[test]
fn a_token_of_a_test_that_is_gone_is_red() {
    let package = Package::new();
    let token = nevernone::choice::token::Token {
        scenario: "engine::testing::subject_of_old".to_owned(),
        choices: Vec::new(),
        history: 1,
    };
    let says = "holds a token of `engine::testing::subject_of_old`, which is not in this test program any more";
    package.run(&["testing::s"], "", &[("NEVERNONE_REPLAY", &token.to_string())]).is_red(&["2 failed", says]);
    // Another program of the same command may have it.
    let elsewhere = nevernone::choice::token::Token { scenario: "adopter::testing::start".to_owned(), ..token };
    package.run(&["testing::s"], "", &[("NEVERNONE_REPLAY", &elsewhere.to_string())]).is_green(&["2 passed"]);
}

#[test]
fn a_token_that_no_longer_fits_is_red_at_the_tests_line() {
    let package = Package::new();
    let token = Package::token(3);
    let ran = package.run(&[SUBJECT, "--exact"], "renamed", &[("NEVERNONE_REPLAY", &token)]);
    ran.is_red(&["tests/engine/testing.rs:", ": engine::testing::subject: the token is outdated: its draw "]);
}
