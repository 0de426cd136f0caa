//! Explorers, tokens and reports that meet the lane.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use nevernone::campaign::{ESTIMATE_DESCENTS, Options, check, estimate, replay, run_once};
use nevernone::explore::Bytes;
use nevernone::report::terminal;
use nevernone::{Ending, Scenario, Verdict, any_moment};
use tokio::task::yield_now;

use super::{ALL, beside, yields};
use crate::search;

#[test]
fn a_token_replays_the_lanes_steps_every_time() {
    let scenario = Scenario::new("two late polls", || async {
        let log = Arc::new(Mutex::new(String::new()));
        let writes = Arc::clone(&log);
        drop(tokio::spawn(async move {
            for _ in 0..4 {
                writes.lock().unwrap().push('s');
                yield_now().await;
            }
        }));
        for _ in 0..4 {
            log.lock().unwrap().push('c');
            yield_now().await;
        }
        assert_ne!(*log.lock().unwrap(), "cscscssc", "the one order that is wrong");
    });
    let report = check(&scenario, &Options::default());
    let failure = report.failure.expect("found");
    assert_eq!(failure.cost, 1);
    let token = failure.token.parse().unwrap();
    let first = replay(&scenario, &token).unwrap();
    let polls = first.timeline.iter().filter(|entry| entry.actor == "lane").count();
    assert_eq!(polls, 4 + 1, "and what the runtime drops: {}", terminal::timeline(&first.timeline));
    for _ in 0..100 {
        let again = replay(&scenario, &token).unwrap();
        assert!(!again.drifted && again.timeline == first.timeline && again.ending == first.ending);
    }
}

#[test]
fn the_lane_is_told_as_a_bound() {
    let report = search(&beside(2, &[1, 1]));
    let told = "lane: up to 2 tasks of `tokio::spawn`, whole polls in tokio's order \
                (`nevernone::tokio` cuts and reorders them)";
    assert_eq!(terminal::lane(&report).as_deref(), Some(told));
    assert_eq!(serde_json::to_value(&report).unwrap()["lane"], 2);
    assert_eq!(terminal::lane(&search(&beside(2, &[]))), None);
}

#[test]
fn estimates_and_samples_know_the_lane() {
    let scenario = beside(5, &[5]);
    let (mean, half_width) = estimate(&scenario, ALL, ESTIMATE_DESCENTS);
    assert!((mean - 252.0).abs() < 15.0, "{mean} ± {half_width}, and there are 10! / (5! 5!)");
    let moment = Scenario::new("event", || async {
        drop(tokio::spawn(yields(4)));
        any_moment("event").await;
        yields(3).await;
    });
    let runs = f64::from(u32::try_from(search(&moment.clone().within(ALL)).runs).unwrap());
    let (mean, half_width) = estimate(&moment, ALL, ESTIMATE_DESCENTS);
    assert!((mean - runs).abs() < 0.05 * runs, "{mean} ± {half_width}, and there are {runs}");
    let explorer = nevernone::campaign::ExplorerChoice::Random { seed: 7, runs: 20_000 };
    let report = check(&scenario, &Options { explorer, ..Options::default() });
    assert_eq!((report.verdict, report.runs), (Verdict::Sampled, 252));
}

#[test]
fn every_input_of_a_fuzzer_is_a_run() {
    let mut seen = BTreeSet::new();
    for pattern in 0..4_096_u32 {
        let bytes: Vec<u8> = (0..12).map(|at| u8::from(pattern >> at & 1 == 1)).collect();
        let run = run_once(&beside(3, &[3]), Bytes::new(bytes.clone(), ALL)).unwrap();
        assert_eq!(run.ending, Ending::Passed, "{bytes:?}");
        // A fuzzer may cut a poll that yields, which an exhaustive search knows to be the same run.
        seen.extend(Some(run.token.to_string()).filter(|token| !token.contains("cut")));
    }
    assert_eq!(seen.len(), 20, "6! / (3! 3!)");
}
