//! What a search may say, and when.

use nevernone::campaign::{ExplorerChoice, Options, check, replay};
use nevernone::report::terminal;
use nevernone::{Ending, Scenario, Verdict, choose, fault, fault_at, sometimes, spawn};
use tokio::sync::Semaphore;
use tokio::task::yield_now;

use crate::search;

#[test]
fn a_goal_that_is_never_reached_is_vacuous_and_named() {
    let report = search(&Scenario::new("goal", || async { sometimes("pigs fly", choose("a", 3) == 3) }));
    assert_eq!((report.verdict, report.exit_code()), (Verdict::Vacuous, 4));
    assert!(terminal::story(&report, "").contains("pigs fly"));
}

#[test]
fn a_declared_fault_that_never_fires_is_vacuous_if_the_bounds_admit_it() {
    // The second place is only met when the one fault has been spent.
    let scenario = Scenario::new("second fault", || async {
        if fault("first", &["err"]).is_some() {
            let _ = fault("second", &["err"]);
        }
    });
    let report = search(&scenario.clone().faults(1));
    assert_eq!(report.verdict, Verdict::Vacuous);
    assert!(terminal::story(&report, "").contains("second=err"));
    assert_eq!(search(&scenario.clone().faults(2)).verdict, Verdict::Verified);
    assert_eq!(search(&scenario.faults(0)).verdict, Verdict::Verified);
}

#[test]
fn a_described_place_that_the_code_never_comes_to_is_vacuous() {
    let report = search(&Scenario::new("misspelt place", || async {
        let _ = fault_at("db.conect").ok(|| 1_u8).err(|| "refused").only(&["err"]);
        let connected = nevernone_point::point("db.connect", async { Ok::<u8, &str>(1) }).await;
        assert!(connected.is_ok());
    }));
    assert_eq!(report.verdict, Verdict::Vacuous);
    let story = terminal::story(&report, "");
    assert!(story.contains("no code came to `db.conect`; it came to `db.connect`"), "{story}");
}

#[test]
fn a_failure_has_a_token_and_outranks_vacuity() {
    let report = search(&Scenario::new("both", || async {
        sometimes("never", false);
        assert_ne!(choose("a", 3), 2, "two was drawn");
    }));
    assert_eq!((report.verdict, report.exit_code()), (Verdict::Failed, 1));
    let failure = report.failure.unwrap();
    assert!(failure.token.starts_with("nn1:both:"), "{}", failure.token);
    assert!(failure.message.contains("two was drawn"), "{}", failure.message);
    assert_eq!(failure.file.as_deref(), Some(file!()));
}

#[test]
fn an_expected_failure_is_green_until_it_stops_failing() {
    let failing = |bound: u32| {
        let body = move || async move { assert!(choose("a", bound) < 2) };
        search(&Scenario::new("expected", body).expect(Verdict::Failed))
    };
    let (failed, stopped) = (failing(3), failing(2));
    assert_eq!((failed.verdict, failed.ok, failed.exit_code()), (Verdict::Failed, true, 0));
    assert_eq!((stopped.verdict, stopped.ok, stopped.exit_code()), (Verdict::Verified, false, 1));
}

#[test]
fn a_random_failure_has_a_token_that_replays() {
    let scenario = Scenario::new("cut or not", || async {
        drop(spawn("beside", yield_now()));
        let semaphore = Semaphore::new(9);
        for _ in 0..3 {
            semaphore.acquire().await.expect("never closed").forget();
        }
        assert!(choose("a", 6) < 5 || fault("place", &["err"]).is_none(), "found");
    });
    for seed in 0..50 {
        let options = Options { explorer: ExplorerChoice::Random { seed, runs: 2_000 }, ..Options::default() };
        let report = check(&scenario, &options);
        let token = report.failure.as_ref().unwrap_or_else(|| panic!("{report:#?}")).token.parse().unwrap();
        let replayed = replay(&scenario, &token).unwrap();
        assert!(matches!(replayed.ending, Ending::Failed(_)) && !replayed.drifted, "seed {seed}: {replayed:?}");
    }
}

#[test]
fn equal_seeds_find_equal_failures() {
    let scenario = Scenario::new("needle", || async { assert!(choose("a", 40) != 17, "found") });
    let token = |seed| {
        let explorer = ExplorerChoice::Random { seed, runs: 1_000 };
        check(&scenario, &Options { explorer, ..Options::default() }).failure.expect("found").token
    };
    assert_eq!(token(5), token(5));
}

/// Fails where value 0 of the first draw meets `dear` faults, or value 1 meets `cheap` ones: in lexicographic order
/// the dear failure comes first.
fn dear_before_cheap(dear: usize, cheap: usize) -> Scenario {
    Scenario::new("dear before cheap", move || async move {
        let needed = if choose("which", 2) == 0 { dear } else { cheap };
        let fired = (0..dear).filter(|_| fault("place", &["err"]).is_some()).count();
        assert!(fired < needed, "{needed} faults");
    })
}

#[test]
fn the_cheapest_failure_is_told_by_the_probes() {
    let failure = search(&dear_before_cheap(2, 1).faults(4)).failure.unwrap();
    assert_eq!((failure.cost, failure.message.contains("1 faults")), (1, true), "{}", failure.message);
}

#[test]
fn the_cheapest_failure_is_told_by_branch_and_bound() {
    // Both cost more than the probes look at.
    let failure = search(&dear_before_cheap(5, 3).faults(9)).failure.unwrap();
    assert_eq!((failure.cost, failure.message.contains("3 faults")), (3, true), "{}", failure.message);
}

#[test]
fn of_the_cheapest_failures_the_lexicographically_least_is_told() {
    let scenario = Scenario::new("two equal ones", || async {
        let fired: Vec<bool> = (0..4).map(|_| fault("place", &["err"]).is_some()).collect();
        assert!(fired.iter().filter(|fired| **fired).count() < 3, "{fired:?}");
    });
    let failure = search(&scenario.faults(9)).failure.unwrap();
    // The first free draw comes first, and the faults fire as late as they can.
    assert!(failure.message.contains("[false, true, true, true]"), "{}", failure.message);
}

#[test]
fn bounds_prune_and_do_not_shape() {
    let scenario = Scenario::new("a failure at one fault", || async {
        for task in ["a", "b"] {
            drop(spawn(task, yield_now()));
        }
        assert!(fault("place", &["err", "late"]).is_none_or(|fault| fault.kind != "late"), "late");
    });
    let token = |faults: u32| search(&scenario.clone().faults(faults)).failure.expect("found").token;
    assert_eq!(token(1), token(5));
}
