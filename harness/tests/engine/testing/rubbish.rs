//! A file of recorded runs that does not read: a red test with file, line and reason, and nothing overwritten.

use std::fs;

use super::Package;

/// The subject is green but for its file.
#[track_caller]
fn refused(package: &Package, says: &[&str]) {
    let file = package.file().display().to_string();
    let says: Vec<String> = says.iter().map(|words| words.replace("FILE", &file)).collect();
    let says: Vec<&str> = says.iter().map(String::as_str).collect();
    package.subject("green").is_red(&says);
    // Nor does a failure go on top of it.
    package.subject("red 3").is_red(&says);
}

#[track_caller]
fn refused_as_it_is(content: impl AsRef<[u8]>, says: &[&str]) {
    let package = Package::new();
    package.record(&content);
    refused(&package, says);
    assert_eq!(fs::read(package.file()).unwrap(), content.as_ref(), "nothing is overwritten");
}

#[test]
fn what_is_no_token_is_named_by_its_line() {
    refused_as_it_is("# a comment\n\nrubbish\n", &["FILE:3: `rubbish` is no token", "repair or delete it"]);
    refused_as_it_is(b"# \xff\xfe\n", &["FILE:1: this is no UTF-8"]);
    refused_as_it_is(b"#\n\0\x01\n", &["FILE:2: ", "is no token"]);
    refused_as_it_is("<<<<<<< HEAD\n", &["FILE:1: `<<<<<<< HEAD` is no token"]);
}

#[test]
fn a_token_that_was_cut_is_damaged() {
    let token = Package::token(3);
    refused_as_it_is(&token[..token.len() - 2], &["FILE:1: the token is damaged"]);
    // Two on one line.
    refused_as_it_is(format!("{token} {token}\n"), &["FILE:1: the token is damaged"]);
}

#[test]
fn a_token_of_another_test_names_it() {
    let token = nevernone::choice::token::Token {
        scenario: "engine::testing::sibling".to_owned(),
        choices: Vec::new(),
        history: 1,
    };
    let says = "FILE:2: this token belongs to `engine::testing::sibling`, and the test is `engine::testing::subject`";
    refused_as_it_is(format!("# moved\n{token}\n"), &[says]);
}

#[test]
fn a_folder_in_its_place_is_told() {
    let package = Package::new();
    fs::create_dir_all(package.file()).unwrap();
    refused(&package, &["FILE cannot be read: "]);
    assert!(package.file().is_dir());
}

#[test]
fn a_file_in_place_of_its_folder_is_told() {
    let package = Package::new();
    let folder = package.0.join("nevernone-regressions");
    fs::write(&folder, "mine").unwrap();
    refused(&package, &["FILE cannot be read: "]);
    assert_eq!(fs::read_to_string(&folder).unwrap(), "mine");
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_opened_is_told() {
    let package = Package::new();
    fs::create_dir(package.0.join("nevernone-regressions")).unwrap();
    // A link to itself: even somebody who may read everything cannot open it.
    std::os::unix::fs::symlink(package.file(), package.file()).unwrap();
    refused(&package, &["FILE cannot be read: "]);
}
