//! What exploring costs: `startup/bridge-vs-startup` on one core, searched with everything on (every draw recorded and
//! hashed, properties checked after each step, executions doubled), beside the same production futures in a plain
//! first-come-first-served loop: tokio's own current-thread runtime with a paused clock, a fresh one per run.
//!
//! Both live through the same faults: at most two in a run, at any of its creations.

use std::{
    panic::resume_unwind,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use cpu_time::ProcessTime;
use divan::{Bencher, counter::ItemsCount};
use nevernone::{
    Scenario, Verdict,
    campaign::{BoundsOverride, Options, check},
};
use nevernone_reference::{
    bridge::Bridge,
    env::TokioEnv,
    manager::{BoxFuture, Candidate, CreateError, Limits, ManagerCell, ManagerFactory, Part},
    scenarios::named,
    startup::obtain_manager,
};
use tokio::runtime::Builder;

/// The faults that the scenario's factory has, besides `None` for none.
const KINDS: usize = 5;
/// No third fault, so that the fourth creation is fine at the latest.
const PLANNED: usize = 3;

fn main() {
    divan::main();
    print_cost_of_exploring();
}

/// What divan's table does not say: a run's and a step's cost, and what is left of it when the plain loop's is taken off.
#[expect(clippy::cast_precision_loss, reason = "rates for people")]
fn print_cost_of_exploring() {
    let (scenario, options) = (scenario(), options());
    let (mut explored, mut plain) = (f64::INFINITY, f64::INFINITY);
    let mut steps_of_a_run = 0.0;
    // The best of each, since other work on the machine only ever takes away.
    for _ in 0..ROUNDS {
        let started = ProcessTime::now();
        let report = check(&scenario, &options);
        explored = explored.min(started.elapsed().as_secs_f64() / report.executions as f64);
        steps_of_a_run = report.steps as f64 / report.executions as f64;
        let started = ProcessTime::now();
        let plans = plans();
        for plan in &plans {
            run(*plan);
        }
        plain = plain.min(started.elapsed().as_secs_f64() / plans.len() as f64);
    }
    let micros = |seconds: f64| seconds * 1e6;
    println!(
        "explored {:.2} µs a run, {:.0} ns a step ({steps_of_a_run:.1} steps a run); plain {:.2} µs a run: exploring adds \
         {:.2} µs a run, {:.0} ns a step; plain/explored {:.2}",
        micros(explored),
        micros(explored) * 1e3 / steps_of_a_run,
        micros(plain),
        micros(explored - plain),
        micros(explored - plain) * 1e3 / steps_of_a_run,
        plain / explored,
    );
}

/// How often each is measured for the line below the table.
const ROUNDS: u32 = 10;

fn scenario() -> Scenario {
    named("startup/bridge-vs-startup").expect("it is listed")
}

/// Everything within two faults and one preemption: a number of executions that is the same every time.
fn options() -> Options {
    let bounds = BoundsOverride { faults: Some(2), preemptions: Some(1), ..BoundsOverride::default() };
    Options { bounds, ..Options::default() }
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn explored(bencher: Bencher<'_, '_>) {
    let (scenario, options) = (scenario(), options());
    let search = || {
        let report = check(&scenario, &options);
        // Two faults do not make anybody give up, and the scenario says so; what counts is that nothing was left out.
        assert_eq!((report.verdict, report.failure.is_some()), (Verdict::Vacuous, false));
        report.executions
    };
    let executions = search();
    bencher.counter(ItemsCount::new(executions)).bench_local(search);
}

/// One run for each of the fault plans.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn plain_loop(bencher: Bencher<'_, '_>) {
    let plans = plans();
    let all = || {
        for plan in &plans {
            run(*plan);
        }
    };
    bencher.counter(ItemsCount::new(plans.len())).bench_local(all);
}

type Plan = [Option<usize>; PLANNED];

/// Every plan with at most two faults.
fn plans() -> Vec<Plan> {
    let kinds = || std::iter::once(None).chain((0..KINDS).map(Some));
    let all = kinds().flat_map(|a| kinds().flat_map(move |b| kinds().map(move |c| [a, b, c])));
    all.filter(|plan| plan.iter().flatten().count() <= 2).collect()
}

/// The bridge's three attempts beside the startup's over one cell, and a look at the cell in between.
fn run(plan: Plan) {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
    runtime.block_on(async {
        let (cell, factory) = (Arc::new(ManagerCell::new()), Planned::new(plan));
        let env = TokioEnv::new();
        let bridge = Bridge::new(env.clone(), Arc::clone(&cell), factory.clone());
        let bridging = tokio::spawn(async move { bridge.initialize().await });
        let starting = tokio::spawn({
            let (cell, factory) = (Arc::clone(&cell), Arc::clone(&factory));
            async move { obtain_manager(&env, &cell, &*factory).await }
        });
        tokio::task::yield_now().await;
        let seen = cell.get().cloned();
        assert!(seen.is_none_or(|manager| manager.probe().is_ok()), "met a manager that delivers nothing");
        let (bridged, started) = (bridging.await.expect("no panic"), starting.await.expect("no panic"));
        assert_eq!(bridged.is_ok() || started.is_ok(), cell.get().is_some());
    });
}

/// Makes managers by a plan, and complete ones after it; in everything else the scenario's own factory.
struct Planned {
    plan: Plan,
    begun: AtomicUsize,
}

impl Planned {
    fn new(plan: Plan) -> Arc<Self> {
        Arc::new(Planned { plan, begun: AtomicUsize::new(0) })
    }
}

impl ManagerFactory for Planned {
    fn create(&self) -> BoxFuture<'static, Result<Option<Candidate>, CreateError>> {
        // Relaxed: one thread.
        let creation = self.begun.fetch_add(1, Ordering::Relaxed);
        let kind = self.plan.get(creation).copied().flatten();
        Box::pin(async move {
            tokio::task::consume_budget().await;
            outcome(kind).await
        })
    }
}

async fn outcome(kind: Option<usize>) -> Result<Option<Candidate>, CreateError> {
    let complete = || Candidate::complete(Limits::default());
    match kind {
        None => Ok(Some(complete())),
        Some(0) => Ok(None),
        Some(1) => Ok(Some(complete().without(Part::SendToThread))),
        Some(2) => Err(CreateError::new("the connection table could not be allocated")),
        Some(3) => resume_unwind(Box::new("planned")),
        Some(_) => {
            tokio::time::sleep(Duration::from_millis(70)).await;
            Ok(Some(complete()))
        }
    }
}
