//! Each rule by itself; searches are made by hand where no scenario leads there.

use super::*;
use crate::campaign::check;
use crate::{choose, fault, fault_at, sometimes, spawn};

fn scenario() -> Scenario {
    Scenario::new("judged", || async {})
}

fn random() -> Options {
    Options { explorer: ExplorerChoice::Random { seed: 7, runs: 3 }, ..Options::default() }
}

fn in_shard() -> Options {
    Options { shard: Some(Shard::new(1, 2).unwrap()), ..Options::default() }
}

/// What `told` says of a search without a failure to which `found` was added.
fn of<T>(
    scenario: &Scenario,
    options: &Options,
    found: impl FnOnce(&mut Search<'_>),
    told: impl FnOnce(Search<'_>) -> T,
) -> T {
    let limits = Arc::new(Limits::new(options, Instant::now()));
    let mut search = Search::new(scenario, &limits);
    found(&mut search);
    told(search)
}

/// The verdict on a complete search.
fn verdict(options: &Options, found: impl FnOnce(&mut Search<'_>)) -> Verdict {
    let scenario = scenario();
    of(&scenario, options, found, |search| judge(&search, true, options, &scenario.bounds))
}

fn cut(search: &mut Search<'_>) {
    search.cut_short.push("stopped".to_owned());
}

fn lied(search: &mut Search<'_>) {
    search.note_uncontrolled(Uncontrolled::Course, None);
}

fn unreached(search: &mut Search<'_>) {
    search.tally.sometimes("never reached", false);
}

#[test]
fn what_failed_its_calibration_is_at_best_incomplete() {
    let options = Options::default();
    let calibration = Err::<(), _>("calibration: the tree of …".to_owned());
    assert_eq!(verdict(&options, |search| search.trust(calibration.clone())), Verdict::Incomplete);
    assert_eq!(verdict(&options, |search| search.trust(Ok(()))), Verdict::Verified);
    let both = |search: &mut Search<'_>| {
        unreached(search);
        search.trust(calibration.clone());
    };
    assert_eq!(verdict(&options, both), Verdict::Incomplete);
}

#[test]
fn nothing_that_was_cut_short_or_not_controlled_is_verified() {
    let options = Options::default();
    assert_eq!(verdict(&options, |_| ()), Verdict::Verified);
    assert_eq!(verdict(&options, cut), Verdict::Incomplete);
    assert_eq!(verdict(&options, lied), Verdict::Incomplete);
    assert_eq!(verdict(&options, unreached), Verdict::Vacuous);
    assert_eq!(verdict(&random(), |_| ()), Verdict::Sampled);
    assert_eq!(verdict(&random(), unreached), Verdict::Vacuous);
    assert_eq!(verdict(&in_shard(), unreached), Verdict::Incomplete, "another shard may reach it");
    let scenario = scenario();
    let incomplete = |search: Search<'_>| judge(&search, false, &options, &scenario.bounds);
    assert_eq!(of(&scenario, &options, |_| (), incomplete), Verdict::Incomplete);
}

#[test]
fn a_fault_that_never_fired_is_missed_where_the_bounds_admit_it() {
    let goal = |hits| [SometimesTally { name: "goal", hits }];
    let faults = |fired| [FaultTally { name: ("place", "err"), fired }];
    let admitting = scenario().bounds;
    assert!(!is_vacuous(&goal(1), &faults(1), &admitting));
    assert!(is_vacuous(&goal(0), &faults(1), &admitting));
    assert!(is_vacuous(&goal(1), &faults(0), &admitting));
    for closed in [Bounds { faults: Some(0), ..admitting }, Bounds { cost: Some(0), ..admitting }] {
        assert!(!is_vacuous(&goal(1), &faults(0), &closed));
        assert!(is_vacuous(&goal(0), &faults(0), &closed));
    }
}

#[test]
fn a_report_is_right_where_verdict_or_property_are_the_expected_ones() {
    let ok = |scenario: Scenario| check(&scenario, &Options::default()).ok;
    let failing = || Scenario::new("fails", || async { assert!(choose("first", 2) == 0, "drawn") });
    assert!(!ok(failing()) && ok(failing().expect(Verdict::Failed)));
    assert!(ok(failing().expect_failed_by("panic")) && !ok(failing().expect_failed_by("another")));
    assert!(ok(scenario()) && !ok(scenario().expect(Verdict::Failed)));
}

#[test]
fn a_sample_tells_its_seed_and_the_whole_tells_neither_shard_nor_units() {
    let scenario = Scenario::new("told", || async { assert!(choose("first", 3) < 3) });
    let sample = check(&scenario, &random());
    assert_eq!((&*sample.explorer, sample.seed, sample.runs), ("random", Some(7), 3));
    let whole = check(&scenario, &Options::default());
    assert_eq!((&*whole.explorer, whole.seed, whole.units.len()), ("exhaustive", None, 0));
    assert!(whole.shard.is_none() && whole.advice.is_none());
    #[expect(clippy::cast_precision_loss, reason = "as it is told")]
    let rate = whole.executions as f64 / whole.seconds;
    assert!((whole.runs_per_second - rate).abs() < rate * 1e-9, "{whole:?}");
}

#[test]
fn a_shard_is_complete_where_it_was_not_stopped_and_only_then_right_without_a_verdict() {
    let scenario = Scenario::new("told", || async { assert!(choose("first", 3) < 3) });
    let complete = check(&scenario, &in_shard());
    assert_eq!((complete.verdict, complete.ok, complete.advice), (Verdict::Incomplete, true, None));
    assert!(complete.shard.unwrap().complete && !complete.units.is_empty());
    let shard = |found: fn(&mut Search<'_>), complete| {
        let (verdict, bounds) = (Verdict::Incomplete, scenario.bounds);
        let outcome = Outcome { verdict, complete, bounds, estimate: None, seconds: 0.0 };
        let told = |search: Search<'_>| report(&scenario, &in_shard(), search, None, &outcome);
        let report = of(&scenario, &in_shard(), found, told);
        (report.shard.unwrap().complete, report.ok, report.advice.is_some())
    };
    assert_eq!(shard(|_| (), true), (true, true, false));
    assert_eq!(shard(|_| (), false), (false, false, true));
    assert_eq!(shard(cut, true), (false, false, true));
    assert_eq!(shard(lied, true), (false, false, true));
}

#[test]
fn a_bound_on_what_there_is_nothing_of_is_noted_after_a_search_that_looked_everywhere() {
    let asking = scenario().cancellations(1);
    let noted =
        |found: fn(&mut Search<'_>), verdict| of(&asking, &Options::default(), found, |s| notes(&asking, &s, verdict));
    let told = noted(|_| (), Verdict::Verified);
    assert!(told.len() == 1 && told[0].contains("a bound on cancellations is given"), "{told:?}");
    assert_eq!(noted(|search| search.tally.offer(Cost::Cancellation), Verdict::Verified).len(), 0);
    assert_eq!((noted(cut, Verdict::Incomplete).len(), noted(lied, Verdict::Incomplete).len()), (0, 0));
    let due = noted(|search| search.tally.events_came_due(), Verdict::Verified);
    assert!(due.len() == 2 && due[1].contains("`rest`"), "{due:?}");
    let elsewhere: fn(&mut Search<'_>) = |search| search.tally.declare("cache.open", &["err"]);
    let told = noted(elsewhere, Verdict::Verified);
    assert!(told.len() == 2 && told[1].contains("`cache.open`"), "{told:?}");
    assert_eq!(noted(elsewhere, Verdict::Vacuous).len(), 1, "the verdict itself says so");
    let unasked = scenario();
    assert_eq!(
        of(&unasked, &Options::default(), |_| (), |search| notes(&unasked, &search, Verdict::Verified)).len(),
        0
    );
}

#[test]
fn a_failure_is_told_without_notes() {
    let failing = Scenario::new("fails", || async {
        let _ = fault_at("cache.open").ok(|| ()).err(|| "refused");
        drop(spawn("beside", async { sometimes("goal", fault("place", &["err"]).is_some()) }));
        assert!(choose("first", 2) == 0, "drawn");
    });
    let report = check(&failing.crashes(1), &Options::default());
    assert_eq!((report.verdict, report.notes.len()), (Verdict::Failed, 0), "{:?}", report.notes);
}

#[test]
fn hash_seeds_are_spoken_of_where_they_cannot_be_fixed_and_runs_have_processes() {
    let told = |scenario: &Scenario, are_fixed| seeds(scenario, are_fixed).is_some();
    assert!(told(&scenario().isolated(), false));
    assert!(!told(&scenario().isolated(), true) && !told(&scenario(), true) && !told(&scenario(), false));
}

#[test]
fn a_step_that_hung_is_a_failure_if_it_did_so_twice_and_else_not_controlled() {
    let report = |scenario: &Scenario, autopsy| report_of_hang(scenario, &Options::default(), autopsy, Instant::now());
    let once = report(&scenario(), Autopsy::Unexplained("it came back".to_owned()));
    assert_eq!((once.verdict, once.ok, once.uncontrolled.len()), (Verdict::Incomplete, false, 1));
    assert!(once.failure.is_none());
    let failing = Scenario::new("fails", || async { assert!(choose("first", 2) == 0, "drawn") });
    let failure = check(&failing, &Options::default()).failure.unwrap();
    let twice = |scenario: &Scenario| report(scenario, Autopsy::Confirmed(Box::new(failure.clone())));
    let unexpected = twice(&scenario());
    assert_eq!((unexpected.verdict, unexpected.ok), (Verdict::Failed, false));
    assert_eq!(unexpected.failure.map(|told| told.token), Some(failure.token.clone()));
    assert!(twice(&scenario().expect_failed_by("panic")).ok && !twice(&scenario().expect_failed_by("another")).ok);
}

#[test]
fn nobody_expects_the_death_of_the_process() {
    let report = report_of_death(&scenario().expect(Verdict::Failed), &Options::default());
    assert_eq!((report.verdict, report.ok), (Verdict::Failed, false));
}
