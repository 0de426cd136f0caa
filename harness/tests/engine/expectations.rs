//! What a scenario expects and asks for: failures by name, and bounds that nothing answers to.

use nevernone::report::terminal;
use nevernone::{
    Scenario, Verdict, cancellable, choose, fake, fault, fault_at, may_panic, require, restartable, sometimes,
};
use nevernone_point::point;
use tokio::task::yield_now;

use crate::search;

fn fails_by(property: &'static str) -> Scenario {
    Scenario::new("fails", move || async move { require(property, choose("a", 2) == 0) })
}

#[test]
fn a_failure_by_the_named_property_is_as_expected() {
    let report = search(&fails_by("the incident").expect_failed_by("the incident"));
    assert_eq!((report.verdict, report.ok, report.exit_code()), (Verdict::Failed, true, 0));
    assert_eq!(report.expected_property.as_deref(), Some("the incident"));
}

#[test]
fn a_failure_by_another_property_is_red() {
    let report = search(&fails_by("a slip in the test").expect_failed_by("the incident"));
    assert_eq!((report.verdict, report.ok, report.exit_code()), (Verdict::Failed, false, 1));
    assert_eq!(terminal::expectation(&report), "failed by `the incident`");
}

#[test]
fn no_failure_at_all_is_red_too() {
    let report = search(&Scenario::new("repaired", || async {}).expect_failed_by("the incident"));
    assert_eq!((report.verdict, report.ok, report.exit_code()), (Verdict::Verified, false, 1));
}

#[test]
fn any_failure_will_do_where_none_is_named() {
    assert!(search(&fails_by("whatever").expect(Verdict::Failed)).ok);
    assert!(!search(&fails_by("whatever")).ok);
}

#[nevernone::test(panics = 0, crashes = 0, expect_failed_by = "no two")]
async fn the_attribute_names_the_property_and_all_bounds() {
    require("no two", choose("a", 3) < 2);
}

#[test]
fn bounds_that_nothing_answers_to_are_told_and_not_red() {
    let scenario = Scenario::new("nothing to choose", || async { yield_now().await });
    let asked = scenario.faults(1).cancellations(1).panics(1).crashes(1);
    let report = search(&asked);
    assert_eq!((report.verdict, report.ok), (Verdict::Verified, true));
    let means = ["fault_at", "cancellable", "may_panic", "restartable"];
    assert_eq!(report.notes.len(), means.len(), "{:?}", report.notes);
    for (note, means) in report.notes.iter().zip(means) {
        assert!(note.contains(means), "{note}");
    }
    assert!(terminal::story(&report, "").contains(&report.notes[0]));
}

#[test]
fn bounds_that_are_defaults_or_none_are_not_told() {
    let nothing = || Scenario::new("nothing to choose", || async { yield_now().await });
    assert_eq!(search(&nothing()).notes, Vec::<String>::new());
    assert_eq!(search(&nothing().cancellations(1).cancellations(0).panics(0)).notes, Vec::<String>::new());
}

#[test]
fn bounds_that_something_answers_to_are_not_told() {
    let scenario = Scenario::new("all of them", || async {
        let _ = fault("place", &["err"]);
        let _ = cancellable("work", yield_now()).await;
        restartable("platform", yield_now).await;
        may_panic("more work", yield_now()).await;
    });
    let report = search(&scenario.faults(1).cancellations(1).panics(1).crashes(1));
    assert_eq!((report.verdict, report.notes), (Verdict::Verified, Vec::new()));
}

#[test]
fn a_search_that_found_something_or_did_not_look_everywhere_has_no_notes() {
    let failed = search(&fails_by("whatever").faults(1));
    let endless = || async {
        loop {
            yield_now().await;
        }
    };
    let cut_short = search(&Scenario::new("endless", endless).steps(20).faults(1));
    assert_eq!((failed.verdict, cut_short.verdict), (Verdict::Failed, Verdict::Incomplete));
    assert_eq!((failed.notes, cut_short.notes), (Vec::new(), Vec::new()));
}

#[test]
fn panics_and_crashes_are_printed_where_there_are_any() {
    let report = search(&Scenario::new("plain", || async { sometimes("it ran", true) }));
    assert!(!terminal::bounds_of(&report).contains("panics"), "{}", terminal::bounds_of(&report));
    let report = search(&Scenario::new("dies", || may_panic("work", yield_now())));
    assert!(terminal::bounds_of(&report).ends_with("stalls≤0 panics≤1"), "{}", terminal::bounds_of(&report));
    let report = search(&Scenario::new("crashes", || restartable("work", yield_now)).crashes(2));
    assert!(terminal::bounds_of(&report).ends_with("stalls≤0 crashes≤2"), "{}", terminal::bounds_of(&report));
}

/// Describes one place, and comes to another.
fn misspelt() -> Scenario {
    Scenario::new("misspelt", || async {
        fault_at("db.conect").ok(|| 1_u8).err(|| "refused");
        let none: Result<u8, &str> = point("db.connect", async { Ok(1) }).await;
        assert_eq!(none, Ok(1));
    })
}

#[test]
fn a_place_that_no_code_comes_to_is_told_even_where_no_fault_could_fire() {
    const TOLD: &str = "no code came to `db.conect`; it came to `db.connect`";
    for scenario in [misspelt().faults(0), misspelt().cost(0), misspelt().faults(0).preemptions(0)] {
        let report = search(&scenario);
        assert_eq!((report.verdict, report.notes.as_slice()), (Verdict::Verified, &[TOLD.to_owned()][..]));
        assert!(terminal::story(&report, "").contains(TOLD));
    }
    // Where it could, the verdict says so, and says it once.
    let report = search(&misspelt());
    assert_eq!((report.verdict, report.notes.as_slice()), (Verdict::Vacuous, &[][..]));
    assert_eq!(terminal::story(&report, "").matches(TOLD).count(), 1);
}

#[test]
fn a_place_that_code_comes_to_is_not_told() {
    let report = search(
        &Scenario::new("well spelt", || async {
            let database = fake("db.connect").ok(|| 1_u8).err(|| "refused");
            fault_at("cache.connect").ok(|| 1_u8).err(|| "refused");
            let cached = point("cache.connect", async { Ok::<u8, &str>(2) }).await;
            assert_eq!((database.call().await, cached), (Ok(1), Ok(1)));
        })
        .faults(0),
    );
    assert_eq!((report.verdict, report.notes), (Verdict::Verified, Vec::new()));
}
