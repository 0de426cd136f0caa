//! One cell, searched by each tool to the end, or until time is up.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use nevernone::campaign::{Options, check};
use nevernone::explore::Bounds;
use nevernone::{Scenario, Verdict, fault, spawn};

use crate::callers::{Asked, Case};
use crate::cells::Retryable;

/// What a search came to.
#[derive(Debug, Clone, Copy)]
pub struct Searched {
    /// What was executed.
    pub executions: u64,
    /// Distinct executions; `None` where the tool does not tell them apart.
    pub runs: Option<u64>,
    /// How long it took.
    pub time: Duration,
    /// Everything that the tool models was executed.
    pub finished: bool,
}

/// How the initialisations that fail are picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failing {
    /// The first ones.
    First,
    /// Any, as the explorer chooses, up to so many.
    Chosen,
}

/// The case as a scenario of nevernone: every order of polls, and every poll cut after any of its operations.
pub fn scenario<C: Retryable>(case: Case, failing: Failing) -> Scenario {
    let Case { callers, failures } = case;
    let fails = move |number: u32| match failing {
        Failing::First => number <= failures,
        Failing::Chosen => fault("initialise", &["err"]).is_some(),
    };
    let body = move || async move {
        let asked = Asked::<C>::new();
        let others: Vec<_> = (1..callers).map(|_| spawn("caller", asked.clone().ask(fails))).collect();
        asked.clone().ask(fails).await;
        for other in others {
            other.await;
        }
        asked.agree().await;
    };
    let bounds = Bounds { stalls: Some(0), faults: Some(failures), ..Bounds::unbounded() };
    Scenario::new(format!("{callers} callers, {failures} failures"), body).within(bounds)
}

/// nevernone's exhaustive search, with everything on: history, doubled executions, probes of the cheap costs.
///
/// # Panics
/// If the case fails.
pub fn nevernone<C: Retryable>(case: Case, failing: Failing, limit: Duration) -> Searched {
    let scenario = scenario::<C>(case, failing);
    let started = Instant::now();
    let report = check(&scenario, &Options { max_time: Some(limit), ..Options::default() });
    assert!(report.failure.is_none(), "{:?}", report.failure);
    Searched {
        executions: report.executions,
        runs: Some(report.runs),
        time: started.elapsed(),
        finished: report.verdict == Verdict::Verified,
    }
}

/// shuttle's depth-first search; each caller is a task of its executor.
///
/// # Panics
/// If the case fails.
pub fn shuttle<C: Retryable + Send + Sync>(case: Case, limit: Duration) -> Searched {
    let mut config = shuttle::Config::new();
    config.max_time = Some(limit);
    config.silence_warnings = true;
    let runner = shuttle::Runner::new(shuttle::scheduler::DfsScheduler::new(None, false), config);
    let started = Instant::now();
    let executions = runner.run(move || {
        let fails = move |number: u32| number <= case.failures;
        shuttle::future::block_on(async move {
            let asked = Asked::<C>::new();
            let caller = |_| {
                let asked = asked.clone();
                shuttle::future::spawn_local(asked.ask(fails))
            };
            let others: Vec<_> = (1..case.callers).map(caller).collect();
            asked.clone().ask(fails).await;
            for other in others {
                other.await.expect("a caller does not panic");
            }
            asked.agree().await;
        });
    });
    let time = started.elapsed();
    // shuttle stops without a word when time is up.
    Searched { executions: executions as u64, runs: None, time, finished: time < limit }
}

/// loom's search without a bound on preemptions; each caller is a thread, since loom has no executor.
///
/// # Panics
/// If the case fails.
pub fn loom<C: Retryable + Send + Sync>(case: Case, limit: Duration) -> Searched {
    let executions = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&executions);
    let mut builder = loom::model::Builder::new();
    builder.max_branches = 100_000;
    builder.preemption_bound = None;
    builder.max_permutations = None;
    builder.max_duration = Some(limit);
    // It looks at the clock as often as it would write a checkpoint.
    builder.checkpoint_interval = 1;
    let started = Instant::now();
    builder.check(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        let fails = move |number: u32| number <= case.failures;
        let asked = Asked::<C>::new();
        let caller = |_| {
            let asked = asked.clone();
            loom::thread::spawn(move || loom::future::block_on(asked.ask(fails)))
        };
        let others: Vec<_> = (1..case.callers).map(caller).collect();
        loom::future::block_on(asked.clone().ask(fails));
        for other in others {
            other.join().expect("a caller does not panic");
        }
        loom::future::block_on(asked.agree());
    });
    let time = started.elapsed();
    // loom stops without a word when time is up.
    Searched { executions: executions.load(Ordering::Relaxed), runs: None, time, finished: time < limit }
}
