//! The files that a check leaves behind, read by others' parsers.

use std::path::{Path, PathBuf};

use nevernone::report::{Report, annotations};
use nevernone::{Scenario, Verdict, always};
use roxmltree::{Document, Node};

use crate::scenarios::{endless, goal_never_reached, red, sound, with_lane};
use crate::{call, scratch};

/// The folder that a check wrote its files to.
pub(crate) fn written(words: &[&str], scenarios: &[Scenario]) -> PathBuf {
    let folder = scratch();
    call(&[&["check"], words, &["--out", folder.to_str().unwrap()]].concat(), scenarios).unwrap();
    folder
}

pub(crate) fn read(folder: &Path, file: &str) -> String {
    std::fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn child<'a>(node: Node<'a, 'a>, name: &str) -> Option<Node<'a, 'a>> {
    node.children().find(|child| child.has_tag_name(name))
}

fn test_case<'a>(junit: &'a Document<'a>, name: &str) -> Node<'a, 'a> {
    let named = |node: &Node<'_, '_>| node.has_tag_name("testcase") && node.attribute("name") == Some(name);
    junit.descendants().find(named).unwrap_or_else(|| panic!("no test case `{name}`"))
}

fn red_as_expected() -> Scenario {
    Scenario::new("legacy/none-wired", || async { always("wired", || false) }).expect(Verdict::Failed)
}

#[test]
fn junit_has_a_case_for_each_scenario_and_a_failure_for_each_that_is_not_as_expected() {
    let scenarios = [sound(), with_lane(), red(), red_as_expected(), goal_never_reached(), endless().steps(3)];
    let text = read(&written(&[], &scenarios), "junit.xml");
    let junit = Document::parse(&text).unwrap();
    let suite = child(junit.root_element(), "testsuite").expect("a suite");
    for node in [junit.root_element(), suite] {
        let counts = ["tests", "failures", "errors", "skipped"].map(|name| node.attribute(name).unwrap());
        assert_eq!(counts, ["6", "3", "0", "0"], "{text}");
        assert!(node.attribute("time").unwrap().parse::<f64>().is_ok());
    }
    for (name, class, failure) in [
        ("sound", "nevernone", None),
        ("lane", "nevernone", None),
        ("red", "nevernone", Some(("failed", "ready means wired: does not hold"))),
        ("legacy/none-wired", "nevernone.legacy", None),
        ("no goal", "nevernone", Some(("vacuous", "vacuous (expected verified)"))),
        ("endless", "nevernone", Some(("incomplete", "incomplete (expected verified)"))),
    ] {
        let case = test_case(&junit, name);
        let found =
            child(case, "failure").map(|node| (node.attribute("type").unwrap(), node.attribute("message").unwrap()));
        assert_eq!((case.attribute("classname"), found), (Some(class), failure), "{name}");
        assert_eq!(child(case, "system-out").is_some(), failure.is_none(), "{name}");
    }
    let text = child(test_case(&junit, "red"), "failure").unwrap().text().unwrap();
    assert!(text.contains("replay: shop-check replay 'nn1:") && text.contains("draws part = 1"), "{text}");
    assert!(test_case(&junit, "red").attribute("file").unwrap().ends_with("scenarios.rs"));
}

#[test]
fn a_complete_shard_is_no_failure_in_junit() {
    let text = read(&written(&["--shard", "1/2"], &[sound()]), "junit.xml");
    let junit = Document::parse(&text).unwrap();
    assert_eq!(junit.root_element().attribute("failures"), Some("0"), "{text}");
    let told = test_case(&junit, "sound").descendants().find(|node| node.attribute("name") == Some("shard")).unwrap();
    assert_eq!(told.attribute("value"), Some("1/2"));
}

#[test]
fn no_message_breaks_a_file() {
    const HOSTILE: &str =
        "</failure>]]><![CDATA[ \"'&amp;\u{0}\u{1b}[31m\u{202e}\u{ffff}\r\n</script><img onerror=alert(1)>";
    let hostile = Scenario::new("<hostile> & \"quoted\"", || async { panic!("{HOSTILE}") });
    let folder = written(&[], &[hostile]);
    let text = read(&folder, "junit.xml");
    let junit = Document::parse(&text).unwrap_or_else(|error| panic!("{error}:\n{text}"));
    let case = test_case(&junit, "<hostile> & \"quoted\"");
    let message = child(case, "failure").unwrap().attribute("message").unwrap();
    assert!(message.contains("</failure>]]><![CDATA[ \"'&amp;␀␛[31m\u{202e}\u{fffd}"), "{message}");
    let report: serde_json::Value = serde_json::from_str(&read(&folder, "report.json")).unwrap();
    assert!(report["scenarios"][0]["failure"]["message"].as_str().unwrap().contains(HOSTILE));
}

#[test]
fn what_is_not_as_expected_is_an_annotation_beside_its_line() {
    let broken = Scenario::new("a, b: 100%", || async { always("ready, and\nwired: 100%", || false) });
    let scenarios = [sound(), red(), red_as_expected(), broken, goal_never_reached()];
    let report: Report = serde_json::from_str(&read(&written(&[], &scenarios), "report.json")).unwrap();
    let said = annotations::of(&report);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 3, "{said}");
    let place = "::error file=harness/tests/cli/scenarios.rs,line=";
    assert!(lines[0].replace("%5C", "/").starts_with(place), "{said}");
    assert!(
        lines[0].contains(",title=red%3A failed::ready means wired: does not hold%0Ashop-check replay 'nn1:red:"),
        "{said}"
    );
    assert!(
        lines[1].contains(",title=a%2C b%3A 100%25%3A failed::ready, and%0Awired: 100%25: does not hold%0A"),
        "{said}"
    );
    assert_eq!(lines[2], "::error title=no goal%3A vacuous::expected verified");
}

#[test]
fn only_whole_files_are_left_behind() {
    let folder = written(&[], &[sound(), red()]);
    let mut names: Vec<String> =
        folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let expected = ["junit.xml", "report.html", "report.json"];
    let expected: Vec<&str> =
        expected.into_iter().filter(|name| cfg!(feature = "html") || *name != "report.html").collect();
    assert_eq!(names, expected);
}

#[test]
fn a_file_that_cannot_be_replaced_leaves_no_draft_and_says_which_folder() {
    let folder = scratch();
    // A folder with something in it cannot be replaced by a file.
    std::fs::create_dir_all(folder.join("junit.xml/taken")).unwrap();
    let called = call(&["check", "--out", folder.to_str().unwrap()], &[sound()]);
    let problem = called.expect_err("refused").to_string();
    assert!(problem.contains(folder.to_str().unwrap()) && problem.contains("--out"), "{problem}");
    assert_eq!(folder.read_dir().unwrap().count(), 1, "nothing but what was there");
}
