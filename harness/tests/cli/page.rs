//! `report.html`, read as strictly as XML is: it is both.

use std::collections::BTreeSet;

use nevernone::report::Report;
use nevernone::{Scenario, event, millis, sometimes, spawn};
use roxmltree::{Document, Node, ParsingOptions};
use tokio::sync::Mutex;

use crate::files::{read, written};
use crate::scenarios::{endless, fault_never_fired, goal_never_reached, red, sound, with_lane, with_notes};
use crate::scratch;

/// What browsers must not take for markup, or turn round.
const HOSTILE: &str =
    "</td></script><script>alert(1)</script><img src=x onerror=alert(1)> &amp; \"' مرحبا 🦀 \u{202e}gnp.exe";

/// Two locks in two orders.
fn deadlock() -> Scenario {
    Scenario::new("two orders", || async {
        let locks = std::rc::Rc::new([Mutex::new(()), Mutex::new(())]);
        let clerk = |name, first: usize| {
            let locks = locks.clone();
            spawn(name, async move {
                let _first = locks[first].lock().await;
                let _second = locks[1 - first].lock().await;
            })
        };
        let clerks = [clerk("first clerk", 0), clerk("second clerk", 1)];
        for clerk in clerks {
            clerk.await;
        }
    })
}

/// The page, without the line of its document type.
fn page(scenarios: &[Scenario]) -> String {
    let text = read(&written(&["--jobs", "1", "--max-time", "10s"], scenarios), "report.html");
    let (first, rest) = text.split_once('\n').unwrap();
    assert_eq!(first, "<!DOCTYPE html>");
    rest.to_owned()
}

#[track_caller]
fn parsed(text: &str) -> Document<'_> {
    Document::parse_with_options(text, ParsingOptions { nodes_limit: 1_000_000, ..ParsingOptions::default() })
        .unwrap_or_else(|error| panic!("{error}"))
}

fn all<'a>(of: Node<'a, 'a>, name: &str) -> Vec<Node<'a, 'a>> {
    of.descendants().filter(|node| node.has_tag_name(name)).collect()
}

/// Everything that a reader sees in it, each run of blanks as one.
fn text(of: Node<'_, '_>) -> String {
    let parts: Vec<&str> = of.descendants().filter(Node::is_text).filter_map(|node| node.text()).collect();
    parts.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn of_class<'a>(of: Node<'a, 'a>, class: &str) -> Vec<Node<'a, 'a>> {
    let has =
        |node: &Node<'_, '_>| node.attribute("class").is_some_and(|classes| classes.split(' ').any(|one| one == class));
    of.descendants().filter(has).collect()
}

fn everything() -> Vec<Scenario> {
    vec![
        sound(),
        red(),
        endless().steps(3),
        goal_never_reached(),
        fault_never_fired(),
        with_lane(),
        with_notes(),
        deadlock(),
        Scenario::new(HOSTILE, || async {
            drop(spawn(HOSTILE, async { event(HOSTILE) }));
            sometimes(HOSTILE, false);
            tokio::time::sleep(millis(1)).await;
            panic!("{HOSTILE}\u{0}\u{1b}[31m");
        }),
    ]
}

#[test]
fn a_page_is_one_well_formed_file_that_loads_nothing() {
    let page = page(&everything());
    let document = parsed(&page);
    let root = document.root_element();
    let counted = ["script", "style", "title", "h1", "main", "img", "link", "iframe"].map(|name| all(root, name).len());
    assert_eq!(counted, [1, 1, 1, 1, 1, 0, 0, 0]);
    let ids: Vec<&str> = root.descendants().filter_map(|node| node.attribute("id")).collect();
    let distinct: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(distinct.len(), ids.len(), "every id is there once");
    for node in root.descendants() {
        for attribute in node.attributes() {
            let (name, value) = (attribute.name(), attribute.value());
            assert!(!name.starts_with("on") && name != "src", "{name}={value}");
            if name == "href" || name == "aria-labelledby" {
                assert!(distinct.contains(value.trim_start_matches('#')), "{name}={value} leads nowhere");
            }
        }
    }
    let style = all(root, "style")[0].text().unwrap();
    assert!(style.contains("prefers-color-scheme: dark") && style.contains("@media print"));
    assert!(!page.contains("url(") && !page.contains("://"), "something is loaded from elsewhere");
}

#[test]
fn names_and_messages_are_text_whatever_they_hold() {
    let page = page(&everything());
    let document = parsed(&page);
    let shown = text(document.root_element());
    let hostile = HOSTILE.split_whitespace().collect::<Vec<_>>().join(" ");
    // Link and heading, goal, task, event, message, end of the chart.
    assert!(shown.matches(&hostile).count() >= 6, "{shown}");
    assert!(shown.contains("␀␛[31m"), "{shown}");
}

#[test]
fn the_limits_come_before_any_verdict_and_bounds_stand_beside_each() {
    let page = page(&everything());
    let document = parsed(&page);
    let shown = text(all(document.root_element(), "body")[0]);
    let limit = shown.find("This is bounded search at await points on one thread, not a proof.").expect("the limits");
    assert!(limit < shown.find("verified").unwrap());
    let rows = all(of_class(document.root_element(), "summary")[0], "tr");
    let said: Vec<String> = rows[1..4].iter().map(|row| text(*row)).collect();
    let bounds = "at most 2 faults, 2 preemptions, 1 cancellation; no stalls";
    for (said, begins) in
        said.iter().zip(["sound verified 3", "red failed expected verified 2", "endless incomplete expected verified"])
    {
        assert!(said.starts_with(begins) && said.contains(bounds), "{said}");
    }
    for words in [
        "never",
        "whole polls in tokio's order",
        "a bound on cancellations is given",
        "a run was stopped after 3 steps",
    ] {
        assert!(shown.contains(words), "looked for `{words}`");
    }
}

#[test]
fn the_chart_has_a_lane_for_each_task_and_shows_what_was_chosen_and_who_waits() {
    let page = page(&[deadlock()]);
    let document = parsed(&page);
    let chart = of_class(document.root_element(), "chart")[0];
    let rows = all(chart, "tr");
    let told: Vec<String> = rows
        .iter()
        .map(|row| {
            let cells: Vec<String> = row.children().filter(Node::is_element).map(text).collect();
            cells.join(" | ").trim_end().to_owned()
        })
        .collect();
    let stable: Vec<String> = told.iter().map(|line| without_lines(line)).collect();
    insta::assert_snapshot!(stable.join("\n"), @r"
    step | time | choice | scenario | first clerk | second clerk
    1 | 0 ms |  | runs |  |
    from here on every continuation fails (all 2 were run)
    2 | 0 ms | preemption |  | is cut after 0 operations |
    3 * | 0 ms |  |  |  | runs (1 operation)
    4 | 0 ms |  |  | runs (1 operation) |
    for ever | waits since 0 ms at page.rs:LINE for the task `first clerk` | waits since 0 ms at page.rs:LINE | waits since 0 ms at page.rs:LINE
    fails: stuck
    ");
    let columns = |row: &Node<'_, '_>| -> u32 {
        let cells = row.children().filter(Node::is_element);
        cells.map(|cell| cell.attribute("colspan").map_or(1, |span| span.parse().unwrap())).sum()
    };
    assert!(rows.iter().all(|row| columns(row) == 6), "every row fills the table");
    let lines: Vec<&str> = of_class(document.root_element(), "copy").iter().filter_map(Node::text).collect();
    assert!(lines[0].starts_with("shop-check replay 'nn1:two%20orders:") && lines[0].contains(lines[1]), "{lines:?}");
}

/// Numbers of lines move with this file, and where its path begins depends on how it is built.
fn without_lines(line: &str) -> String {
    let mut parts = line.split("tests/cli/page.rs:");
    let first = parts.next().unwrap_or_default().trim_end_matches("harness/").to_owned();
    parts.fold(first, |text, part| {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        format!("{text}page.rs:LINE{}", rest.trim_end_matches("harness/"))
    })
}

#[test]
fn the_page_can_be_made_from_report_json_alone() {
    let folder = written(&["--jobs", "1", "--max-time", "10s"], &everything());
    let report: Report = serde_json::from_str(&read(&folder, "report.json")).unwrap();
    let again = scratch();
    report.write(&again).unwrap();
    for file in ["report.html", "junit.xml"] {
        assert_eq!(read(&again, file), read(&folder, file), "{file}");
    }
}

#[test]
fn a_section_reads_as_it_did() {
    let page = page(&[red()]);
    let section = page.split_once("<section").unwrap().1.split_once("</section>").unwrap().0;
    let token = section.split_once("replay 'nn1:").unwrap().1.split_once('\'').unwrap().0;
    let (before, time) = section.split_once("<dt>time</dt><dd>").unwrap();
    let section = format!("{before}<dt>time</dt><dd>TIME{}", &time[time.find('<').unwrap()..]);
    let section = section.replace(token, "TOKEN").replace('\\', "/");
    let line = section.split_once("scenarios.rs:").unwrap().1.split_once('<').unwrap().0.to_owned();
    let section = section.replace(&format!("scenarios.rs:{line}"), "scenarios.rs:LINE");
    // A line for each element that begins one.
    insta::assert_snapshot!(section.replace("><", ">\n<"));
}
