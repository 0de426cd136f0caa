//! Whatever cannot be carried out ends with exit code 2 and says why, before anything is searched.

use std::fs;

use nevernone::choice::token::{Token, TokenChoice};

use super::{check, folder, nevernone};

/// The call is refused, and says all of these.
fn refused(arguments: &[&str], reasons: &[&str]) {
    let called = nevernone(arguments);
    assert_eq!((called.code, called.out.as_str()), (2, ""), "{arguments:?}: {called:?}");
    for reason in reasons {
        assert!(called.err.contains(reason), "{arguments:?}: `{reason}` is not in:\n{}", called.err);
    }
}

#[test]
fn an_unknown_scenario_is_answered_with_the_nearest_name() {
    refused(&["check", "startup/erly-request"], &["startup/erly-request", "did you mean `startup/early-request`?"]);
    refused(&["check", "none-wired"], &["did you mean `legacy/none-wired`?"]);
    refused(&["check", "zzz"], &["`zzz`", "`list` shows all"]);
}

#[test]
fn a_flag_that_does_not_read_is_named() {
    refused(&["check", "--faults", "x"], &["'x'", "--faults"]);
    refused(&["check", "--jobs", "0"], &["0", "--jobs"]);
    refused(&["check", "--max-time", "5parsecs"], &["--max-time", "`parsecs` is no unit of time"]);
    refused(&["check", "--explorer", "psychic"], &["psychic", "exhaustive"]);
    refused(&["frobnicate"], &["frobnicate"]);
}

#[test]
fn a_token_that_is_none_says_so() {
    refused(&["replay", "rubbish"], &["`rubbish` is no token"]);
    refused(&["replay", ""], &["is no token"]);
}

#[test]
fn a_token_of_another_version_is_outdated() {
    let other = token("legacy/none-wired", Vec::new()).replacen("nn1", "nn0", 1);
    refused(&["replay", &other], &["version `nn0`", "search again"]);
}

#[test]
fn a_token_that_was_cut_or_changed_is_damaged() {
    let good = token("legacy/none-wired", vec![choice(3, "next")]);
    refused(&["replay", &good[..good.len() - 3]], &["damaged", "copy it again"]);
    refused(&["replay", &good.replacen("none-wired", "none-wirec", 1)], &["damaged"]);
}

#[test]
fn a_token_that_no_longer_fits_names_the_draw() {
    let renamed = token("legacy/none-wired", vec![choice(0, "value@gone")]);
    refused(&["replay", &renamed], &["outdated", "draw 0", "value@gone"]);
    let too_long = token("legacy/none-wired", vec![choice(9_999, "next")]);
    refused(&["replay", &too_long], &["outdated", "draw 9999"]);
    let unknown = token("legacy/some-wired", Vec::new());
    refused(&["replay", &unknown], &["legacy/some-wired", "did you mean `legacy/none-wired`?"]);
}

#[test]
fn a_report_that_cannot_be_written_names_the_folder() {
    let file = folder("unwritable").join("a-file");
    fs::write(&file, "in the way").unwrap();
    let below = file.join("report").display().to_string();
    let called = nevernone(&["check", "legacy/none-wired", "--out", &below]);
    assert_eq!(called.code, 2, "{called:?}");
    assert!(called.err.contains(&below) && called.err.contains("--out"), "{}", called.err);
    // The same call with a folder is fine, so it was the folder.
    assert_eq!(check("writable", &["legacy/none-wired"]).0.code, 0);
}

#[cfg(feature = "server")]
#[test]
fn an_address_in_use_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    refused(&["serve", "--listen", &address], &[&address]);
    refused(&["serve", "--listen", "nowhere"], &["nowhere"]);
}

fn token(scenario: &str, choices: Vec<TokenChoice>) -> String {
    Token { scenario: scenario.to_owned(), choices, history: 0 }.to_string()
}

fn choice(position: usize, label: &str) -> TokenChoice {
    TokenChoice { position, label: label.to_owned(), arity: Some(2), value: 1 }
}
